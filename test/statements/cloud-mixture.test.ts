import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AwsKmsEmulator } from "../emulators/aws-kms.ts";
import { AzureBlobEmulator } from "../emulators/azure-blob.ts";
import { AzureVaultEmulator } from "../emulators/azure-vault.ts";
import { GcpKmsEmulator } from "../emulators/gcp-kms.ts";
import { GcsEmulator } from "../emulators/gcs.ts";
import { S3Emulator } from "../emulators/s3.ts";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { SMALL_SHOP } from "../harness/small-shop.ts";

const quoted = (uris: readonly string[]): string => uris.map((uri) => `'${uri}'`).join(", ");

describe("data in one cloud, keys in others", () => {
  let [server, world, session]: [TestPostgres, BackupWorld, TestSession] = [] as never;
  let [s3, gcs, blob]: [S3Emulator, GcsEmulator, AzureBlobEmulator] = [] as never;
  let [aws, gcp, azure]: [AwsKmsEmulator, GcpKmsEmulator, AzureVaultEmulator] = [] as never;

  before(async () => {
    server = await startPostgres();
    world = await BackupWorld.open();
    [s3, gcs, blob] = [await S3Emulator.start(), await GcsEmulator.start(), await AzureBlobEmulator.start()];
    [aws, gcp, azure] = [await AwsKmsEmulator.start(), await GcpKmsEmulator.start(), await AzureVaultEmulator.start()];
    world.kmsAddresses = { gcp: gcp.addresses, azure: azure.addresses };
    world.variables = { STORAGE_EMULATOR_HOST: gcs.server.origin, AZURE_STORAGE_ENDPOINT: blob.endpoint };
    session = world.postgres(server.settings);
    await session.ok(SMALL_SHOP);
  });

  after(async () => {
    await world[Symbol.asyncDispose]();
    await server.stop();
    for (const emulator of [s3, gcs, blob, aws, gcp, azure]) await emulator[Symbol.asyncDispose]();
  });

  const keysOf = (): Readonly<Record<string, string>> => ({ AWS: aws.uri(), Google: gcp.uri(), Azure: azure.uri() });
  const placesOf = (): Readonly<Record<string, string>> => ({
    AWS: s3.uri("/backups"),
    Google: gcs.uri("/backups"),
    Azure: blob.uri("/backups"),
  });

  for (const cloud of ["AWS", "Google", "Azure"]) {
    it(`in ${cloud}: the other two open what they wrapped, and the report has all keys`, async () => {
      const place = placesOf()[cloud] ?? "";
      const others = Object.entries(keysOf()).flatMap(([name, uri]) => (name === cloud ? [] : [uri]));
      await session.ok(`BACKUP DATABASE postgres INTO '${place}' WITH kms = (${quoted(others)})`);
      for (const uri of others) await session.ok(`SHOW BACKUP FROM LATEST IN '${place}' WITH kms = '${uri}'`);
      const all = Object.values(keysOf());
      const { events } = await session.ok(`SHOW BACKUP FROM LATEST IN '${place}' WITH kms = (${quoted(all)})`);
      const detail = events.flatMap((event) => (event.type === "notice" ? [event.detail ?? ""] : [])).join("\n");
      assert.equal(detail.match(/ ok$/gmu)?.length, 2, detail);
      assert.match(detail, /not a match {2}is named in no ENCRYPTION_INFO$/mu);
      const copy = `from_${cloud.toLowerCase()}`;
      await session.ok(
        `RESTORE DATABASE postgres FROM LATEST IN '${place}' WITH new_db_name = '${copy}', kms = '${others[0]}'`,
      );
    });

    it(`in ${cloud}: its connection is checked, and lists nothing of its credentials`, async () => {
      const name = `place_${cloud.toLowerCase()}`;
      await session.ok(`CREATE EXTERNAL CONNECTION ${name} AS '${placesOf()[cloud]}'`);
      await session.ok(`CREATE EXTERNAL CONNECTION key_${cloud.toLowerCase()} AS '${keysOf()[cloud]}'`);
      const { rows } = await session.ok(`CHECK EXTERNAL CONNECTION ${name} WITH transfer = '300KiB'`);
      assert.deepEqual([rows[0]?.[2], rows[0]?.[4], rows[0]?.[7]], ["t", "300KiB", "t"]);
      assert.match(`${rows[0]?.[5]} ${rows[0]?.[6]}`, /^\S+iB\/s \S+iB\/s$/u);
      const key = await session.ok(`CHECK EXTERNAL CONNECTION key_${cloud.toLowerCase()}`);
      assert.match(key.rows[0]?.[5] ?? "", /^\d+(\.\d)? keys\/s$/u);
      const listed = JSON.stringify((await session.ok("SHOW EXTERNAL CONNECTIONS")).rows);
      const secrets = [...Object.values(placesOf()), ...Object.values(keysOf())].flatMap((uri) =>
        [...uri.matchAll(/(?:SECRET|SECRET_ACCESS_KEY|TOKEN|ACCOUNT_KEY|CREDENTIALS)=([^&]+)/gu)].map(([, one]) => one),
      );
      assert.ok(secrets.length >= 6);
      for (const secret of secrets) assert.ok(!listed.includes(secret ?? ""), secret);
    });
  }

  it("uploads to S3 that a crash left are taken back by the next BACKUP and UNLOAD", async () => {
    const [begun] = s3.server.requests;
    assert.ok(begun);
    const initiated = new Date(Date.now() - 48 * 3_600_000);
    const plant = (key: string): void => void s3.uploads.set(key, { key, begun, initiated, parts: new Map() });
    plant(`backups/2026/11/21-071826.12/data/${"ab".repeat(32)}`);
    plant("out/o_0000_part_00");
    plant("out/of another tool");
    const backup = await session.ok(`BACKUP DATABASE postgres INTO '${s3.uri("/backups")}'`);
    const unload = await session.ok(`UNLOAD ('select 1 as a') TO '${s3.uri("/out/o_")}'`);
    for (const { notices } of [backup, unload])
      assert.ok(notices.includes("NOTICE: taken back what an earlier job left unfinished: 1 upload"));
    assert.deepEqual([...s3.uploads.keys()], ["out/of another tool"]);
  });

  it("a value is decrypted with the key that answers, and told of those that do not", async () => {
    const all = Object.values(keysOf());
    const { rows } = await session.ok(`ENCRYPT VALUE 'pass' WITH kms = (${quoted(all)})`);
    gcp.state = "DISABLED";
    aws.denied.add("kms:Decrypt");
    const opened = await session.ok(`DECRYPT VALUE '${rows[0]?.[0]}' WITH kms = (${quoted(all)})`);
    gcp.state = "ENABLED";
    aws.denied.clear();
    assert.deepEqual(opened.rows, [["pass"]]);
    const [notice] = opened.events.flatMap((event) => (event.type === "notice" ? [event] : []));
    assert.match(notice?.message ?? "", /^2 of 3 keys could not open the value; azure-kms:\S+ did$/u);
    assert.match(notice?.detail ?? "", /denied.*\n.*disabled.*\n.* ok$/u);
  });

  it("an alias finds its entry among those of other keys by what AWS tells of it", async () => {
    const [arn, alias] = [aws.uri(AwsKmsEmulator.arn()), aws.uri("alias/backup")];
    const { rows } = await session.ok(`ENCRYPT VALUE 'x' WITH kms = (${quoted([gcp.uri(), azure.uri(), arn])})`);
    const asked = aws.server.requests.length;
    await session.ok(`DECRYPT VALUE '${rows[0]?.[0]}' WITH kms = '${alias}'`);
    const operations = aws.server.requests.slice(asked).map(({ headers }) => String(headers["x-amz-target"]));
    assert.deepEqual(
      operations.map((operation) => operation.replace("TrentService.", "")),
      ["DescribeKey", "ListAliases", "Decrypt"],
    );
  });
});
