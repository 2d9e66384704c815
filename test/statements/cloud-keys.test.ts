import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AwsKmsEmulator } from "../emulators/aws-kms.ts";
import { AzureVaultEmulator } from "../emulators/azure-vault.ts";
import { GCP_CREDENTIALS, GCP_KEY, GcpKmsEmulator } from "../emulators/gcp-kms.ts";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { SMALL_SHOP } from "../harness/small-shop.ts";

const COUNT = "SELECT count(*), sum(amount) FROM shop.orders";

describe("one backup under the keys of four providers", () => {
  let [server, world, session]: [TestPostgres, BackupWorld, TestSession] = [] as never;
  let [aws, gcp, azure]: [AwsKmsEmulator, GcpKmsEmulator, AzureVaultEmulator] = [] as never;
  let uris: Readonly<Record<"aws" | "gcp" | "azure" | "local", string>>;

  before(async () => {
    server = await startPostgres();
    world = await BackupWorld.open();
    [aws, gcp, azure] = [await AwsKmsEmulator.start(), await GcpKmsEmulator.start(), await AzureVaultEmulator.start()];
    world.kmsAddresses = { gcp: gcp.addresses, azure: azure.addresses };
    session = world.postgres(server.settings);
    await session.ok(SMALL_SHOP);
    await session.ok("CREATE KMS KEY 'local-kms:///laptop'");
    const google = gcp.uri(GCP_KEY, { CREDENTIALS: GCP_CREDENTIALS });
    uris = { aws: aws.uri(), gcp: google, azure: azure.uri(), local: "local-kms:///laptop" };
    await session.ok(`BACKUP DATABASE postgres INTO '${world.uri}' WITH kms = (${quoted(Object.values(uris))})`);
  });

  after(async () => {
    await world[Symbol.asyncDispose]();
    await server.stop();
    for (const emulator of [aws, gcp, azure]) await emulator[Symbol.asyncDispose]();
  });

  for (const provider of ["aws", "gcp", "azure", "local"] as const) {
    it(`is restored with the key of ${provider} alone`, async () => {
      const copy = `copy_by_${provider}`;
      const { notices } = await session.ok(
        `RESTORE DATABASE postgres FROM LATEST IN '${world.uri}' WITH new_db_name = '${copy}', kms = '${uris[provider]}'`,
      );
      assert.deepEqual(
        notices.filter((notice) => notice.startsWith("WARNING")),
        [],
      );
      const target = world.postgres({ ...server.settings, database: copy });
      assert.deepEqual((await target.ok(COUNT)).rows, (await session.ok(COUNT)).rows);
      await target.close();
    });
  }

  it("is opened by another name of the AWS key", async () => {
    const { rows } = await session.ok(
      `SHOW BACKUP FROM LATEST IN '${world.uri}' WITH kms = '${aws.uri(AwsKmsEmulator.arn())}'`,
    );
    assert.ok(rows.length > 0);
  });

  it("is read with a warning while one service is down", async () => {
    gcp.failure = { status: 503, name: "UNAVAILABLE" };
    const { events, rows } = await session.ok(
      `SHOW BACKUP FROM LATEST IN '${world.uri}' WITH kms = (${quoted([uris.gcp, uris.aws])})`,
    );
    gcp.failure = undefined;
    assert.ok(rows.length > 0);
    const notices = events.flatMap((event) => (event.type === "notice" ? [event] : []));
    const [warning] = notices.filter(({ severity }) => severity === "WARNING");
    assert.equal(warning?.message, "1 of 2 keys could not open this backup; aws-kms:///alias/backup did");
    assert.match(warning.detail ?? "", /^1 {2}gcp-kms:\/\/\/projects\S+ {2}unreachable {2}cannot be reached/u);
  });

  it("is not written while one service is down, and all of them are told", async () => {
    azure.failure = { status: 429, code: "Throttled" };
    aws.denied.add("kms:Encrypt");
    const filesBefore = await world.files();
    const error = await session.fails(
      `BACKUP INTO '${world.uri}' WITH kms = (${quoted(Object.values(uris))})`,
      "key/denied",
    );
    aws.denied.clear();
    azure.failure = undefined;
    assert.equal(error.message, "2 of 4 master keys could not wrap the data key");
    assert.deepEqual(
      error.detail.map((line) => line.replaceAll(/ {2,}/gu, " ").split(" ").slice(0, 3).join(" ")),
      [
        "1 aws-kms:///alias/backup denied",
        `2 gcp-kms:///${GCP_KEY} ok`,
        `3 ${uris.azure.split("?")[0]} throttled`,
        "4 local-kms:///laptop ok",
      ],
    );
    assert.equal(error.note, "nothing was written");
    assert.deepEqual(await world.files(), filesBefore);
  });

  it("is refused with the table when no key opens it", async () => {
    gcp.state = "DISABLED";
    aws.key().state = "PendingDeletion";
    const error = await session.fails(
      `SHOW BACKUP FROM LATEST IN '${world.uri}' WITH kms = (${quoted([uris.aws, uris.gcp, aws.uri("alias/other")])})`,
      "key/unavailable",
    );
    aws.key().state = "Enabled";
    gcp.state = "ENABLED";
    assert.match(error.detail[0] ?? "", /pending deletion \(until 2031-05-06 07:08\)/u);
    assert.match(error.detail[1] ?? "", /disabled/u);
    assert.match(error.detail[2] ?? "", /not a match/u);
  });

  it("takes keys of other providers later", async () => {
    const collection = `${world.uri}-two`;
    await session.ok(`BACKUP INTO '${collection}' WITH kms = '${uris.aws}'`);
    await session.ok(
      `ALTER BACKUP LATEST IN '${collection}' ADD NEW_KMS = (${quoted([uris.gcp, uris.azure])}) WITH OLD_KMS = '${uris.aws}'`,
    );
    for (const uri of [uris.gcp, uris.azure, uris.aws])
      await session.ok(`SHOW BACKUP FROM LATEST IN '${collection}' WITH kms = '${uri}'`);
    await session.fails(`SHOW BACKUP FROM LATEST IN '${collection}' WITH kms = '${uris.local}'`, "key/mismatch");
  });

  it("CHECK KMS tells how each key answers", async () => {
    assert.deepEqual(
      (await session.ok(`CHECK KMS (${quoted(Object.values(uris))})`)).rows.map(([, ok, outcome]) => [ok, outcome]),
      Array.from({ length: 4 }, () => ["t", "ok"]),
    );
    azure.forbidden = "KeyDisabled";
    const { rows, error } = await session.run(`CHECK KMS (${quoted([uris.azure, uris.local])})`);
    azure.forbidden = undefined;
    assert.deepEqual(
      rows.map(([, ok, outcome]) => [ok, outcome]),
      [
        ["f", "disabled"],
        ["t", "ok"],
      ],
    );
    assert.equal(error?.code, "key/unavailable");
  });

  it("a value encrypted under several keys is decrypted with each", async () => {
    const { rows } = await session.ok(`ENCRYPT VALUE 'pass''word' WITH kms = (${quoted(Object.values(uris))})`);
    for (const uri of Object.values(uris)) {
      const answer = await session.ok(`DECRYPT VALUE '${rows[0]?.[0]}' WITH kms = '${uri}'`);
      assert.deepEqual(answer.rows, [["pass'word"]]);
    }
  });

  it("keys and places go by the names of external connections", async () => {
    await session.ok(`CREATE EXTERNAL CONNECTION shelf AS '${world.uri}'`);
    await session.ok(`CREATE EXTERNAL CONNECTION key AS '${uris.azure}'`);
    await session.ok("BACKUP INTO 'external://shelf/sub' WITH kms = 'external://key'");
    await session.ok(`SHOW BACKUP FROM LATEST IN '${world.uri}/sub' WITH kms = '${uris.azure}'`);
    await session.ok("SHOW BACKUP FROM LATEST IN 'external://shelf/sub' WITH kms = 'external://key'");
  });
});

function quoted(uris: readonly string[]): string {
  return uris.map((uri) => `'${uri}'`).join(", ");
}
