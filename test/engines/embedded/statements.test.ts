import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openEmbedded } from "../../../src/engines/embedded/embedded.ts";
import { bundledExtensions } from "../../../src/engines/embedded/extensions.ts";
import type { Engine } from "../../../src/engines/engine.ts";
import { ShellError, type Code } from "../../../src/errors.ts";
import type { Event } from "../../../src/events.ts";
import { streamOf, textOf, utf8 } from "../../../src/std/bytes.ts";
import { embeddedTestDirectory } from "../../harness/embedded-directory.ts";

let directory: Awaited<ReturnType<typeof embeddedTestDirectory>>;
let engine: Engine;
before(async () => {
  directory = await embeddedTestDirectory();
  engine = await openEmbedded({ directory: directory.database });
});
after(async () => {
  await engine[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function run(sql: string, copySource?: AsyncIterable<Uint8Array>): Promise<readonly Event[]> {
  const events: Event[] = [];
  for await (const event of engine.run(sql, copySource === undefined ? {} : { copySource })) events.push(event);
  return events;
}

function fails(code: Code, message: RegExp): (thrown: unknown) => true {
  return (thrown) => {
    assert.ok(thrown instanceof ShellError, String(thrown));
    assert.equal(thrown.code, code);
    assert.match(thrown.message, message);
    return true;
  };
}

void describe("embedded: statements", () => {
  void test("every bundled extension can be created, and works", async () => {
    for (const name of Object.keys(bundledExtensions)) {
      await run(`CREATE EXTENSION IF NOT EXISTS "${name.replace("uuid_ossp", "uuid-ossp")}" CASCADE`);
    }
    const [row] = await engine.rows(`SELECT 'Tea'::citext = 'tEA', ('a=>1'::hstore) -> 'a', 'a.b'::ltree @> 'a.b.c',
      length(crypt('x', gen_salt('bf', 4))), length(uuid_generate_v4()::text), similarity('tea', 'teas') > 0.4,
      unaccent('Hôtel')`);
    assert.deepEqual(row, ["t", "1", "t", "60", "36", "t", "Hotel"]);
    await run("CREATE TABLE bookings (room int, during int4range, EXCLUDE USING gist (room WITH =, during WITH &&))");
    await run("INSERT INTO bookings VALUES (1, '[1,3)')");
    await assert.rejects(
      run("INSERT INTO bookings VALUES (1, '[2,4)')"),
      fails("engine/failed", /exclusion constraint/),
    );
  });

  void test("COPY with a program is refused wherever it hides, and the session goes on", async () => {
    await run("CREATE TABLE programs (line text)");
    const refused = fails("engine/failed", /^could not execute command "cat"/);
    await assert.rejects(run("COPY programs TO PROGRAM 'cat'"), refused);
    await assert.rejects(run("COPY programs FROM PROGRAM 'cat'"), refused);
    await assert.rejects(run("DO $$ BEGIN EXECUTE 'COPY programs TO PROGRAM ''cat'''; END $$"), refused);
    assert.deepEqual(await engine.rows("SELECT count(*) FROM programs"), [["0"]]);
  });

  void test("COPY FROM STDIN is one statement: header, quoted line ends, statement triggers and skipped rows count once", async () => {
    await run(`CREATE TABLE listened (a int, b text); CREATE TABLE heard (n int);
      CREATE FUNCTION hear() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO heard SELECT count(*) FROM fresh; RETURN NULL; END';
      CREATE TRIGGER ear AFTER INSERT ON listened REFERENCING NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION hear()`);
    const lines = Array.from({ length: 50_000 }, (_, n) => (n === 777 ? "oops,x\n" : `${n},"two\nlines ""${n}"""\n`));
    const pieces = streamOf(utf8("a,b\n"), ...lines.map((line) => utf8(line)));
    const events = await run("COPY listened FROM STDIN (FORMAT csv, HEADER match, ON_ERROR ignore)", pieces);
    const finished = events.filter((event) => event.type === "finished");
    assert.deepEqual(
      finished.map(({ tag }) => tag),
      ["COPY 49999"],
    );
    assert.deepEqual(await engine.rows("SELECT n FROM heard"), [["49999"]]);
    assert.deepEqual(await engine.rows("SELECT b FROM listened WHERE a = 3"), [['two\nlines "3"']]);
  });

  void test("only the first COPY FROM STDIN of a text is fed; a second fails and undoes the first", async () => {
    await run("CREATE TABLE once (n int)");
    const both = run("COPY once FROM STDIN; COPY once FROM STDIN", streamOf(utf8("1\n")));
    await assert.rejects(both, fails("engine/failed", /no data was given/));
    assert.deepEqual(await engine.rows("SELECT count(*) FROM once"), [["0"]]);
  });

  void test("COPY TO STDOUT in binary comes with its signature and trailer", async () => {
    const events = await run("COPY (SELECT 1::int2) TO STDOUT (FORMAT binary)");
    const bytes = Buffer.concat(events.flatMap((event) => (event.type === "copy-data" ? [event.bytes] : [])));
    assert.equal(bytes.toString("hex"), "5047434f50590aff0d0a0000000000000000000001000000020001ffff");
  });

  void test("text begins with what it begins with, and no statement holds a zero byte", async () => {
    assert.deepEqual(await engine.rows("SELECT $1", ["\u{feff}mark"]), [["\u{feff}mark"]]);
    await assert.rejects(run("SELECT 'a\0b'"), fails("syntax/unexpected", /zero byte/));
  });

  void test("a session set up to read otherwise does not change what a snapshot copies", async () => {
    await run(`SET datestyle = 'German'; SET bytea_output = 'escape'; SET extra_float_digits = -15; SET timezone = 'Asia/Tokyo';
      CREATE TABLE settings AS SELECT date '2001-02-03' AS d, '\\x00ff'::bytea AS b, 0.1::float8 + 0.2 AS f, timestamptz '2001-02-03Z' AS t`);
    {
      await using snapshot = await engine.openSnapshot();
      const table = (await snapshot.tables()).find(({ name }) => name === "settings");
      assert.ok(table !== undefined);
      const rows: string[] = [];
      for await (const block of snapshot.copyOut(table, { rowFormat: "text" })) rows.push(textOf(block.bytes));
      assert.deepEqual(rows, ["2001-02-03\t\\\\x00ff\t0.30000000000000004\t2001-02-03 00:00:00+00\n"]);
    }
    assert.deepEqual(await engine.rows("SHOW datestyle"), [["German, DMY"]]);
    await run("RESET ALL");
  });
});

void describe("embedded: one session", () => {
  void test("while a snapshot is open statements and loads are refused, small reads are not", async () => {
    await run("CREATE TABLE shared_session (n int)");
    const target = {
      schema: "public",
      name: "shared_session",
      columns: ["n"],
      rowFormat: "text",
      freeze: false,
    } as const;
    {
      await using snapshot = await engine.openSnapshot();
      assert.ok(Math.abs(snapshot.instant.getTime() - Date.now()) < 60_000);
      await assert.rejects(run("DROP TABLE shared_session"), fails("engine/locked", /one session/));
      await assert.rejects(engine.copyIn(target, streamOf(utf8("1\n"))), fails("engine/locked", /one session/));
      assert.deepEqual(await engine.rows("SHOW transaction_isolation"), [["repeatable read"]]);
      assert.deepEqual(await engine.rows("SHOW transaction_read_only"), [["on"]]);
    }
    assert.equal(await engine.copyIn(target, streamOf(utf8("1\n"))), 1n);
  });

  void test("a snapshot inside a transaction and another database at the same time are refused", async () => {
    await run("BEGIN");
    await assert.rejects(engine.openSnapshot(), fails("statement/transaction", /a transaction is open/));
    await run("ROLLBACK");
    await assert.rejects(engine.openDatabase("other"), fails("engine/unsupported", /^other: /));
  });

  void test("definitions are read in the snapshot and leave the session as it was, again and again", async () => {
    await run(`PREPARE mine AS SELECT 1; CREATE SCHEMA museum; CREATE TYPE museum.era AS ENUM ('old', 'new');
      CREATE TABLE museum.piece (id int PRIMARY KEY, era museum.era); CREATE VIEW museum.old AS SELECT id FROM museum.piece;
      CREATE FUNCTION museum.f() RETURNS int LANGUAGE sql AS 'SELECT 1'`);
    for (let time = 0; time < 2; time += 1) {
      await using snapshot = await engine.openSnapshot();
      const { entries } = await snapshot.dumpSchema();
      const made = entries.filter(({ schema }) => schema === "museum").map(({ type, tag }) => `${type} ${tag}`);
      assert.deepEqual(made.sort(), [
        "CONSTRAINT piece piece_pkey",
        "FUNCTION f()",
        "TABLE piece",
        "TYPE era",
        "VIEW old",
      ]);
      assert.deepEqual(await snapshot.rows("SHOW transaction_isolation"), [["repeatable read"]]);
      assert.ok((await snapshot.tables()).some(({ schema, name }) => schema === "museum" && name === "piece"));
    }
    assert.deepEqual(await engine.rows("SELECT name FROM pg_prepared_statements"), [["mine"]]);
    assert.deepEqual(await engine.rows("SHOW search_path"), [['"$user", public']]);
  });
});
