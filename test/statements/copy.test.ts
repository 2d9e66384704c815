import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { copyStage } from "../harness/copy-stage.ts";
import { embeddedTestDirectory } from "../harness/embedded-directory.ts";

const stage = copyStage();

describe("rows that are refused", () => {
  it("leave everything as it was, and are told", async () => {
    await stage.put("r", "1|a\nx|b\n3|c|d\n4|e\n");
    const error = await stage.session.fails(`COPY t FROM '${stage.uri("r")}'`, "load/rows");
    assert.deepEqual(error.detail, [
      `${stage.uri("r")}, line 2, column id (integer): "x": Invalid digit, Value 'x', Pos 0, Type: Integer (1207)`,
      `${stage.uri("r")}, line 3: "3|c|d": Extra column(s) found (1202)`,
    ]);
    assert.equal(error.note, "nothing was loaded");
    assert.deepEqual(await stage.rows(), []);
    const { kept } = stage.session.live.loadErrors;
    assert.deepEqual(
      kept.map(({ line, column, code, rawLine }) => [line, column, code, rawLine]),
      [
        [2, "id", 1207, "x|b"],
        [3, "", 1202, "3|c|d"],
      ],
    );
  });

  it("are left out below MAXERROR, and none is lost", async () => {
    await stage.put("r", "1|a\nx|b\n3|c|d\n4|e\n");
    const { notices } = await stage.session.ok(`COPY t FROM '${stage.uri("r")}' MAXERROR 3`);
    assert.deepEqual(await stage.rows(), [
      ["1", "a"],
      ["4", "e"],
    ]);
    assert.ok(notices.some((notice) => notice.includes("completed, 2 record(s) could not be loaded.")));
    await stage.session.fails(`COPY t FROM '${stage.uri("r")}' MAXERROR 2`, "load/rows");
    assert.equal((await stage.rows()).length, 2);
    await stage.session.ok(`COPY t FROM '${stage.uri("r")}' IGNOREALLERRORS`);
    assert.equal((await stage.rows()).length, 4);
  });

  it("may be refused by the database, wherever they stand", async () => {
    await stage.session.ok("DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY CHECK (id <> 7), name uuid)");
    const uuid = "00000000-0000-0000-0000-000000000000";
    const bad = new Set([0, 1, 2, 500, 501, 19_999]);
    const rows = Array.from({ length: 20_000 }, (_, at) => `${at}|${bad.has(at) ? "no uuid" : uuid}\n`);
    // A row twice, and one that a constraint refuses.
    await stage.put("r", `${rows.join("")}12|${uuid}\n`);
    const { kept } = stage.session.live.loadErrors;
    await stage.session.ok(`COPY t FROM '${stage.uri("r")}' MAXERROR 100`);
    const { rows: counted } = await stage.session.ok("SELECT count(*), count(DISTINCT id) FROM t");
    assert.deepEqual(counted, [[String(20_000 - bad.size - 1), String(20_000 - bad.size - 1)]]);
    const lines = stage.session.live.loadErrors.kept
      .map(({ line, code }) => [line, code])
      .toSorted(([a = 0], [b = 0]) => a - b);
    assert.deepEqual(lines, [
      ...[1, 2, 3].map((line) => [line, 1223]),
      [8, 1200],
      ...[501, 502, 20_000].map((line) => [line, 1223]),
      [20_001, 1200],
    ]);
    assert.notEqual(stage.session.live.loadErrors.kept, kept);
    const error = await stage.session.fails(`COPY t FROM '${stage.uri("r")}'`, "load/rows");
    assert.match(error.detail[0] ?? "", /line 1, column name \(uuid\): "no uuid": invalid input syntax/);
  });

  it("are listed by file and line, whoever refused them", async () => {
    await stage.session.ok("DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY, name text)");
    await stage.put("r1", "1|a\n1|b\nx|c\n");
    await stage.put("r2", "1|d\ny|e\n");
    const lines = (): readonly string[] =>
      stage.session.live.loadErrors.kept.map(({ file, line }) => `${file.at(-1) ?? ""}:${line}`);
    await stage.session.ok(`COPY t FROM '${stage.uri("r")}' MAXERROR 9`);
    assert.deepEqual(lines(), ["1:2", "1:3", "2:1", "2:2"]);
    const error = await stage.session.fails(`COPY t FROM '${stage.uri("r")}' MAXERROR 4`, "load/rows");
    const at = lines();
    assert.deepEqual(at, at.toSorted());
    assert.deepEqual(
      error.detail.map((line) => /r(\d), line (\d)/.exec(line)?.slice(1).join(":")),
      at,
    );
  });

  it("are counted by reason", async () => {
    await stage.put("r", Array.from({ length: 50 }, (_, at) => `${at % 2 === 0 ? `x${at}` : at}\n`).join(""));
    const error = await stage.session.fails(`COPY t FROM '${stage.uri("r")}' MAXERROR 10`, "load/rows");
    assert.equal(error.detail.length, 7);
    assert.deepEqual(error.detail.slice(-2), ["… 45 more", "50 × 1214 Delimiter not found"]);
  });

  it("hold no control characters when they are shown", async () => {
    await stage.put("r", "\u202e\u001b[31mx\u0007|b\n\xff\n");
    const error = await stage.session.fails(`COPY t FROM '${stage.uri("r")}'`, "load/rows");
    assert.match(error.detail[0] ?? "", /"\\u202e\\u001b\[31mx\\u0007"/);
  });
});

