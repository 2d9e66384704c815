import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "../../src/engines/engine.ts";
import { ShellError } from "../../src/errors.ts";
import type { Event } from "../../src/events.ts";
import { streamOf, textOf, utf8, type ByteStream } from "../../src/std/bytes.ts";
import { collect, failureOf, rowsOf, rowsOfBlocks, typesOf } from "./engine-support.ts";

export function registerQueries(engine: () => Engine): void {
  void test("tells columns with their kinds, rows as text and the tag", async () => {
    const sql = "SELECT 1 AS n, NULL::text AS nothing, 'tea' AS t, true AS b, '{}'::jsonb AS j, date '2001-02-03' AS d";
    const events = await collect(engine().run(sql));
    assert.deepEqual(typesOf(events), ["columns", "rows", "finished"]);
    const [columns, , finished] = events;
    assert.ok(columns?.type === "columns" && finished?.type === "finished");
    assert.deepEqual(
      columns.columns.map((column) => column.kind),
      ["number", "text", "text", "boolean", "json", "time"],
    );
    assert.deepEqual(rowsOf(events), [["1", null, "tea", "t", "{}", "2001-02-03"]]);
    assert.equal(finished.tag, "SELECT 1");
    assert.ok(finished.elapsedMs >= 0);
  });

  void test("keeps duplicate column names and wide characters", async () => {
    const events = await collect(engine().run(`SELECT 1 AS "ä𝒳", 2 AS "ä𝒳", '🪁 naïve'`));
    assert.ok(events[0]?.type === "columns");
    assert.deepEqual(
      events[0].columns.map((column) => column.name),
      ["ä𝒳", "ä𝒳", "?column?"],
    );
    assert.deepEqual(rowsOf(events), [["1", "2", "🪁 naïve"]]);
  });

  void test("runs several statements of one text, and stops at the first that fails", async () => {
    const events: Event[] = [];
    const run = async (): Promise<void> => {
      for await (const event of engine().run("SELECT 1; SELECT 2; SELECT 1/0; SELECT 3")) events.push(event);
    };
    const error = await failureOf(run());
    assert.equal(error.code, "engine/failed");
    assert.equal(error.sqlState, "22012");
    assert.deepEqual(rowsOf(events), [["1"], ["2"]]);
    assert.equal(events.filter((event) => event.type === "finished").length, 2);
  });

  void test("an empty text has no events", async () => {
    assert.deepEqual(await collect(engine().run("  -- nothing\n")), []);
  });

  void test("an error says where in the text, in UTF-16 units, past characters outside the first plane", async () => {
    const sql = "SELECT '🪁', no_such_column FROM pg_class";
    const error = await failureOf(collect(engine().run(sql)));
    assert.equal(error.sqlState, "42703");
    assert.ok(error.span !== undefined);
    assert.equal(sql.slice(error.span.start, error.span.end), "no_such_column");
  });

  void test("an error keeps detail, hint, severity and context", async () => {
    const body = "RAISE EXCEPTION 'too salty' USING ERRCODE = 'P9999', DETAIL = 'twice', HINT = 'rinse'";
    const error = await failureOf(collect(engine().run(`DO $$ BEGIN ${body}; END $$`)));
    assert.equal(error.message, "too salty");
    assert.equal(error.sqlState, "P9999");
    assert.equal(error.severity, "ERROR");
    assert.equal(error.hint, "rinse");
    assert.equal(error.detail[0], "twice");
    assert.match(error.detail[1] ?? "", /^context: PL\/pgSQL function/);
  });

  void test("notices come with severity, detail and hint, before what follows them", async () => {
    const sql = "DO $$ BEGIN RAISE WARNING 'mind' USING DETAIL = 'the', HINT = 'gap'; END $$; SELECT 1";
    const events = await collect(engine().run(sql));
    assert.deepEqual(events[0], { type: "notice", severity: "WARNING", message: "mind", detail: "the", hint: "gap" });
    assert.deepEqual(typesOf(events), ["notice", "finished", "columns", "rows", "finished"]);
  });

  void test("tells the transaction's state", async () => {
    assert.equal(engine().transaction, "idle");
    await collect(engine().run("BEGIN"));
    assert.equal(engine().transaction, "open");
    await failureOf(collect(engine().run("SELECT 1/0")));
    assert.equal(engine().transaction, "failed");
    await collect(engine().run("ROLLBACK"));
    assert.equal(engine().transaction, "idle");
  });

  void test("small results: parameters are sent apart from the text", async () => {
    const nasty = "'; DROP TABLE x; --";
    assert.deepEqual(await engine().rows("SELECT $1::text, $2::int, $3::text", [nasty, "7", null]), [
      [nasty, "7", null],
    ]);
    const error = await failureOf(engine().rows("SELECT $1::int", ["seven"]));
    assert.equal(error.sqlState, "22P02");
    assert.deepEqual(await engine().rows("SELECT 1"), [["1"]]);
  });

  void test("a large result comes whole, in batches", async () => {
    let [rows, batches, sum] = [0, 0, 0];
    for await (const event of engine().run("SELECT n, repeat('x', 100) FROM generate_series(1, 50000) AS n")) {
      if (event.type !== "rows") continue;
      batches += 1;
      rows += event.rows.length;
      for (const [n] of event.rows) sum += Number(n);
    }
    assert.equal(rows, 50_000);
    assert.equal(sum, 1_250_025_000);
    assert.ok(batches >= 50);
  });

  void test("a reader that leaves early leaves a usable session", async () => {
    for await (const event of engine().run("SELECT n FROM generate_series(1, 300000) AS n")) {
      if (event.type === "rows") break;
    }
    assert.deepEqual(await engine().rows("SELECT 1"), [["1"]]);
  });
}

