// PARALLEL ON of a large table: several connections, one instant. Every case is compared with what the session itself sees.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { Engine } from "../../src/engines/engine.ts";
import { plainScanOf } from "../../src/unload/plain-scan.ts";
import { unloadStage } from "../harness/unload-stage.ts";
import { contentOf, filesBelow } from "../harness/unloaded.ts";

// A tenth of every block is used, so that few rows are many blocks.
const TABLES = `
CREATE TABLE wide (id int, t text) WITH (fillfactor = 10);
INSERT INTO wide SELECT i, repeat('x', 40) FROM generate_series(1, 60000) i;
CREATE TABLE guarded (LIKE wide) WITH (fillfactor = 10);
INSERT INTO guarded SELECT * FROM wide;
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE TABLE parent (LIKE wide) WITH (fillfactor = 10);
INSERT INTO parent SELECT * FROM wide;
CREATE TABLE child () INHERITS (parent);
INSERT INTO child VALUES (0, 'of the child');
CREATE VIEW seen AS SELECT * FROM wide;
CREATE ROLE reader; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader; ANALYZE`;

const stage = unloadStage(TABLES);
let connections = 0;
let onConnection: () => Promise<void>;

beforeEach(async () => {
  connections = 0;
  onConnection = () => Promise.resolve();
  const watched = (engine: Engine): Engine =>
    new Proxy(engine, {
      get(target, name) {
        if (name === "openDatabase") {
          return async (database: string) => {
            connections += 1;
            await onConnection();
            return target.openDatabase(database);
          };
        }
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  stage.world.hooks = { engine: watched };
});

/** The ids of the files, sorted. */
async function unloaded(query: string, clauses = "", before = ""): Promise<string> {
  const session = stage.world.postgres(stage.server.settings);
  if (before !== "") await session.ok(before);
  await session.ok(`UNLOAD ($$${query}$$) TO 'file://${stage.folder}/x' ALLOWOVERWRITE CSV ${clauses}`);
  const text = await contentOf(await filesBelow(stage.folder), { compression: "none" });
  await session.close();
  return text
    .split("\n")
    .filter((line) => line !== "")
    .toSorted()
    .join("\n");
}

async function expected(query: string): Promise<string> {
  const { rows } = await stage.session.ok(query);
  return rows
    .map((row) => row.join(","))
    .toSorted()
    .join("\n");
}

describe("a large table", () => {
  for (const query of [
    "SELECT * FROM wide",
    'select t , "id" from Public."wide" as w',
    "SELECT id FROM postgres.public.wide x",
  ]) {
    it(`is read over several connections: ${query}`, async () => {
      assert.ok((await unloaded(query)) === (await expected(query)));
      assert.equal(connections, 1);
    });
  }

  it("is that of one instant, whatever others do meanwhile", async () => {
    const query = "SELECT * FROM wide";
    const wanted = await expected(query);
    onConnection = async () => {
      await stage.session.ok("UPDATE wide SET id = -id WHERE id % 2 = 0; INSERT INTO wide VALUES (0, 'late')");
    };
    assert.ok((await unloaded(query)) === wanted);
    assert.equal(connections, 1);
    await stage.session.ok("DELETE FROM wide WHERE id = 0; UPDATE wide SET id = -id WHERE id < 0");
  });

  it("is read over one connection where another is not to be had, or would have to wait", async () => {
    const query = "SELECT * FROM wide";
    const wanted = await expected(query);
    onConnection = () => Promise.reject(new Error("too many clients"));
    assert.ok((await unloaded(query)) === wanted);
    const waiting = stage.world.postgres(stage.server.settings);
    let altered: Promise<unknown> = Promise.resolve();
    onConnection = async () => {
      altered = waiting.ok("ALTER TABLE wide ADD more int");
      for (;;) {
        const { rows } = await stage.session.ok("SELECT count(*) FROM pg_locks WHERE NOT granted");
        if (rows[0]?.[0] !== "0") return;
      }
    };
    assert.ok((await unloaded(query)) === wanted);
    await altered;
    await stage.session.ok("ALTER TABLE wide DROP more");
    await waiting.close();
  });

  it("that fails half-way fails as a whole", async () => {
    const session = stage.world.postgres(stage.server.settings);
    const abort = new AbortController();
    onConnection = () => {
      setTimeout(() => abort.abort(), 20);
      return Promise.resolve();
    };
    const sql = `UNLOAD ($$SELECT * FROM wide$$) TO 'file://${stage.folder}/x' CSV BZIP2 MANIFEST`;
    let code: string | undefined;
    for await (const event of session.live.execute(sql, { signal: abort.signal })) {
      if (event.type === "failed") code = event.error.code;
    }
    assert.equal(code, "job/interrupted");
    assert.deepEqual(await stage.names().catch(() => []), []);
    assert.deepEqual((await session.ok("SELECT 1")).rows, [["1"]]);
    await session.close();
  });
});

describe("one connection reads", () => {
  const CASES: readonly (readonly [why: string, query: string, clauses?: string, before?: string])[] = [
    ["a series in order", "SELECT * FROM wide", "PARALLEL OFF"],
    ["folders", "SELECT id, t FROM wide", "PARTITION BY (t)"],
    ["a condition", "SELECT * FROM wide WHERE id > 10"],
    ["an expression", "SELECT id + 1 FROM wide"],
    ["the row itself", "SELECT wide FROM wide"],
    ["a column of the system", "SELECT xmin FROM wide"],
    ["a word that is a function", "SELECT current_catalog FROM wide"],
    ["a comment", "SELECT * FROM wide -- all"],
    ["two tables", "SELECT wide.id FROM wide, child"],
    ["a view", "SELECT * FROM seen"],
    ["a parent", "SELECT * FROM parent"],
    ["row security", "SELECT * FROM guarded"],
    ["a small table", "SELECT * FROM child"],
    ["another role", "SELECT * FROM wide", "", "SET ROLE reader"],
    ["another user", "SELECT * FROM wide", "", "SET SESSION AUTHORIZATION reader"],
    ["a setting of the session", "SELECT * FROM wide", "", "SET search_path = public"],
    ["a table of the session", "SELECT * FROM mine", "", "CREATE TEMP TABLE mine AS SELECT * FROM wide"],
    ["a transaction", "SELECT * FROM wide", "", "BEGIN; DELETE FROM wide WHERE id = 7"],
  ];
  for (const [why, query, clauses = "", before = ""] of CASES) {
    it(why, async () => {
      const text = await unloaded(query, clauses, before);
      assert.equal(connections, 0);
      if (before !== "") return;
      if (clauses === "PARTITION BY (t)") assert.equal(text, await expected("SELECT id FROM wide"));
      else assert.equal(text.replaceAll('"', ""), (await expected(query)).replaceAll('"', ""));
    });
  }

  it("what a transaction has changed", async () => {
    const lines = (await unloaded("SELECT * FROM wide", "", "BEGIN; DELETE FROM wide WHERE id <= 59990")).split("\n");
    assert.equal(lines.length, 10);
  });
});

describe("a query that is a table", () => {
  it("has names as they are looked up", () => {
    assert.deepEqual(plainScanOf('Select "A""b",Cd From "S".T As x'), {
      table: ["S", "t"],
      columns: ['A"b', "cd"],
      bareNames: ["cd", "t"],
    });
  });

  for (const query of [
    "SELECT * FROM t, u",
    "SELECT * FROM f()",
    "SELECT a.b FROM a",
    "SELECT * FROM t ORDER BY 1",
    "",
  ]) {
    it(`is not: ${query}`, () => assert.equal(plainScanOf(query), undefined));
  }
});