describe("a FIXEDWIDTH that is not the table's", () => {
  it("is refused as a whole, unless FILLRECORD allows for less", async () => {
    await stage.put("w", "1 ab\n");
    const copy = (widths: string): string => `COPY t FROM '${stage.uri("w")}' FIXEDWIDTH '${widths}'`;
    const error = await stage.session.fails(`${copy("a:2")} MAXERROR 5`, "option/value");
    assert.equal(error.message, "FIXEDWIDTH has 1 columns, and the table or the column list has 2");
    await stage.session.fails(`${copy("a:2,b:1,c:1")} FILLRECORD`, "option/value");
    await stage.session.ok(copy("a:2,b:2"));
    await stage.put("w", "2 \n");
    await stage.session.ok(`${copy("a:2")} FILLRECORD`);
    assert.deepEqual(await stage.rows(), [
      ["1", "ab"],
      ["2", ""],
    ]);
  });
});

describe("large rows", () => {
  it("go through whole", async () => {
    const wide = 'x|,"\\\n'.repeat(700_000);
    await stage.put("r", `1,"${wide.replaceAll('"', '""')}"\n2,small\n`);
    await stage.session.ok(`COPY t FROM '${stage.uri("r")}' CSV`);
    const rows = await stage.rows();
    assert.ok(rows[0]?.[1] === wide);
    assert.deepEqual(rows[1], ["2", "small"]);
  });

  it("have an end", async () => {
    await stage.put("r", `1,"${"x".repeat(70 * 1024 * 1024)}`);
    const error = await stage.session.fails(`COPY t FROM '${stage.uri("r")}' CSV`, "load/file");
    assert.match(error.message, /the record in line 1 is longer than 64 MB/);
  });
});