export function registerCopyStatements(engine: () => Engine): void {
  void test("COPY TO STDOUT gives its bytes", async () => {
    const events = await collect(engine().run("COPY (SELECT n FROM generate_series(1, 3) AS n) TO STDOUT; SELECT 9"));
    const bytes = events.flatMap((event) => (event.type === "copy-data" ? [textOf(event.bytes)] : []));
    assert.equal(bytes.join(""), "1\n2\n3\n");
    assert.deepEqual(rowsOf(events), [["9"]]);
  });

  void test("COPY FROM STDIN takes its bytes from the source, cut anywhere", async () => {
    await collect(engine().run("CREATE TABLE copied (n int, t text)"));
    const copySource = streamOf(utf8("1\to"), utf8("ne\n2\t"), utf8("two\n"));
    const events = await collect(engine().run("COPY copied FROM STDIN; SELECT count(*) FROM copied", { copySource }));
    assert.deepEqual(typesOf(events), ["finished", "columns", "rows", "finished"]);
    assert.deepEqual(rowsOf(events), [["2"]]);
  });

  void test("COPY FROM STDIN without a source, from a failing one, and of malformed rows fails and leaves the session usable", async () => {
    await collect(engine().run("CREATE TABLE uncopied (n int)"));
    assert.equal((await failureOf(collect(engine().run("COPY uncopied FROM STDIN")))).code, "engine/failed");
    const broken = new ShellError("storage/unavailable", "the shelf fell down");
    const failing = async function* (): ByteStream {
      yield utf8("1\n");
      throw broken;
    };
    assert.equal(await failureOf(collect(engine().run("COPY uncopied FROM STDIN", { copySource: failing() }))), broken);
    const malformed = streamOf(utf8("1\nnot a number\n"));
    const error = await failureOf(collect(engine().run("COPY uncopied FROM STDIN", { copySource: malformed })));
    assert.equal(error.sqlState, "22P02");
    assert.deepEqual(await engine().rows("SELECT count(*) FROM uncopied"), [["0"]]);
  });
}

export function registerCopiedQueries(engine: () => Engine): void {
  void test("a query is described without running it, and may end in a comment", async () => {
    const columns = await engine().describeQuery(
      'SELECT 1 / (n - n) AS a, \'x\'::varchar(7) AS b, 1.5::numeric(12, 3) AS a, true AS "Q""" FROM generate_series(1, 2) AS n -- end',
    );
    assert.deepEqual(columns, [
      { name: "a", typeOid: 23, typeModifier: -1 },
      { name: "b", typeOid: 1043, typeModifier: 11 },
      { name: "a", typeOid: 1700, typeModifier: ((12 << 16) | 3) + 4 },
      { name: 'Q"', typeOid: 16, typeModifier: -1 },
    ]);
    const failure = await failureOf(engine().describeQuery("SELECT nothing"));
    assert.deepEqual([failure.sqlState, failure.span], ["42703", { start: 7, end: 14 }]);
    assert.deepEqual(await engine().rows("SELECT 1"), [["1"]]);
  });

  void test("a query's rows come as blocks of COPY's text, in the session", async () => {
    await collect(
      engine().run("CREATE TEMPORARY TABLE here AS SELECT n, E'a\\tb' AS t FROM generate_series(1, 30000) n"),
    );
    const rows = await rowsOfBlocks(engine().copyRows("COPY (SELECT * FROM here ORDER BY n\n) TO STDOUT"));
    assert.equal(rows.length, 30_000);
    assert.equal(textOf(rows[29_999] ?? utf8("")), "30000\ta\\tb\n");
    const failing = rowsOfBlocks(engine().copyRows("COPY (SELECT 1 / (20000 - n) FROM here) TO STDOUT"));
    assert.equal((await failureOf(failing)).sqlState, "22012");
    for await (const _ of engine().copyRows("COPY (SELECT n FROM here) TO STDOUT")) break;
    assert.deepEqual(await engine().rows("SELECT count(*) FROM here"), [["30000"]]);
  });
}
