import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BackupWorld, openServer, type TestSession } from "../harness/backup-world.ts";
import { readFingerprint, readRows } from "../harness/database-state.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { WatchedStore } from "../harness/watched-store.ts";

let server: TestPostgres;
let world: BackupWorld;
let session: TestSession;

before(async () => {
  world = await BackupWorld.open();
  server = await startPostgres();
  session = world.postgres(server.settings);
  for (const [database, script] of [
    ["a_first", "CREATE ROLE teller; CREATE TABLE t (a int); INSERT INTO t VALUES (1); GRANT SELECT ON t TO teller"],
    ["b_second", "CREATE SCHEMA s; CREATE TABLE s.u (b int); INSERT INTO s.u VALUES (2)"],
    ["c_third", "CREATE SCHEMA s; CREATE TABLE s.v (c int); CREATE TABLE s.u (b text)"],
  ] as const) {
    await session.ok(`CREATE DATABASE ${database}`);
    const one = world.postgres({ ...server.settings, database });
    await one.ok(script);
    await one.close();
  }
  await session.ok(`BACKUP INTO '${world.uri}'`);
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await server.stop();
});

test("a conflict in the last database is found before anything is made or a row is read", async () => {
  const other = await startPostgres();
  try {
    const there = world.postgres(other.settings);
    await there.ok("CREATE DATABASE c_third");
    const third = world.postgres({ ...other.settings, database: "c_third" });
    await third.ok("CREATE SCHEMA s; CREATE VIEW s.v AS SELECT 1 AS mine");
    await third.close();
    await using observer = await openServer(other.settings);
    const old = await readFingerprint(observer);
    const read: string[] = [];
    world.hooks = {
      store: (store) => new WatchedStore(store, async (operation) => void read.push(operation)),
    };
    const error = await there.fails(`RESTORE FROM LATEST IN '${world.uri}'`, "restore/conflict");
    world.hooks = {};
    assert.deepEqual(error.detail, ["TABLE s.v"]);
    assert.equal(error.note, "nothing was changed");
    assert.deepEqual(await readFingerprint(observer), old);
    assert.ok(read.length > 0 && read.every((operation) => !operation.includes("/data/")), "no row is read");
    const fixed = world.postgres({ ...other.settings, database: "c_third" });
    await fixed.ok("DROP VIEW s.v");
    await fixed.close();
    await there.ok(`RESTORE FROM LATEST IN '${world.uri}'`);
    const first = world.postgres({ ...other.settings, database: "a_first" });
    assert.deepEqual((await first.ok("SET ROLE teller; TABLE t")).rows, [["1"]]);
    await first.close();
    await there.close();
  } finally {
    await other.stop();
  }
});

test("tables of two databases go into one: what the first makes is there for the second", async () => {
  await session.ok("CREATE DATABASE together");
  const into = `FROM LATEST IN '${world.uri}' WITH into_db = 'together'`;
  const error = await session.fails(`RESTORE TABLE b_second.s.u, c_third.s.u ${into}`, "restore/conflict");
  assert.equal(error.note, "nothing was changed");
  await session.ok(`RESTORE TABLE b_second.s.u, c_third.s.v ${into}`);
  await using both = await openServer({ ...server.settings, database: "together" });
  const rows = (await readRows(both)).map((line) => line.split(" ").slice(0, 4).join(" "));
  assert.deepEqual(rows, ['rows of "s"."u": 1', 'rows of "s"."v": 0']);
});