describe("the transaction", () => {
  it("is the user's when one is open", async () => {
    await stage.put("r", "1|a\n");
    await stage.put("bad", "x|a\n");
    await stage.session.ok("BEGIN; INSERT INTO t VALUES (0, 'mine')");
    await stage.session.ok(`COPY t FROM '${stage.uri("r")}'`);
    await stage.session.fails(`COPY t FROM '${stage.uri("bad")}'`, "load/rows");
    assert.deepEqual(await stage.rows(), [
      ["0", "mine"],
      ["1", "a"],
    ]);
    await stage.session.ok("ROLLBACK");
    assert.deepEqual(await stage.rows(), []);
  });

  it("is not begun within a failed one", async () => {
    await stage.put("r", "1|a\n");
    await stage.session.ok("BEGIN");
    await stage.session.run("SELECT 1/0");
    const { error } = await stage.session.run(`COPY t FROM '${stage.uri("r")}'`);
    assert.equal(error?.sqlState, "25P02");
    await stage.session.ok("ROLLBACK");
  });

  it("loads nothing with NOLOAD, and checks with the database", async () => {
    await stage.put("r", "1|a\n2|b\n");
    const { notices } = await stage.session.ok(`COPY t FROM '${stage.uri("r")}' NOLOAD`);
    assert.ok(notices.some((notice) => notice.includes("2 record(s) could be loaded")));
    assert.deepEqual(await stage.rows(), []);
  });

  it("ends with nothing loaded when it is stopped", async () => {
    const controller = new AbortController();
    controller.abort();
    await stage.put("r", "1|a\n");
    const { error } = await stage.session.run(`COPY t FROM '${stage.uri("r")}'`, controller.signal);
    assert.equal(error?.code, "job/interrupted");
    assert.deepEqual(await stage.rows(), []);
  });

  it("gathers statistics for a table that was empty, or when asked", async () => {
    const analysed = async (): Promise<unknown> =>
      (await stage.session.ok("SELECT reltuples::int FROM pg_class WHERE oid = 't'::regclass")).rows[0]?.[0];
    // Servers before 14 do not tell a table that was never analysed from an empty one.
    const never = (await stage.server.versionNumber()) < 140_000 ? "0" : "-1";
    await stage.put("r", "1|a\n2|b\n");
    await stage.session.ok(`COPY t FROM '${stage.uri("r")}' STATUPDATE OFF`);
    assert.equal(await analysed(), never);
    await stage.session.ok(`COPY t FROM '${stage.uri("r")}'`);
    assert.equal(await analysed(), never);
    await stage.session.ok(`COPY t FROM '${stage.uri("r")}' STATUPDATE ON COMPUPDATE OFF COMPROWS 200000`);
    assert.equal(await analysed(), "6");
    await stage.session.ok("TRUNCATE t");
    await stage.session.ok(`COPY t FROM '${stage.uri("r")}'`);
    assert.equal(await analysed(), "2");
  });
});

describe("columns", () => {
  it("of a list are loaded, others get their defaults", async (t) => {
    if ((await stage.server.versionNumber()) < 120_000)
      return t.skip("runs on PostgreSQL 12 and newer, which have generated columns");
    await stage.session.ok(`DROP TABLE t; CREATE DOMAIN short AS varchar(3) NOT NULL; CREATE TABLE t (
      id int GENERATED ALWAYS AS IDENTITY, "Odd ""name" short, c text DEFAULT 'd', twice int GENERATED ALWAYS AS (id * 2) STORED)`);
    await stage.put("r", "abc|x\n");
    await stage.session.ok(`COPY t FROM '${stage.uri("r")}'`);
    await stage.session.ok(`COPY t ("Odd ""name") FROM '${stage.uri("r")}' IGNOREHEADER 1`);
    await stage.put("i", "7|abc\n");
    await stage.session.ok(`COPY t (id, "Odd ""name") FROM '${stage.uri("i")}' EXPLICIT_IDS`);
    assert.deepEqual(await stage.rows(), [
      ["1", "abc", "x", "2"],
      ["7", "abc", "d", "14"],
    ]);
    await stage.session.fails(`COPY t (id, "Odd ""name") FROM '${stage.uri("i")}'`, "load/table");
    await stage.session.fails(`COPY t (c) FROM '${stage.uri("i")}' EXPLICIT_IDS`, "load/table");
    await stage.session.fails(`COPY t (nope) FROM '${stage.uri("i")}'`, "load/table");
    await stage.session.fails(`COPY t (twice) FROM '${stage.uri("i")}'`, "load/table");
    await stage.put("r", "abcd|x\n|x\n\\N|x\n");
    const error = await stage.session.fails(`COPY t FROM '${stage.uri("r")}'`, "load/rows");
    assert.deepEqual(
      error.detail.map((line) => /\((\d+)\)$/.exec(line)?.[1]),
      ["1204", "1213"],
    );
    await stage.session.ok("DROP TABLE t; DROP DOMAIN short; CREATE TABLE t (id int)");
  });

  it("are those of a table that exists and is one", async () => {
    await stage.session.ok("CREATE OR REPLACE VIEW v AS SELECT 1 AS x");
    assert.equal(
      (await stage.session.fails("COPY s.nothing FROM 'file:///x/y'", "load/table")).message,
      "Cannot COPY into nonexistent table s.nothing",
    );
    await stage.session.fails("COPY v FROM 'file:///x/y'", "load/table");
    await stage.session.fails("COPY elsewhere.public.t FROM 'file:///x/y'", "load/table");
  });
});

