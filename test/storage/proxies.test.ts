// HTTPS_PROXY and NO_PROXY, the addresses of the clouds' clouds, and the credentials file of CockroachDB: where each
// library goes. What the proxy leads to does not speak TLS, so no request gets further than its host's name.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DataKey } from "../../src/crypto/data-key.ts";
import { ShellError } from "../../src/errors.ts";
import { openKms } from "../../src/kms/schemes.ts";
import { locationError, parseStorageLocation } from "../../src/location-parse.ts";
import type { Location } from "../../src/location.ts";
import { openAzureStore } from "../../src/storage/azure.ts";
import { openStore } from "../../src/storage/schemes.ts";
import { AzureBlobEmulator } from "../emulators/azure-blob.ts";
import { AzureVaultEmulator } from "../emulators/azure-vault.ts";
import { GcsEmulator } from "../emulators/gcs.ts";
import { startProxy, type Proxy } from "../emulators/proxy.ts";
import { kmsLocation } from "../harness/kms-location.ts";
import { openTestStore } from "../harness/test-store.ts";

const NAMES = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"] as const;
const TIMES = { pauseMs: 5, silenceMs: 2000, callMs: 4000 };

/** A key that signs, of a cloud that is not Google's own. */
const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const SOVEREIGN = encodeURIComponent(
  Buffer.from(
    JSON.stringify({
      type: "service_account",
      client_email: "a@p.iam",
      private_key: privateKey,
      universe_domain: "example-universe.test",
    }),
  ).toString("base64"),
);
const PRINCIPAL = "AZURE_TENANT_ID=11111111-2222-3333-4444-555555555555&AZURE_CLIENT_ID=c&AZURE_CLIENT_SECRET=s";
const KEYS = "AWS_ACCESS_KEY_ID=a&AWS_SECRET_ACCESS_KEY=b";
const GCP_KEY = "gcp-kms:///projects/p/locations/l/keyRings/r/cryptoKeys/k";

function storageLocation(uri: string): Location {
  const parsed = parseStorageLocation(uri);
  if (!parsed.ok) throw locationError(parsed.error);
  return parsed.value;
}

describe("a proxy", () => {
  const saved = new Map(NAMES.map((name) => [name, process.env[name]]));
  let [origin, proxy]: [GcsEmulator, Proxy] = [] as never;
  before(async () => {
    origin = await GcsEmulator.start();
    proxy = await startProxy(origin.server.origin);
    for (const name of NAMES) delete process.env[name];
    // Google's and Azure's libraries look there by themselves.
    process.env["HTTPS_PROXY"] = proxy.url;
    process.env["NO_PROXY"] = "127.0.0.1,localhost";
  });
  after(async () => {
    for (const [name, value] of saved)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    await proxy[Symbol.asyncDispose]();
    await origin[Symbol.asyncDispose]();
  });

  const HOSTS: Readonly<Record<string, string>> = {
    [`s3://bucket/p?${KEYS}&AWS_REGION=eu-west-1`]: "bucket.s3.eu-west-1.amazonaws.com",
    [`s3://bucket/p?${KEYS}&AWS_REGION=cn-north-1`]: "bucket.s3.cn-north-1.amazonaws.com.cn",
    [`s3://bucket/p?${KEYS}&AWS_REGION=eu-west-2&ASSUME_ROLE=arn:aws:iam::1:role/r`]: "sts.eu-west-2.amazonaws.com",
    [`aws-kms:///alias/a?${KEYS}&REGION=eu-west-3`]: "kms.eu-west-3.amazonaws.com",
    [`aws-kms:///alias/a?${KEYS}&REGION=us-gov-west-1`]: "kms.us-gov-west-1.amazonaws.com",
    "gs://bucket/p?BEARER_TOKEN=t": "storage.googleapis.com",
    "gs://bucket/q?BEARER_TOKEN=t&ASSUME_ROLE=a@b": "iamcredentials.googleapis.com",
    [`gs://bucket/p?CREDENTIALS=${SOVEREIGN}`]: "storage.example-universe.test",
    [`${GCP_KEY}?BEARER_TOKEN=t`]: "cloudkms.googleapis.com",
    [`${GCP_KEY}?CREDENTIALS=${SOVEREIGN}`]: "cloudkms.example-universe.test",
    "azure-blob://c/p?AZURE_ACCOUNT_NAME=acme&AZURE_ACCOUNT_KEY=a2V5": "acme.blob.core.windows.net",
    [`azure-blob://c/p?AZURE_ACCOUNT_NAME=acme&${PRINCIPAL}`]: "login.microsoftonline.com",
    [`azure-blob://c/p?AZURE_ACCOUNT_NAME=acme&${PRINCIPAL}&AZURE_ENVIRONMENT=AzureChinaCloud`]:
      "login.partner.microsoftonline.cn",
    [`azure-kms:///k/v?AZURE_VAULT_NAME=acme&${PRINCIPAL}`]: "acme.vault.azure.net",
    [`azure-kms:///k/v?AZURE_VAULT_NAME=acme&${PRINCIPAL}&AZURE_ENVIRONMENT=AzureUSGovernmentCloud`]:
      "acme.vault.usgovcloudapi.net",
  };
  for (const [uri, host] of Object.entries(HOSTS)) {
    it(`is asked for ${host}`, async () => {
      const network = { variables: { HTTPS_PROXY: proxy.url }, times: TIMES };
      const asked = proxy.hosts.length;
      const work = async (): Promise<unknown> => {
        if (!/-kms:/u.test(uri)) {
          await using store = await openStore(storageLocation(uri), { externDirectory: "/nowhere", network });
          return await store.head("a");
        }
        await using kms = await openKms(kmsLocation(uri), { keyring: "/nowhere", network });
        return await kms.wrap(DataKey.generate());
      };
      await assert.rejects(work(), ShellError);
      assert.ok(proxy.hosts.slice(asked).includes(`${host}:443`), proxy.hosts.slice(asked).join(", "));
    });
  }

  it("is not asked for hosts of NO_PROXY", async () => {
    process.env["HTTP_PROXY"] = proxy.url;
    const asked = proxy.hosts.length;
    const gcs = await GcsEmulator.start();
    await using store = await openTestStore(gcs.uri("/p"), gcs, { STORAGE_EMULATOR_HOST: gcs.server.origin });
    assert.equal(await store.head("a"), undefined);
    const azure = await AzureBlobEmulator.start();
    await using blobs = await openTestStore(azure.uri("/p"), azure, { AZURE_STORAGE_ENDPOINT: azure.endpoint });
    assert.equal(await blobs.head("a"), undefined);
    delete process.env["HTTP_PROXY"];
    assert.equal(proxy.hosts.length, asked);
  });
});

