import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";

const A = "file:///a?COCKROACH_LOCALITY=default";
const WEST = "file:///w?COCKROACH_LOCALITY=region%3Dus-west";
const EAST = "file:///e?COCKROACH_LOCALITY=region%3Dus-east";

describe("destinations by locality", () => {
  let [world, session]: [BackupWorld, TestSession] = [] as never;
  before(async () => {
    world = await BackupWorld.open();
    session = world.embedded("/nowhere");
  });
  after(async () => world[Symbol.asyncDispose]());

  const listOf = (uris: readonly string[]): string => `(${uris.map((uri) => `'${uri}'`).join(", ")})`;

  const WRONG: readonly (readonly [message: string, uris: readonly string[]])[] = [
    ["COCKROACH_LOCALITY region=us-west is invalid for a single BACKUP location", [WEST]],
    ["multiple URLs are provided for partitioned BACKUP, but COCKROACH_LOCALITY is not specified", [A, "file:///b"]],
    ["multiple default URLs provided for partition backup", [A, WEST, A]],
    ["no default URL provided for partitioned backup", [WEST, EAST]],
    ["duplicate URIs for locality region=us-west", [A, WEST, WEST]],
    ["failed to parse backup locality us-west", [A, "file:///b?COCKROACH_LOCALITY=us-west"]],
    ["failed to parse backup locality region=a,zone=b", [A, "file:///b?COCKROACH_LOCALITY=region%3Da%2Czone%3Db"]],
  ];
  for (const [message, uris] of WRONG) {
    it(`BACKUP: ${message}`, async () => {
      const sql = `BACKUP INTO ${listOf(uris)}`;
      const error = await session.fails(sql, "location/invalid");
      assert.equal(error.message, message);
      // The span is that of one of the URIs.
      const { start = 0, end = 0 } = error.span ?? {};
      assert.match(sql.slice(start, end), /^'file:[^']*'$/u);
    });
  }

  it("that are right are refused for what is not there yet, by every statement that takes a list", async () => {
    const list = listOf([A, WEST, EAST]);
    for (const [sql, participle] of [
      [`BACKUP INTO ${list}`, "written"],
      [`RESTORE FROM LATEST IN ${list}`, "read"],
      [`SHOW BACKUP FROM LATEST IN ${list}`, "read"],
      [`SHOW BACKUPS IN ${list}`, "read"],
      [`ALTER BACKUP LATEST IN ${list} ADD NEW_KMS = 'local-kms:///b' WITH OLD_KMS = 'local-kms:///a'`, "read"],
    ]) {
      const error = await session.fails(sql ?? "", "engine/unsupported");
      assert.equal(error.message, `backups by locality cannot be ${participle} yet`);
      assert.deepEqual(error.detail, ["default: file:///a", "region=us-west: file:///w", "region=us-east: file:///e"]);
    }
  });

  it("need no locality to be read, but the default one is the first", async () => {
    const unsaid = listOf(["file:///a", "file:///w"]);
    await session.fails(`RESTORE FROM LATEST IN ${unsaid}`, "engine/unsupported");
    const order = await session.fails(`RESTORE FROM LATEST IN ${listOf([WEST, A])}`, "location/invalid");
    assert.equal(
      order.message,
      "the first of several URIs must be the one with COCKROACH_LOCALITY=default, not region=us-west",
    );
    const twice = await session.fails(`RESTORE FROM LATEST IN ${listOf([A, A])}`, "location/invalid");
    assert.equal(twice.message, "multiple default URLs provided for partition backup");
    await session.fails(`SHOW BACKUPS IN ${listOf([A, WEST, WEST])}`, "location/invalid");
  });

  it("have no meaning for UNLOAD and COPY, which have one place", async () => {
    for (const sql of [`UNLOAD ('select 1') TO '${WEST}'`, `COPY t FROM '${WEST}'`]) {
      const error = await session.fails(sql, "location/invalid");
      assert.match(error.message, /^COCKROACH_LOCALITY region=us-west is invalid for a single location$/u);
    }
    assert.notEqual((await session.run(`UNLOAD ('select 1') TO '${A}'`)).error?.code, "location/invalid");
  });
});
