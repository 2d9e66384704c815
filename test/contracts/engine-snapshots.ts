import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "../../src/engines/engine.ts";
import { utf8, type ByteStream } from "../../src/std/bytes.ts";
import { collect, failureOf, rowsOfBlocks, tableOf } from "./engine-support.ts";

export function registerSnapshots(engine: () => Engine): void {
  void test("tables: in byte order, without generated columns, text where binary would hold object ids", async () => {
    const knowsGenerated = engine().description.versionNumber >= 120_000;
    const generated = knowsGenerated ? ", b int GENERATED ALWAYS AS (a * 2) STORED" : "";
    await collect(
      engine().run(`
        CREATE SCHEMA "Z"; CREATE TABLE "Z"."first; one" (a int${generated});
        CREATE TYPE mood AS ENUM ('calm', 'wild'); CREATE DOMAIN moods AS mood; CREATE TYPE pair AS (x int, y int);
        CREATE TABLE t_enum (m mood, d moods); CREATE TABLE t_enums (m mood[]); CREATE TABLE t_pair (p pair);
        CREATE TABLE t_reg (r regclass); CREATE TABLE t_none ();
        CREATE TABLE t_parts (n int) PARTITION BY LIST (n); CREATE TABLE t_part_1 PARTITION OF t_parts FOR VALUES IN (1);
        CREATE VIEW t_view AS SELECT 1; CREATE TEMPORARY TABLE t_temporary (n int)`),
    );
    await using snapshot = await engine().openSnapshot();
    const tables = await snapshot.tables();
    const names = tables.map((table) => `${table.schema}.${table.name}`);
    assert.deepEqual(
      names,
      names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
    const facts = tables.filter((table) => table.schema === "Z" || table.name.startsWith("t_"));
    assert.deepEqual(
      facts.map((table) => [table.name, table.rowFormat, table.columns.join()]),
      [
        ["first; one", "binary", "a"],
        ["t_enum", "binary", "m,d"],
        ["t_enums", "text", "m"],
        ["t_none", "binary", ""],
        ["t_pair", "text", "p"],
        ["t_part_1", "binary", "n"],
        ["t_reg", "text", "r"],
      ],
    );
  });

  void test("sequences: last value and whether it was used", async () => {
    await collect(
      engine().run(
        "CREATE SEQUENCE s_used START 5; CREATE SEQUENCE s_fresh MINVALUE -9 START -9; SELECT nextval('s_used')",
      ),
    );
    await using snapshot = await engine().openSnapshot();
    const sequences = (await snapshot.sequences()).filter((sequence) => sequence.name.startsWith("s_"));
    assert.deepEqual(sequences, [
      { schema: "public", name: "s_fresh", lastValue: "-9", isCalled: false },
      { schema: "public", name: "s_used", lastValue: "5", isCalled: true },
    ]);
  });

  void test("a snapshot does not see what is written after it", async (context) => {
    if (!engine().capabilities.parallel) {
      context.skip("runs on engines with more than one session: something has to write beside the snapshot");
      return;
    }
    await collect(engine().run("CREATE TABLE moving AS SELECT n FROM generate_series(1, 100) AS n"));
    await using snapshot = await engine().openSnapshot();
    const table = await tableOf(snapshot, "moving");
    await collect(engine().run("DELETE FROM moving; INSERT INTO moving SELECT 0"));
    const rows = await rowsOfBlocks(snapshot.copyOut(table, { rowFormat: "text" }));
    assert.equal(rows.length, 100);
    assert.deepEqual(await snapshot.rows("SELECT count(*) FROM public.moving"), [["100"]]);
    assert.ok(Math.abs(snapshot.instant.getTime() - Date.now()) < 3_600_000);
  });

  void test("a reader of rows that leaves early leaves the snapshot usable", async () => {
    await collect(engine().run("CREATE TABLE left_early AS SELECT repeat('e', 1000) FROM generate_series(1, 20000)"));
    await using snapshot = await engine().openSnapshot();
    const table = await tableOf(snapshot, "left_early");
    for await (const block of snapshot.copyOut(table, { rowFormat: "text" })) {
      assert.ok(block.rows > 0);
      break;
    }
    await using other = await engine().openSnapshot();
    assert.deepEqual(await other.rows("SELECT count(*) FROM public.left_early"), [["20000"]]);
  });
}

export function registerCancelling(engine: () => Engine): void {
  void test("abort stops a statement on the server and leaves the session usable", async (context) => {
    if (!engine().capabilities.cancel) {
      context.skip("runs on engines that can stop a statement, as PostgreSQL");
      return;
    }
    const abort = new AbortController();
    const run = async (): Promise<void> => {
      // A notice is sent at once, whatever else the server still holds back.
      const sql = "DO $$ BEGIN RAISE NOTICE 'asleep'; PERFORM pg_sleep(600); END $$";
      for await (const event of engine().run(sql, { signal: abort.signal })) {
        if (event.type === "notice") abort.abort();
      }
    };
    assert.equal((await failureOf(run())).code, "job/interrupted");
    assert.deepEqual(await engine().rows("SELECT 1"), [["1"]]);
  });

  void test("abort in the middle of a COPY in either direction leaves the session usable", async (context) => {
    if (!engine().capabilities.cancel) {
      context.skip("runs on engines that can stop a statement, as PostgreSQL");
      return;
    }
    const out = new AbortController();
    const copying = async (): Promise<void> => {
      const sql = "COPY (SELECT repeat('y', 1000) FROM generate_series(1, 10000000)) TO STDOUT";
      for await (const event of engine().run(sql, { signal: out.signal })) {
        if (event.type === "copy-data") out.abort();
      }
    };
    assert.equal((await failureOf(copying())).code, "job/interrupted");
    await collect(engine().run("CREATE TABLE half_in (n int)"));
    const [target, into] = [
      { schema: "public", name: "half_in", columns: ["n"], rowFormat: "text", freeze: false } as const,
      new AbortController(),
    ];
    const silent = async function* (): ByteStream {
      yield utf8("1\n");
      into.abort();
      await new Promise(() => undefined);
    };
    assert.equal((await failureOf(engine().copyIn(target, silent(), into.signal))).code, "job/interrupted");
    assert.deepEqual(await engine().rows("SELECT count(*) FROM half_in"), [["0"]]);
  });

  void test("an already aborted signal sends nothing", async () => {
    const signal = AbortSignal.abort();
    const error = await failureOf(collect(engine().run("CREATE TABLE never ()", { signal })));
    assert.equal(error.code, "job/interrupted");
    assert.deepEqual(await engine().rows("SELECT to_regclass('never')"), [[null]]);
  });
}
