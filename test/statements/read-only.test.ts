import assert from "node:assert/strict";
import { join } from "node:path";
import { suite, test } from "node:test";
import type { ConnectionSettings } from "../../src/connection/settings.ts";
import { BackupWorld, connectionTo } from "../harness/backup-world.ts";
import { startPostgres } from "../harness/postgres-server.ts";

/** What --read-only lets through and what it does not, on one database. */
async function readsOnly(world: BackupWorld, settings: ConnectionSettings): Promise<void> {
  const writer = world.session(settings);
  await writer.ok("create table t (a int)");
  await writer.ok("insert into t values (1)");
  await writer.close();
  const reader = world.session(settings, true);
  assert.deepEqual((await reader.ok("select a from t")).rows, [["1"]]);
  for (const write of [
    "insert into t values (2)",
    "drop table t",
    "begin; delete from t; commit",
    "copy t from stdin",
  ]) {
    assert.equal((await reader.run(write)).error?.sqlState, "25006", write);
    await reader.run("rollback");
  }
  await reader.backup(`backup into '${world.uri}'`);
  const restore = await reader.fails(`restore from latest in '${world.uri}'`, "statement/read-only");
  assert.equal(restore.message, "RESTORE writes to the database, and this session is read-only");
  await reader.fails(`copy t from '${world.uri}/x' csv`, "statement/read-only");
  for (const escape of ["begin read write", "set default_transaction_read_only = off", "discard all"]) {
    await reader.fails(escape, "statement/read-only");
  }
  const checked = await reader.live.check(`select 1; restore from latest in '${world.uri}'`);
  assert.deepEqual(
    checked.map(({ code, span }) => [code, span?.start]),
    [["statement/read-only", 10]],
  );
  await reader.live.connectTo(settings);
  assert.equal((await reader.run("delete from t")).error?.sqlState, "25006");
  assert.deepEqual((await reader.ok("select a from t")).rows, [["1"]]);
  await reader.close();
}

suite("--read-only", () => {
  test("on a server", async () => {
    await using server = await startPostgres();
    await using world = await BackupWorld.open();
    await server.withDatabase(async (settings) => readsOnly(world, connectionTo(settings)));
  });

  test("on the embedded engine", async () => {
    await using world = await BackupWorld.open();
    const directory = join(world.directory, "embedded");
    await readsOnly(world, { kind: "embedded", directory, provenance: {} });
  });
});