describe("a connection that is lost", () => {
  /** The server ends the session at the first row, or at COMMIT. */
  async function lost(when: "AFTER" | "DEFERRED"): Promise<string | undefined> {
    await stage.session.ok(`CREATE OR REPLACE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NEW; END'`);
    const constraint = when === "DEFERRED" ? "CONSTRAINT" : "";
    const deferred = when === "DEFERRED" ? "DEFERRABLE INITIALLY DEFERRED" : "";
    const trigger = `CREATE ${constraint} TRIGGER leave AFTER INSERT ON t ${deferred} FOR EACH ROW`;
    await stage.session.ok(`${trigger} EXECUTE FUNCTION leave()`);
    await stage.put("r", "1|a\n2|b\n");
    const { error } = await stage.session.run(`COPY t FROM '${stage.uri("r")}'`);
    assert.deepEqual(await stage.rows(), []);
    return error?.note;
  }

  it("before COMMIT has loaded nothing, and the error says so", async () => {
    assert.equal(await lost("AFTER"), "nothing was loaded");
  });

  it("at COMMIT leaves that open, and the error says so", async () => {
    assert.match((await lost("DEFERRED")) ?? "", /may be loaded or not/);
  });
});

describe("what only Redshift does", () => {
  for (const [clauses, hint] of [
    ["FROM 's3://b/k' IAM_ROLE 'arn:aws:iam::123456789012:role/r' ORC", /PARQUET/],
    ["FROM 'file:///d/k' SHAPEFILE", /shp2pgsql/],
    ["FROM 'emr://j-1/p' IAM_ROLE DEFAULT", /s3-dist-cp/],
    ["FROM 'dynamodb://t' IAM_ROLE DEFAULT READRATIO 50", /export/],
    ["FROM 's3://b/k' IAM_ROLE DEFAULT SSH", /run the commands/],
    ["FROM 's3://b/k' IAM_ROLE 'arn:aws:iam::123456789012:role/r' JOB CREATE j", /scheduler/],
    ["FROM 'file:///d/k' USING TEMPLATE x", /clauses/],
  ] as const) {
    it(clauses, async () => {
      const error = await stage.session.fails(`COPY t ${clauses}`, "engine/unsupported");
      assert.match(error.hint ?? "", hint);
    });
  }

  it("is named with what to do instead where it is a statement of its own", async () => {
    for (const [sql, message, hint] of [
      ["COPY JOB LIST", /^COPY JOB needs Redshift/, /scheduler/],
      ["CREATE TEMPLATE c FOR COPY CSV", /^TEMPLATE needs Redshift/, /clauses into the COPY/],
    ] as const) {
      const error = await stage.session.fails(sql, "engine/unsupported");
      assert.match(error.message, message);
      assert.match(error.hint ?? "", hint);
    }
  });
});

describe("the embedded engine", () => {
  it("loads, refuses and rolls back the same way", async () => {
    await using directory = await embeddedTestDirectory();
    const embedded = stage.world.embedded(directory.database);
    await embedded.ok("CREATE TABLE t (id int PRIMARY KEY, name text)");
    await stage.put("r", Array.from({ length: 5000 }, (_, at) => `${at === 4000 ? 1 : at}|${at}\n`).join(""));
    const error = await embedded.fails(`COPY t FROM '${stage.uri("r")}'`, "load/rows");
    assert.match(error.detail[0] ?? "", /line 4001: .*duplicate key/);
    assert.deepEqual((await embedded.ok("SELECT count(*) FROM t")).rows, [["0"]]);
    await embedded.ok(`COPY t FROM '${stage.uri("r")}' MAXERROR 5`);
    assert.deepEqual((await embedded.ok("SELECT count(*) FROM t")).rows, [["4999"]]);
    await embedded.close();
  });
});
