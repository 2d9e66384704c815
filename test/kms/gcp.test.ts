import assert from "node:assert/strict";
import { after, afterEach, beforeEach, describe, it } from "node:test";
import { DataKey } from "../../src/crypto/data-key.ts";
import { GcpKms } from "../../src/kms/gcp.ts";
import type { WrappedKey } from "../../src/kms/kms.ts";
import { kmsContract } from "../contracts/kms.ts";
import { GCP_CREDENTIALS, GCP_KEY, GCP_OTHER_KEY, GCP_SIGNING_KEY, GcpKmsEmulator } from "../emulators/gcp-kms.ts";
import { Canary } from "../harness/canary.ts";
import { assertOutcome, keyFailureOf, kmsLocation } from "../harness/kms-location.ts";

const shared = await GcpKmsEmulator.start();
after(async () => shared[Symbol.asyncDispose]());

kmsContract("Google Cloud KMS", {
  open: async () => new GcpKms(kmsLocation(shared.uri()), shared.addresses),
  openOther: async () => new GcpKms(kmsLocation(shared.uri(GCP_OTHER_KEY)), shared.addresses),
});

describe("Google Cloud KMS", () => {
  let emulator: GcpKmsEmulator;
  beforeEach(async () => {
    emulator = await GcpKmsEmulator.start();
  });
  afterEach(async () => emulator[Symbol.asyncDispose]());

  const open = (uri = emulator.uri()): GcpKms => new GcpKms(kmsLocation(uri), emulator.addresses);
  const wrapped = async (): Promise<WrappedKey> => {
    await using kms = open();
    using key = DataKey.generate();
    // Awaited here, before the key is wiped.
    const blob = await kms.wrap(key);
    return blob;
  };

  it("leaves the version out of the key's name", async () => {
    const kms = open(emulator.uri(`${GCP_KEY}/cryptoKeyVersions/3`));
    assert.equal(kms.masterKeyId, GCP_KEY);
    assert.equal(kms.label, `gcp-kms:///${GCP_KEY}`);
    (await kms.unwrap(await wrapped()))[Symbol.dispose]();
    await kms[Symbol.asyncDispose]();
  });

  it("signs its own tokens with a service account's key", async () => {
    await using kms = open(emulator.uri(GCP_KEY, { CREDENTIALS: GCP_CREDENTIALS }));
    (await kms.unwrap(await kms.wrap(DataKey.generate())))[Symbol.dispose]();
    assert.ok(emulator.server.requests.every(({ path }) => path.startsWith("/v1/projects/p/")));
  });

  it("impersonates the last of ASSUME_ROLE by way of the others", async () => {
    const CHAIN = "hop@p.iam.gserviceaccount.com,last@p.iam.gserviceaccount.com";
    await using kms = open(emulator.uri(GCP_KEY, { CREDENTIALS: GCP_CREDENTIALS, ASSUME_ROLE: CHAIN }));
    await kms.wrap(DataKey.generate());
    assert.deepEqual(emulator.impersonations, [
      "backup@p.iam.gserviceaccount.com, projects/-/serviceAccounts/hop@p.iam.gserviceaccount.com -> last@p.iam.gserviceaccount.com",
    ]);
    assert.equal(
      emulator.server.requests.at(-1)?.headers.authorization,
      "Bearer ya29.of-last@p.iam.gserviceaccount.com",
    );
    emulator.denied.add("iam.serviceAccounts.getAccessToken");
    const error = await keyFailureOf(open(emulator.uri(GCP_KEY, { CREDENTIALS: GCP_CREDENTIALS, ASSUME_ROLE: "a@b" })));
    assert.equal(error.outcome, "denied");
    assert.match(error.message, /iam\.serviceAccounts\.getAccessToken is not allowed/u);
    assert.match(error.hint ?? "", /serviceAccountTokenCreator/u);
  });

  it("notices what was changed on its way, in both directions", async () => {
    const blob = await wrapped();
    emulator.corrupt = "request";
    assert.equal((await keyFailureOf(open())).message, "Encrypt: request corrupted in-transit");
    emulator.corrupt = "response";
    assert.equal((await keyFailureOf(open())).message, "Encrypt: response corrupted in-transit");
    assert.equal((await keyFailureOf(open(), blob)).message, "Decrypt: response corrupted in-transit");
    emulator.corrupt = "decrypt request";
    const error = await keyFailureOf(open(), blob);
    assert.equal(error.message, "Decrypt: request corrupted in-transit");
    assert.equal(error.outcome, "unreachable");
  });

  it("tells what is wrong with the key", async () => {
    const blob = await wrapped();
    emulator.state = "DISABLED";
    await assertOutcome(open(), "disabled", blob);
    emulator.state = "DESTROY_SCHEDULED";
    await assertOutcome(open(), "pending deletion (until 2031-05-06 07:08)", blob);
    emulator.state = "DESTROYED";
    await assertOutcome(open(), "not found", blob);
    await assertOutcome(open(emulator.uri(`${GCP_KEY}x`)), "not found", blob);
    await assertOutcome(open(emulator.uri(GCP_SIGNING_KEY)), "invalid uri");
  });

  it("tells what is not allowed", async () => {
    emulator.denied.add("cloudkms.cryptoKeyVersions.useToDecrypt");
    const error = await keyFailureOf(open(), await wrapped());
    assert.equal(error.outcome, "denied");
    assert.match(
      error.message,
      /cloudkms\.cryptoKeyVersions\.useToDecrypt is not allowed for the bearer token, or there is no such key$/u,
    );
    assert.equal(error.hint, "grant roles/cloudkms.cryptoKeyEncrypterDecrypter on the key");
  });

  it("tells wrong credentials, and shows none", async () => {
    const canary = new Canary("gcp");
    const forged = { type: "service_account", client_email: "a@b", private_key: canary.text };
    const parameters = [
      { BEARER_TOKEN: canary.text.replaceAll(/\s/gu, "") },
      { CREDENTIALS: Buffer.from(JSON.stringify(forged)).toString("base64") },
      { CREDENTIALS: Buffer.from(`{"private_key": "${canary.text}`).toString("base64") },
      { CREDENTIALS: Buffer.from(JSON.stringify({ type: canary.text })).toString("base64") },
    ];
    for (const one of parameters) {
      const kms = open(emulator.uri(GCP_KEY, one));
      await assert.rejects(kms.wrap(DataKey.generate()), (error: Error & { code: string }) => {
        assert.equal(error.code, "location/credentials", error.message);
        canary.assertAbsent(error.message, "the error");
        return true;
      });
    }
  });

  it("tries again, and not for long", async () => {
    emulator.server.faults.unavailable = 1;
    await wrapped();
    emulator.failure = { status: 429, name: "RESOURCE_EXHAUSTED" };
    await assertOutcome(open(), "throttled");
    emulator.failure = { status: 503, name: "UNAVAILABLE" };
    await assertOutcome(open(), "unreachable");
  });

  it("tells within seconds that nobody is there", async () => {
    await emulator[Symbol.asyncDispose]();
    const error = await keyFailureOf(open());
    assert.equal(error.outcome, "unreachable");
    assert.equal(error.message, `gcp-kms:///${GCP_KEY} cannot be reached: connection refused`);
  });

  it("stops when it is asked to, though the service is silent", async () => {
    emulator.server.faults.slowMs = 600_000;
    await using kms = open();
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("stopped")), 50);
    await assert.rejects(kms.wrap(DataKey.generate(), controller.signal), /stopped/u);
  });
});
