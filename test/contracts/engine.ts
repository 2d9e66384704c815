import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import type { CopyInTarget, Engine, Snapshot, TableInfo } from "../../src/engines/engine.ts";
import { ShellError } from "../../src/errors.ts";
import type { Event } from "../../src/events.ts";
import type { RowBlock, RowFormat } from "../../src/formats/rows.ts";
import { streamOf, textOf, utf8, type ByteStream } from "../../src/std/bytes.ts";
import { HOSTILE_ROWS, HOSTILE_TABLE, LONG_TEXT_CHARACTERS } from "./hostile-rows.ts";

async function collect(events: AsyncIterable<Event>): Promise<readonly Event[]> {
  const all: Event[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function rowsOf(events: readonly Event[]): readonly (readonly (string | null)[])[] {
  return events.flatMap((event) => (event.type === "rows" ? event.rows : []));
}

function typesOf(events: readonly Event[]): readonly string[] {
  return events.map((event) => event.type);
}

async function failureOf(work: Promise<unknown>): Promise<ShellError> {
  const thrown: unknown = await work.then(
    () => assert.fail("nothing was thrown"),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof ShellError, `not a ShellError: ${String(thrown)}`);
  return thrown;
}

/** Every row of every block, copied, checking that ends are in order and end at the block's end. */
async function rowsOfBlocks(blocks: AsyncIterable<RowBlock>): Promise<readonly Uint8Array[]> {
  const rows: Uint8Array[] = [];
  for await (const block of blocks) {
    let start = 0;
    for (const end of block.ends.subarray(0, block.rows)) {
      assert.ok(end >= start && end <= block.bytes.length);
      rows.push(block.bytes.slice(start, end));
      start = end;
    }
  }
  return rows;
}

async function tableOf(snapshot: Snapshot, name: string): Promise<TableInfo> {
  const found = (await snapshot.tables()).find((table) => table.name === name);
  assert.ok(found !== undefined, `no table ${name}`);
  return found;
}

function targetOf(name: string, table: TableInfo, rowFormat: RowFormat): CopyInTarget {
  return { schema: "public", name, columns: table.columns, rowFormat, freeze: false };
}

/** The cases every engine passes. `open` gives an engine on an empty database; it is opened once. */
export function engineContract(name: string, open: () => Promise<Engine>): void {
  void describe(`engine contract: ${name}`, () => {
    let engine: Engine;
    before(async () => {
      engine = await open();
    });
    after(async () => {
      await engine[Symbol.asyncDispose]();
    });
    registerQueries(() => engine);
    registerCopyStatements(() => engine);
    registerTransfers(() => engine);
    registerSnapshots(() => engine);
    registerCancelling(() => engine);
  });
}

function registerQueries(engine: () => Engine): void {
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

function registerCopyStatements(engine: () => Engine): void {
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

function registerTransfers(engine: () => Engine): void {
  const roundTrip = async (rowFormat: RowFormat, context: TestContext): Promise<void> => {
    if (rowFormat === "binary" && !engine().capabilities.copyBinary) {
      context.skip("no COPY BINARY");
      return;
    }
    await collect(engine().run(HOSTILE_TABLE(`hostile_${rowFormat}`)));
    await collect(engine().run(`INSERT INTO hostile_${rowFormat} ${HOSTILE_ROWS}`));
    await collect(engine().run(`CREATE TABLE returned_${rowFormat} (LIKE hostile_${rowFormat})`));
    const rows: Uint8Array[] = [];
    let table: TableInfo;
    {
      await using snapshot = await engine().openSnapshot();
      table = await tableOf(snapshot, `hostile_${rowFormat}`);
      assert.equal(table.rowFormat, "binary");
      rows.push(...(await rowsOfBlocks(snapshot.copyOut(table, { rowFormat }))));
    }
    assert.ok(rows.some((row) => row.length > LONG_TEXT_CHARACTERS));
    const taken = await engine().copyIn(targetOf(`returned_${rowFormat}`, table, rowFormat), streamOf(...rows));
    assert.equal(taken, BigInt(rows.length));
    const [from, to] = [`SELECT h::text FROM hostile_${rowFormat} h`, `SELECT r::text FROM returned_${rowFormat} r`];
    const missing = await engine().rows(`SELECT count(*) FROM (${from} EXCEPT ALL ${to}) AS m`);
    const added = await engine().rows(`SELECT count(*) FROM (${to} EXCEPT ALL ${from}) AS a`);
    assert.deepEqual([missing, added], [[["0"]], [["0"]]]);
    assert.deepEqual(await engine().rows(`SELECT count(*) FROM returned_${rowFormat}`), [[String(rows.length)]]);
  };

  void test("hostile values survive COPY out and in as text", (context) => roundTrip("text", context));
  void test("hostile values survive COPY out and in as binary", (context) => roundTrip("binary", context));

  void test("an empty table gives no rows in either form", async () => {
    await collect(engine().run("CREATE TABLE hollow (n int)"));
    await using snapshot = await engine().openSnapshot();
    const table = await tableOf(snapshot, "hollow");
    for (const rowFormat of ["binary", "text"] as const) {
      assert.deepEqual(await rowsOfBlocks(snapshot.copyOut(table, { rowFormat })), []);
    }
  });

  void test("block ranges together give every row once", async () => {
    await collect(
      engine().run("CREATE TABLE ranged AS SELECT n, repeat('r', 200) AS t FROM generate_series(1, 5000) AS n"),
    );
    await using snapshot = await engine().openSnapshot();
    const table = await tableOf(snapshot, "ranged");
    assert.ok(table.blocks > 100);
    const seen: string[] = [];
    const ranges = [{ fromBlock: 0, toBlock: 50 }, { fromBlock: 50, toBlock: 100 }, { fromBlock: 100 }];
    for (const range of ranges) {
      const rows = await rowsOfBlocks(snapshot.copyOut(table, { rowFormat: "text", range }));
      assert.ok(rows.length > 0);
      seen.push(...rows.map((row) => textOf(row).split("\t")[0] ?? ""));
    }
    assert.equal(seen.length, 5000);
    assert.equal(new Set(seen).size, 5000);
  });

  void test("a failing load leaves nothing behind and the session usable", async () => {
    await collect(engine().run("CREATE TABLE untouched (n int)"));
    const target: CopyInTarget = {
      schema: "public",
      name: "untouched",
      columns: ["n"],
      rowFormat: "text",
      freeze: false,
    };
    const malformed = await failureOf(engine().copyIn(target, streamOf(utf8("1\n"), utf8("x\n"))));
    assert.equal(malformed.sqlState, "22P02");
    const broken = new ShellError("storage/unavailable", "the shelf fell down");
    const failing = async function* (): ByteStream {
      yield utf8("1\n");
      throw broken;
    };
    assert.equal(await failureOf(engine().copyIn(target, failing())), broken);
    assert.equal(engine().transaction, "idle");
    assert.deepEqual(await engine().rows("SELECT count(*) FROM untouched"), [["0"]]);
  });

  void test("a load with freeze replaces what the table held", async () => {
    await collect(engine().run("CREATE TABLE frozen AS SELECT 1 AS n"));
    const target: CopyInTarget = { schema: "public", name: "frozen", columns: ["n"], rowFormat: "text", freeze: true };
    assert.equal(await engine().copyIn(target, streamOf(utf8("2\n3\n"))), 2n);
    assert.deepEqual(await engine().rows("SELECT n FROM frozen ORDER BY n"), [["2"], ["3"]]);
  });

  void test("a load is refused inside a transaction", async () => {
    await collect(engine().run("CREATE TABLE outside (n int); BEGIN"));
    const target: CopyInTarget = {
      schema: "public",
      name: "outside",
      columns: ["n"],
      rowFormat: "text",
      freeze: false,
    };
    const error = await failureOf(engine().copyIn(target, streamOf(utf8("2\n"))));
    await collect(engine().run("ROLLBACK"));
    assert.equal(error.code, "statement/transaction");
  });
}

function registerSnapshots(engine: () => Engine): void {
  void test("tables: in byte order, without generated columns, text where binary would hold object ids", async () => {
    await collect(
      engine().run(`
        CREATE SCHEMA "Z"; CREATE TABLE "Z"."first; one" (a int, b int GENERATED ALWAYS AS (a * 2) STORED);
        CREATE TYPE mood AS ENUM ('calm', 'wild'); CREATE DOMAIN moods AS mood; CREATE TYPE pair AS (x int, y int);
        CREATE TABLE t_enum (m mood, d moods); CREATE TABLE t_enums (m mood[]); CREATE TABLE t_pair (p pair);
        CREATE TABLE t_reg (r regclass); CREATE TABLE t_none ();
        CREATE TABLE t_parts (n int) PARTITION BY RANGE (n); CREATE TABLE t_part_1 PARTITION OF t_parts DEFAULT;
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
      context.skip("one session: nothing is written beside a snapshot");
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

function registerCancelling(engine: () => Engine): void {
  void test("abort stops a statement on the server and leaves the session usable", async (context) => {
    if (!engine().capabilities.cancel) {
      context.skip("no cancelling");
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
      context.skip("no cancelling");
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
