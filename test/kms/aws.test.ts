import assert from "node:assert/strict";
import { after, afterEach, beforeEach, describe, it } from "node:test";
import { DataKey } from "../../src/crypto/data-key.ts";
import { AwsKms } from "../../src/kms/aws.ts";
import type { WrappedKey } from "../../src/kms/kms.ts";
import { kmsContract } from "../contracts/kms.ts";
import { AWS_KEY_ID, AwsKmsEmulator } from "../emulators/aws-kms.ts";
import { Canary } from "../harness/canary.ts";
import { assertOutcome, keyFailureOf, kmsLocation } from "../harness/kms-location.ts";

const shared = await AwsKmsEmulator.start();
after(async () => shared[Symbol.asyncDispose]());

const open = (uri: string): AwsKms => new AwsKms(kmsLocation(uri), { variables: {} });

kmsContract("AWS KMS", {
  open: async () => open(shared.uri()),
  openOther: async () => open(shared.uri("alias/other")),
});

async function wrapped(emulator: AwsKmsEmulator): Promise<WrappedKey> {
  await using kms = open(emulator.uri());
  using key = DataKey.generate();
  // Awaited here, before the key is wiped.
  const blob = await kms.wrap(key);
  return blob;
}

describe("AWS KMS", () => {
  let emulator: AwsKmsEmulator;
  beforeEach(async () => {
    emulator = await AwsKmsEmulator.start();
  });
  afterEach(async () => emulator[Symbol.asyncDispose]());

  it("names the key as typed, and opens under every name of one key", async () => {
    const blob = await wrapped(emulator);
    for (const name of [
      AWS_KEY_ID,
      AwsKmsEmulator.arn(),
      "alias/backup",
      "arn:aws:kms:eu-west-1:111122223333:alias/backup",
    ]) {
      await using kms = open(emulator.uri(name));
      assert.equal(kms.masterKeyId, name);
      assert.equal(kms.label, `aws-kms:///${name}`);
      (await kms.unwrap(blob))[Symbol.dispose]();
    }
  });

  it("goes from role to role, each with its external id, and acts as the last", async () => {
    const chain = "arn:aws:iam::1:role/hop;external_id=e-1,arn:aws:iam::2:role/last";
    await using kms = open(emulator.uri("alias/backup", { ASSUME_ROLE: chain }));
    using key = DataKey.generate();
    await kms.wrap(key);
    assert.deepEqual(emulator.roles, [
      "AKIDEXAMPLE -> arn:aws:iam::1:role/hop (e-1)",
      "ASIAHOP -> arn:aws:iam::2:role/last (none)",
    ]);
    assert.match(emulator.server.requests.at(-1)?.headers.authorization ?? "", /Credential=ASIALAST\//u);
    assert.throws(() => open(emulator.uri("alias/backup", { ASSUME_ROLE: "arn;x=1" })), { code: "location/invalid" });
  });

  it("takes a session token", async () => {
    emulator.accounts.set("ASIATEMP", { secret: "s3cr3t", sessionToken: "tok/en+1=" });
    const keys = { AWS_ACCESS_KEY_ID: "ASIATEMP", AWS_SECRET_ACCESS_KEY: "s3cr3t" };
    await assertOutcome(open(emulator.uri("alias/backup", keys)), "bad credentials");
    await using kms = open(emulator.uri("alias/backup", { ...keys, AWS_SESSION_TOKEN: "tok/en+1=" }));
    await kms.wrap(DataKey.generate());
  });

  it("tells what is wrong with the key", async () => {
    const blob = await wrapped(emulator);
    emulator.key().state = "Disabled";
    await assertOutcome(open(emulator.uri()), "disabled", blob);
    emulator.key().state = "PendingDeletion";
    await assertOutcome(open(emulator.uri()), "pending deletion (until 2031-05-06 07:08)", blob);
    emulator.denied.add("kms:DescribeKey");
    await assertOutcome(open(emulator.uri()), "pending deletion (until a date that was not told)", blob);
    emulator.key().state = "PendingImport";
    await assertOutcome(open(emulator.uri()), "disabled", blob);
    await assertOutcome(open(emulator.uri("alias/none")), "not found", blob);
    await assertOutcome(open(emulator.uri("alias/signing")), "invalid uri");
    await assertOutcome(open(emulator.uri("no%20key")), "invalid uri");
  });

  it("tells who may not do what", async () => {
    emulator.denied.add("kms:Decrypt");
    const error = await keyFailureOf(open(emulator.uri()), await wrapped(emulator));
    assert.equal(error.code, "key/denied");
    assert.equal(
      error.message,
      "aws-kms:///alias/backup may not be used: kms:Decrypt is not allowed for arn:aws:iam::111122223333:user/ada",
    );
    assert.equal(error.hint, "allow kms:Decrypt in the key's policy or in IAM");
    emulator.denied.add("sts:AssumeRole");
    const role = await keyFailureOf(open(emulator.uri("alias/backup", { ASSUME_ROLE: "arn:aws:iam::1:role/r" })));
    assert.equal(role.outcome, "denied");
    assert.match(role.message, /sts:AssumeRole is not allowed for/u);
  });

  it("takes a ciphertext of a key that cannot be reached for one that does not match", async () => {
    const message =
      "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.";
    const blob = await wrapped(emulator);
    emulator.failure = { name: "AccessDeniedException", status: 400, message };
    await assertOutcome(open(emulator.uri()), "not a match", blob);
  });

  it("tells wrong and expired credentials, and shows none", async () => {
    const canary = new Canary("aws");
    const error = await keyFailureOf(open(emulator.uri("alias/backup", { AWS_SECRET_ACCESS_KEY: canary.text })));
    assert.equal(error.outcome, "bad credentials");
    assert.equal(error.code, "location/credentials");
    canary.assertAbsent([error.message, ...error.detail, error.hint, String(error.cause)].join("\n"), "the error");
    await assertOutcome(open(emulator.uri("alias/backup", { AWS_ACCESS_KEY_ID: "AKIDNOBODY" })), "bad credentials");
    emulator.accounts.set("AKIDEXAMPLE", { secret: "secret/key+of=test", hasExpired: true });
    assert.match((await keyFailureOf(open(emulator.uri()))).message, /the session token has expired$/u);
  });

  it("tries again, and not for long", async () => {
    emulator.server.faults.unavailable = 1;
    await wrapped(emulator);
    emulator.failure = { name: "ThrottlingException", status: 400 };
    await assertOutcome(open(emulator.uri()), "throttled");
    emulator.failure = { name: "KMSInternalException", status: 500 };
    await assertOutcome(open(emulator.uri()), "unreachable");
  });

  it("tells within seconds that nobody is there", async () => {
    const uri = emulator.uri();
    await emulator[Symbol.asyncDispose]();
    const error = await keyFailureOf(open(uri));
    assert.equal(error.outcome, "unreachable");
    assert.equal(error.message, "aws-kms:///alias/backup cannot be reached: connection refused");
    const nameless = emulator.uri("alias/backup", { AWS_ENDPOINT: "http://no-such-host.invalid" });
    assert.equal((await keyFailureOf(open(nameless))).outcome, "unreachable");
  });
});
