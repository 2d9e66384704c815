import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { locationError, parseStorageLocation } from "../../src/location-parse.ts";
import type { Location } from "../../src/location.ts";
import { streamOf, utf8, type ByteStream } from "../../src/std/bytes.ts";
import { openAzureStore } from "../../src/storage/azure.ts";
import { openGcsStore } from "../../src/storage/gcs.ts";
import { AzureBlobEmulator } from "../emulators/azure-blob.ts";
import { GcsEmulator } from "../emulators/gcs.ts";

const BODY = (): ByteStream => streamOf(utf8("some text"));

function locationOf(uri: string): Location {
  const parsed = parseStorageLocation(uri);
  if (!parsed.ok) throw locationError(parsed.error);
  return parsed.value;
}

describe("Google Cloud Storage: who is asking", () => {
  const open = (emulator: GcsEmulator, parameters: Readonly<Record<string, string>>): ReturnType<typeof openGcsStore> =>
    openGcsStore(
      locationOf(emulator.uri("/p", parameters).replaceAll("+", "%20")),
      { variables: {} },
      { storage: emulator.server.origin, impersonation: emulator.server.origin },
    );

  it("signs its own tokens with a service account's key", async () => {
    await using emulator = await GcsEmulator.start();
    await using store = await open(emulator, { CREDENTIALS: emulator.credentials });
    await store.put("a", BODY());
    await store.put("large", streamOf(new Uint8Array(9_000_000)));
    assert.deepEqual([...emulator.files.keys()], ["p/a", "p/large"]);
  });

  it("says that a token is refused", async () => {
    await using emulator = await GcsEmulator.start();
    await using store = await open(emulator, { BEARER_TOKEN: "another" });
    const work = [store.put("a", BODY()), store.put("b", streamOf(new Uint8Array(9_000_000))), store.head("a")];
    for (const one of await Promise.allSettled(work)) {
      assert.equal(one.status, "rejected");
      const { code, message } = one.reason as { code: string; message: string };
      assert.equal(code, "location/credentials");
      assert.match(message, /the credentials are refused or have expired$/u);
    }
  });

  it("impersonates the last service account by way of those before it", async () => {
    await using emulator = await GcsEmulator.start();
    const parameters = { BEARER_TOKEN: "token-of-the-emulator", ASSUME_ROLE: "hop@p.iam, last@p.iam" };
    await using store = await open(emulator, parameters);
    await store.put("a", BODY());
    assert.equal(emulator.impersonations[0], "last@p.iam by way of projects/-/serviceAccounts/hop@p.iam");
    emulator.denied.add("impersonate");
    await using refused = await open(emulator, parameters);
    await assert.rejects(refused.put("b", BODY()), {
      code: "storage/denied",
      message: /ASSUME_ROLE may not be impersonated$/u,
    });
  });

  it("goes to STORAGE_EMULATOR_HOST, which the library reads too", async () => {
    await using emulator = await GcsEmulator.start();
    for (const host of [emulator.server.origin, new URL(emulator.server.origin).host]) {
      process.env["STORAGE_EMULATOR_HOST"] = host;
      try {
        await using store = await openGcsStore(locationOf(emulator.uri("/p")), { variables: process.env });
        await store.put("a", BODY());
        await store.put("large", streamOf(new Uint8Array(9_000_000)));
        assert.equal((await store.head("a"))?.bytes, 9);
        assert.equal((await Array.fromAsync(store.list(""))).length, 2);
      } finally {
        delete process.env["STORAGE_EMULATOR_HOST"];
      }
    }
  });

  it("names the project that pays in every request", async () => {
    await using emulator = await GcsEmulator.start();
    const parameters = { BEARER_TOKEN: "token-of-the-emulator", GOOGLE_BILLING_PROJECT: "payer" };
    await using store = await open(emulator, parameters);
    await store.put("a", BODY());
    await store.put("large", streamOf(new Uint8Array(9_000_000)));
    await Array.fromAsync(await store.get("a"));
    await Array.fromAsync(store.list(""));
    await store.delete("a");
    const asked = emulator.server.requests.filter(({ path }) => path.includes("/storage/v1/"));
    assert.ok(asked.length >= 6);
    for (const { target, query } of asked) assert.equal(query.get("userProject"), "payer", target);
  });

  it("says that there is no such bucket", async () => {
    await using emulator = await GcsEmulator.start();
    const uri = emulator.uri("/p").replace("gs://bucket", "gs://elsewhere");
    await using store = await openGcsStore(locationOf(uri), { variables: {} }, { storage: emulator.server.origin });
    for (const work of [() => store.put("a", BODY()), () => Array.fromAsync(store.list("")), () => store.head("a")])
      await assert.rejects(work(), { code: "storage/not-found", message: /there is no bucket elsewhere$/u });
  });
});

