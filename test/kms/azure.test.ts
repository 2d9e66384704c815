import assert from "node:assert/strict";
import { after, afterEach, beforeEach, describe, it } from "node:test";
import { DataKey } from "../../src/crypto/data-key.ts";
import { azureCloud } from "../../src/credentials/azure.ts";
import { AzureKms } from "../../src/kms/azure.ts";
import type { WrappedKey } from "../../src/kms/kms.ts";
import { kmsContract } from "../contracts/kms.ts";
import { AZURE_OLD_VERSION, AZURE_VERSION, AzureVaultEmulator } from "../emulators/azure-vault.ts";
import { Canary } from "../harness/canary.ts";
import { assertOutcome, keyFailureOf, kmsLocation } from "../harness/kms-location.ts";

const shared = await AzureVaultEmulator.start();
after(async () => shared[Symbol.asyncDispose]());

kmsContract("Azure Key Vault", {
  open: async () => new AzureKms(kmsLocation(shared.uri()), shared.addresses),
  openOther: async () => new AzureKms(kmsLocation(shared.uri(`other/${AZURE_VERSION}`)), shared.addresses),
});

describe("Azure Key Vault", () => {
  let emulator: AzureVaultEmulator;
  beforeEach(async () => {
    emulator = await AzureVaultEmulator.start();
  });
  afterEach(async () => emulator[Symbol.asyncDispose]());

  const open = (uri = emulator.uri()): AzureKms => new AzureKms(kmsLocation(uri), emulator.addresses);
  const wrapped = async (): Promise<WrappedKey> => {
    await using kms = open();
    using key = DataKey.generate();
    // Awaited here, before the key is wiped.
    const blob = await kms.wrap(key);
    return blob;
  };

  it("is named by the key alone, and opens with the version that wrapped only", async () => {
    const blob = await wrapped();
    assert.equal(blob.length, 256);
    const old = open(emulator.uri(`backup/${AZURE_OLD_VERSION}`));
    assert.equal(old.masterKeyId, "backup");
    await assertOutcome(old, "not a match", blob);
    (await open().unwrap(blob))[Symbol.dispose]();
  });

  it("asks for nothing but encrypt and decrypt", async () => {
    (await open().unwrap(await wrapped()))[Symbol.dispose]();
    const asked = emulator.server.requests.filter(({ path }) => path.startsWith("/keys/"));
    assert.deepEqual(
      new Set(asked.map(({ method, path }) => `${method} ${path}`)),
      new Set([`POST /keys/backup/${AZURE_VERSION}/encrypt`, `POST /keys/backup/${AZURE_VERSION}/decrypt`]),
    );
  });

  it("knows the addresses of every cloud", () => {
    const suffixes = ["AzurePublicCloud", "azureusgovernmentcloud", "AZURECHINACLOUD", "AzureGermanCloud"].map(
      (name) => azureCloud(kmsLocation(emulator.uri(undefined, { AZURE_ENVIRONMENT: name }))).vaultSuffix,
    );
    assert.deepEqual(suffixes, [
      "vault.azure.net",
      "vault.usgovcloudapi.net",
      "vault.azure.cn",
      "vault.microsoftazure.de",
    ]);
    assert.equal(azureCloud(kmsLocation(emulator.uri())).authority, "https://login.microsoftonline.com");
  });

  it("tells what is wrong with the key", async () => {
    const blob = await wrapped();
    for (const [code, outcome] of [
      ["KeyDisabled", "disabled"],
      ["KeyExpired", "disabled"],
      ["KeyNotYetValid", "disabled"],
      ["ForbiddenByFirewall", "denied"],
    ] as const) {
      emulator.forbidden = code;
      await assertOutcome(open(), outcome, blob);
    }
    emulator.forbidden = "ForbiddenByRbac";
    const error = await keyFailureOf(open(), blob);
    assert.equal(error.outcome, "denied");
    assert.match(
      error.message,
      /may not be used: keys\/decrypt is not allowed for the application 66666666-7777-8888-9999-000000000000$/u,
    );
    assert.match(error.hint ?? "", /Key Vault Crypto User/u);
    emulator.forbidden = undefined;
    await assertOutcome(open(emulator.uri(`gone/${AZURE_VERSION}`)), "not found", blob);
    await assertOutcome(open(emulator.uri(`backup/${"0".repeat(32)}`)), "not found");
  });

  it("tells a wrong client secret, and shows none", async () => {
    const canary = new Canary("azure");
    const error = await keyFailureOf(open(emulator.uri(undefined, { AZURE_CLIENT_SECRET: canary.text })));
    assert.equal(error.outcome, "bad credentials");
    assert.match(error.message, /does not accept the credentials: the client secret is wrong$/u);
    canary.assertAbsent([error.message, error.hint, String(error.cause)].join("\n"), "the error");
  });

  it("tries again, and not for long", async () => {
    emulator.server.faults.unavailable = 1;
    await wrapped();
    emulator.failure = { status: 429, code: "Throttled" };
    await assertOutcome(open(), "throttled");
    emulator.failure = { status: 500, code: "InternalServerError" };
    await assertOutcome(open(), "unreachable");
    emulator.failure = { status: 400, code: "BadParameter" };
    await assertOutcome(open(), "invalid uri");
  });

  it("tells within seconds that the vault, or who gives the tokens, is not there", async () => {
    const vault = `https://localhost:1`;
    const noVault = new AzureKms(kmsLocation(emulator.uri()), { ...emulator.addresses, vault });
    const error = await keyFailureOf(noVault);
    assert.equal(error.outcome, "unreachable");
    assert.match(error.message, /cannot be reached: localhost:1: connection refused$/u);
    const authority = { url: vault, ca: emulator.addresses.authority.ca };
    await assertOutcome(new AzureKms(kmsLocation(emulator.uri()), { ...emulator.addresses, authority }), "unreachable");
  });
});
