import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPostgres } from "../../../src/engines/postgres/engine.ts";
import { textOf } from "../../../src/std/bytes.ts";
import { collect, rowsOfBlocks, tableOf } from "../../contracts/engine-support.ts";
import { startPostgres, type TestPostgres } from "../../harness/postgres-server.ts";

let server: TestPostgres;
before(async () => {
  server = await startPostgres();
});
after(async () => {
  await server.stop();
});

void test("an extension's tables: its own stay out, its configuration comes in as far as its condition says", async () => {
  await server.withDatabase(async (settings) => {
    await using engine = await openPostgres(settings);
    await collect(
      engine.run(`
        CREATE TABLE e_own (n int); CREATE TABLE e_all (n int); CREATE TABLE e_some (n int); CREATE SEQUENCE e_count;
        INSERT INTO e_some SELECT generate_series(1, 9); INSERT INTO e_all SELECT 1;
        ALTER EXTENSION plpgsql ADD TABLE e_own; ALTER EXTENSION plpgsql ADD TABLE e_all;
        ALTER EXTENSION plpgsql ADD TABLE e_some; ALTER EXTENSION plpgsql ADD SEQUENCE e_count;
        UPDATE pg_extension SET extconfig = ARRAY['e_all'::regclass, 'e_some'::regclass]::oid[],
          extcondition = ARRAY['', 'WHERE n > 6 OR n = 1'] WHERE extname = 'plpgsql'`),
    );
    await using snapshot = await engine.openSnapshot();
    const tables = await snapshot.tables();
    assert.deepEqual(
      tables.map(({ name, condition }) => [name, condition]),
      [
        ["e_all", undefined],
        ["e_some", "WHERE n > 6 OR n = 1"],
      ],
    );
    assert.deepEqual(await snapshot.sequences(), []);
    const table = await tableOf(snapshot, "e_some");
    for (const options of [{}, { range: { fromBlock: 0 } }, { range: { fromBlock: 0, toBlock: 1 } }]) {
      const rows = await rowsOfBlocks(snapshot.copyOut(table, { rowFormat: "text", ...options }));
      assert.equal(rows.map(textOf).join(""), "1\n7\n8\n9\n");
    }
  });
});

void test("rows of a parent table are its own, not those of the tables that inherit from it", async () => {
  await server.withDatabase(async (settings) => {
    await using engine = await openPostgres(settings);
    await collect(
      engine.run(`CREATE TABLE parent (n int); CREATE TABLE child () INHERITS (parent);
        INSERT INTO parent SELECT 1; INSERT INTO child SELECT 2`),
    );
    await using snapshot = await engine.openSnapshot();
    const parent = await tableOf(snapshot, "parent");
    for (const options of [{}, { range: { fromBlock: 0, toBlock: 1 } }]) {
      const rows = await rowsOfBlocks(snapshot.copyOut(parent, { rowFormat: "text", ...options }));
      assert.deepEqual(rows.map(textOf), ["1\n"]);
    }
  });
});

void test("row-level security refuses instead of leaving rows out", async () => {
  await server.withDatabase(async (settings) => {
    await using engine = await openPostgres(settings);
    await collect(
      engine.run(`CREATE TABLE guarded AS SELECT 1 AS n; ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
        CREATE ROLE guest LOGIN; GRANT SELECT ON guarded TO guest`),
    );
    {
      await using guest = await openPostgres({ ...settings, user: "guest" });
      await using snapshot = await guest.openSnapshot();
      const table = await tableOf(snapshot, "guarded");
      await assert.rejects(rowsOfBlocks(snapshot.copyOut(table, { rowFormat: "text" })), {
        code: "engine/failed",
        sqlState: "42501",
      });
    }
    await collect(engine.run("DROP OWNED BY guest; DROP ROLE guest"));
  });
});