describe("Azure Blob Storage: who is asking", () => {
  const PRINCIPAL = { AZURE_TENANT_ID: "tenant", AZURE_CLIENT_ID: "client", AZURE_CLIENT_SECRET: "client secret" };
  const open = (
    emulator: AzureBlobEmulator,
    parameters?: Readonly<Record<string, string>>,
  ): ReturnType<typeof openAzureStore> => {
    const { origin, certificate } = emulator.server;
    return openAzureStore(
      locationOf(emulator.uri("/p", parameters)),
      { variables: { AZURE_STORAGE_ENDPOINT: emulator.endpoint }, certificates: certificate },
      { authority: { url: origin, ca: certificate } },
    );
  };

  it("logs a service principal in", async () => {
    await using emulator = await AzureBlobEmulator.start({ tls: true });
    await using store = open(emulator, PRINCIPAL);
    await store.put("a", BODY());
    assert.equal((await store.head("a"))?.bytes, 9);
    assert.equal(emulator.logins.length, 1);
    assert.match(emulator.logins[0] ?? "", /^tenant client https:\/\/storage\.azure\.com\/\.default/u);
  });

  it("says that a service principal is refused", async () => {
    await using emulator = await AzureBlobEmulator.start({ tls: true });
    await using store = open(emulator, { ...PRINCIPAL, AZURE_CLIENT_SECRET: "another secret" });
    await assert.rejects(store.put("a", BODY()), {
      code: "location/credentials",
      message: /the service principal is refused$/u,
    });
  });

  it("says that an account key is refused", async () => {
    await using emulator = await AzureBlobEmulator.start({ tls: true });
    await using store = open(emulator, { AZURE_ACCOUNT_KEY: Buffer.from("another").toString("base64") });
    for (const work of [() => store.put("a", BODY()), () => store.head("a"), () => Array.fromAsync(store.list(""))])
      await assert.rejects(work(), {
        code: "location/credentials",
        message: /the account key or the token is refused$/u,
      });
  });

  it("says that there is no such container", async () => {
    await using emulator = await AzureBlobEmulator.start();
    const uri = emulator.uri("/p").replace("//container", "//elsewhere");
    await using store = openAzureStore(locationOf(uri), { variables: { AZURE_STORAGE_ENDPOINT: emulator.endpoint } });
    for (const work of [() => store.put("a", BODY()), () => Array.fromAsync(store.list("")), () => store.head("a")])
      await assert.rejects(work(), { code: "storage/not-found", message: /there is no container elsewhere$/u });
  });

  it("goes to the host of the cloud that AZURE_ENVIRONMENT names", async () => {
    const hosts = {
      AzurePublicCloud: "account.blob.core.windows.net",
      azureusgovernmentcloud: "account.blob.core.usgovcloudapi.net",
      AzureChinaCloud: "account.blob.core.chinacloudapi.cn",
    };
    for (const [cloud, host] of Object.entries(hosts)) {
      const { AzureContainer } = await import("../../src/storage/azure-container.ts");
      const uri = `azure-blob://c/p?AZURE_ACCOUNT_NAME=account&AZURE_ACCOUNT_KEY=a2V5&AZURE_ENVIRONMENT=${cloud}`;
      assert.equal(new URL(new AzureContainer(locationOf(uri), {}, { variables: {} }).client.url).host, host);
    }
  });
});
