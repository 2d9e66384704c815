import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AWS_KEY_ID, AwsKmsEmulator } from "../emulators/aws-kms.ts";
import { AZURE_VERSION, AzureVaultEmulator } from "../emulators/azure-vault.ts";
import { GCP_KEY, GcpKmsEmulator } from "../emulators/gcp-kms.ts";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";

describe("CREATE KMS KEY", () => {
  let [world, session]: [BackupWorld, TestSession] = [] as never;
  let [aws, gcp, azure]: [AwsKmsEmulator, GcpKmsEmulator, AzureVaultEmulator] = [] as never;

  before(async () => {
    world = await BackupWorld.open();
    [aws, gcp, azure] = [await AwsKmsEmulator.start(), await GcpKmsEmulator.start(), await AzureVaultEmulator.start()];
    world.kmsAddresses = { gcp: gcp.addresses, azure: azure.addresses };
    session = world.embedded("/nowhere");
  });
  after(async () => {
    await world[Symbol.asyncDispose]();
    for (const emulator of [aws, gcp, azure]) await emulator[Symbol.asyncDispose]();
  });

  /** Makes the key, answers its URI, and tries it out with the secrets put back. */
  async function made(typed: string): Promise<readonly [uri: string, name: string]> {
    const { columns, rows } = await session.ok(`CREATE KMS KEY '${typed}'`);
    assert.deepEqual(columns, ["kms", "key"]);
    const [[uri, name] = []] = rows;
    assert.ok(typeof uri === "string" && typeof name === "string");
    const secrets = new URLSearchParams(typed.split("?")[1]);
    const whole = uri.replaceAll(/(\w+)=redacted/gu, (_, parameter: string) => {
      return `${parameter}=${encodeURIComponent(secrets.get(parameter) ?? "")}`;
    });
    await session.ok(`CHECK KMS '${whole}'`);
    return [uri, name];
  }

  it("on AWS: a key with the alias that the URI names, in its region", async () => {
    const [uri, name] = await made(aws.uri("alias/new-one"));
    assert.match(uri, /^aws-kms:\/\/\/alias\/new-one\?REGION=eu-west-1&.*&AWS_SECRET_ACCESS_KEY=redacted$/u);
    assert.equal(name, AwsKmsEmulator.arn("00000000-12ab-34cd-56ef-000000000003"));
  });

  it("on AWS: refuses an alias that is taken, also at the last moment, and leaves no key without a name", async () => {
    const keys = aws.keys.length;
    const error = await session.fails(`CREATE KMS KEY '${aws.uri()}'`, "key/exists");
    assert.match(error.hint ?? "", /^use it: aws-kms:\/\/\/alias\/backup\?REGION=eu-west-1/u);
    assert.equal(aws.keys.length, keys);
    aws.raced.add("alias/raced");
    const raced = await session.fails(`CREATE KMS KEY '${aws.uri("alias/raced")}'`, "key/exists");
    assert.match(raced.detail[0] ?? "", /^the key 0+-\S+, made for it, will be deleted in 7 days$/u);
    assert.equal(aws.keys.at(-1)?.state, "PendingDeletion");
    aws.denied.add("kms:ScheduleKeyDeletion");
    const left = await session.fails(`CREATE KMS KEY '${aws.uri("alias/raced")}'`, "key/exists");
    assert.match(left.detail[0] ?? "", /is left: delete it in AWS KMS$/u);
    aws.denied.clear();
    const { notices } = await session.ok(`CREATE KMS KEY IF NOT EXISTS '${aws.uri()}'`);
    assert.deepEqual(notices, ["NOTICE: aws-kms:///alias/backup is there already, skipping"]);
  });

  it("on AWS: refuses names that AWS gives by itself, and says what is not allowed", async () => {
    for (const name of [AWS_KEY_ID, AwsKmsEmulator.arn(), "alias/aws/s3"])
      await session.fails(`CREATE KMS KEY '${aws.uri(name)}'`, "location/invalid");
    aws.denied.add("kms:CreateKey");
    const error = await session.fails(`CREATE KMS KEY '${aws.uri("alias/x")}'`, "key/denied");
    assert.match(error.message, /kms:CreateKey is not allowed for arn:aws:iam::111122223333:user\/ada$/u);
    aws.denied.clear();
    aws.denied.add("kms:DescribeKey");
    await made(aws.uri("alias/unseen"));
    aws.denied.clear();
  });

  it("on Google: in a key ring that is there", async () => {
    const typed = gcp.uri(GCP_KEY.replace(/backup$/u, "fresh"));
    const [uri, name] = await made(typed);
    assert.equal(uri, typed.replace(/=ya29.*$/u, "=redacted"));
    assert.equal(name, GCP_KEY.replace(/backup$/u, "fresh"));
    await session.fails(`CREATE KMS KEY '${typed}'`, "key/exists");
    const ringless = await session.fails(
      `CREATE KMS KEY '${gcp.uri(GCP_KEY.replace("/r/", "/none/"))}'`,
      "key/unavailable",
    );
    assert.equal(ringless.hint, "make its key ring first: gcloud kms keyrings create");
    await session.fails(`CREATE KMS KEY '${gcp.uri(`${GCP_KEY}/cryptoKeyVersions/1`)}'`, "location/invalid");
    gcp.denied.add("cloudkms.cryptoKeys.create");
    const denied = await session.fails(`CREATE KMS KEY '${gcp.uri(`${GCP_KEY}2`)}'`, "key/denied");
    gcp.denied.clear();
    assert.match(denied.message, /cloudkms\.cryptoKeys\.create is not allowed for the bearer token/u);
  });

  it("on Azure: an RSA key, whose version the answer tells", async () => {
    const [uri, name] = await made(azure.uri("fresh"));
    assert.match(uri, new RegExp(`^azure-kms:///fresh/${AZURE_VERSION}\\?AZURE_VAULT_NAME=acme&`, "u"));
    assert.match(name, new RegExp(`/keys/fresh/${AZURE_VERSION}$`, "u"));
    const error = await session.fails(`CREATE KMS KEY '${azure.uri("fresh")}'`, "key/exists");
    assert.match(error.hint ?? "", new RegExp(`^use it: azure-kms:///fresh/${AZURE_VERSION}\\?`, "u"));
    assert.doesNotMatch(error.hint ?? "", /client~secret/u);
    azure.deleted.add("gone");
    const gone = await session.fails(`CREATE KMS KEY '${azure.uri("gone")}'`, "key/exists");
    assert.match(gone.message, /was deleted, and its name is not free yet$/u);
    await session.fails(`CREATE KMS KEY '${azure.uri(`fresh/${AZURE_VERSION}`)}'`, "location/invalid");
    azure.forbidden = "ForbiddenByRbac";
    const denied = await session.fails(`CREATE KMS KEY '${azure.uri("other2")}'`, "key/denied");
    azure.forbidden = undefined;
    assert.match(denied.message, /keys\/get is not allowed for the application 66666666-/u);
  });

  it("on this machine", async () => {
    assert.deepEqual(await made("local-kms:///laptop"), ["local-kms:///laptop", "laptop"]);
    await session.fails("CREATE KMS KEY 'local-kms:///laptop'", "key/exists");
  });
});