describe("COCKROACH_AZURE_APPLICATION_CREDENTIALS_FILE", () => {
  const [TENANT, CLIENT] = ["11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"];
  let directory = "";
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "sealift-azure-"));
  });
  after(async () => rm(directory, { recursive: true, force: true }));

  async function fileOf(text: string): Promise<Readonly<Record<string, string>>> {
    const path = join(directory, "credentials.yaml");
    await writeFile(path, text);
    return { COCKROACH_AZURE_APPLICATION_CREDENTIALS_FILE: path };
  }

  const YAML = (secret: string): string =>
    `# for backups\nazure_tenant_id: ${TENANT} # the tenant\nazure_client_id: '${CLIENT}'\nazure_client_secret: ${secret}\n`;

  it("is AUTH=implicit for storage, and is read again for every token", async () => {
    await using emulator = await AzureBlobEmulator.start({ tls: true });
    const { origin, certificate } = emulator.server;
    const open = (variables: Readonly<Record<string, string>>): ReturnType<typeof openAzureStore> =>
      openAzureStore(
        storageLocation(emulator.uri("/p", { AUTH: "implicit" })),
        { variables: { ...variables, AZURE_STORAGE_ENDPOINT: emulator.endpoint }, certificates: certificate },
        { authority: { url: origin, ca: certificate } },
      );
    for (const text of [
      YAML('"client secret"'),
      YAML("client secret"),
      JSON.stringify({ tenant_id: TENANT, client_id: CLIENT, client_secret: "client secret" }),
    ]) {
      await using store = open(await fileOf(text));
      assert.equal(await store.head("a"), undefined);
    }
    assert.deepEqual(
      new Set(emulator.logins.map((login) => login.split(" ").slice(0, 2).join(" "))),
      new Set([`${TENANT} ${CLIENT}`]),
    );
    await using wrong = open(await fileOf(YAML("another")));
    await assert.rejects(wrong.head("a"), { code: "location/credentials", message: /service principal is refused$/u });
  });

  it("is AUTH=implicit for keys", async () => {
    await using emulator = await AzureVaultEmulator.start();
    const variables = await fileOf(YAML("'client~secret/of+test'"));
    const location = kmsLocation(emulator.uri().replace(/\?.*$/u, "?AZURE_VAULT_NAME=acme&AUTH=implicit"));
    const options = { keyring: "/nowhere", network: { variables }, azure: emulator.addresses };
    await using kms = await openKms(location, options);
    (await kms.unwrap(await kms.wrap(DataKey.generate())))[Symbol.dispose]();
  });

  it("is told when it cannot be used, and nothing of it is shown", async () => {
    await using emulator = await AzureVaultEmulator.start();
    const location = kmsLocation(emulator.uri().replace(/\?.*$/u, "?AZURE_VAULT_NAME=acme&AUTH=implicit"));
    const CASES: readonly (readonly [RegExp, string | undefined])[] = [
      [/there is no such file$/u, undefined],
      [/it has no azure_tenant_id$/u, "{ azure_client_secret: s3cr3t"],
      [/it has no azure_client_secret$/u, `azure_tenant_id: a\nazure_client_id: b\n`],
    ];
    for (const [message, text] of CASES) {
      const variables =
        text === undefined
          ? { COCKROACH_AZURE_APPLICATION_CREDENTIALS_FILE: join(directory, "none") }
          : await fileOf(text);
      await using kms = await openKms(location, {
        keyring: "/nowhere",
        network: { variables },
        azure: emulator.addresses,
      });
      const thrown: unknown = await kms.wrap(DataKey.generate()).catch((error: unknown) => error);
      assert.ok(thrown instanceof ShellError);
      assert.equal(thrown.code, "location/credentials");
      assert.match(thrown.message, message);
      assert.doesNotMatch([thrown.message, ...thrown.detail].join(), /s3cr3t/u);
    }
  });
});
