import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { detailBlock, type RefusedLine } from "../harness/redshift-answers.ts";
import { redshiftStage } from "../harness/redshift-stage.ts";

const stage = redshiftStage();
const COPY = "COPY public.t (id, name) FROM 's3://bucket/in/' IAM_ROLE DEFAULT CSV";
const LOAD_FAILED = "Load into table 't' failed.  Check 'stl_load_errors' system table for details.";

function refused(line: number): RefusedLine {
  return {
    file: "s3://bucket/in/x.csv",
    line,
    column: "id",
    type: "int4",
    length: "0",
    position: 0,
    rawLine: `abc${line},x`,
    rawValue: `abc${line}`,
    code: 1207,
    reason: "Invalid digit, Value 'a', Pos 0, Type: Integer",
  };
}

const SHOWN = `s3://bucket/in/x.csv, line 1, column id (int4): "abc1": Invalid digit, Value 'a', Pos 0, Type: Integer (1207)`;

suite("COPY on a cluster", () => {
  test("goes there as it was written; its tag has the count of the notice", async () => {
    stage.cluster.answer = () => ({
      effect: "INSERT INTO t VALUES (4, 'four'), (5, 'five')",
      notices: ["Load into table 't' completed, 2 record(s) loaded successfully."],
    });
    const outcome = await stage.session.ok(`${COPY};`);
    assert.deepEqual(stage.cluster.transfers, [COPY]);
    assert.deepEqual(outcome.notices, ["INFO: Load into table 't' completed, 2 record(s) loaded successfully."]);
    assert.ok(outcome.events.some((event) => event.type === "finished" && event.tag === "COPY 2"));
    assert.deepEqual((await stage.session.ok("SELECT count(*) FROM t")).rows, [["5"]]);
  });

  test("without a notice the count is the session's; NOLOAD loads nothing", async () => {
    stage.cluster.answer = () => ({ notices: [], count: 9 });
    const tags = async (sql: string): Promise<string[]> =>
      (await stage.session.ok(sql)).events.flatMap((event) => (event.type === "finished" ? [event.tag] : []));
    assert.deepEqual(await tags(COPY), ["COPY 9"]);
    assert.deepEqual(await tags(`${COPY} NOLOAD`), ["COPY 0"]);
  });

  test("what only a cluster can do is its own: sources, formats, jobs, templates", async () => {
    const statements = [
      "COPY t FROM 'dynamodb://orders' IAM_ROLE DEFAULT READRATIO 50",
      "COPY t FROM 'emr://j-1/out/part-*' IAM_ROLE DEFAULT",
      "COPY t FROM 's3://b/p' IAM_ROLE DEFAULT ORC",
      "COPY t FROM 's3://b/p' IAM_ROLE 'arn:aws:iam::123456789012:role/r' JOB CREATE nightly AUTO ON",
      "COPY t FROM 's3://b/p' IAM_ROLE DEFAULT USING TEMPLATE house",
      "COPY JOB LIST",
    ];
    for (const sql of statements) await stage.session.ok(sql);
    assert.deepEqual(stage.cluster.transfers, statements);
    const error = await stage.session.fails("SELECT 1; DROP TEMPLATE house", "engine/failed");
    assert.equal(stage.cluster.received.at(-1), "DROP TEMPLATE house");
    assert.deepEqual(error.span, { start: 15, end: 23 });
  });

  test("bad text is refused with its place, before anything is sent", async () => {
    const cases: readonly (readonly [string, string])[] = [
      [`${COPY} ESCAPE`, "option/conflict"],
      [`${COPY} MAXERROR 200000`, "option/value"],
      [`${COPY} GZIPP`, "syntax/unexpected"],
      ["COPY t FROM 's3://b/p' IAM_ROLE 'default'", "option/value"],
      ["COPY t FROM 'azure-blob://c/p?AZURE_ACCOUNT_NAME=a&AUTH=implicit'", "engine/unsupported"],
      ["COPY t FROM 's3://b/p' IAM_ROLE DEFAULT WITH kms = 'local-kms:///k'", "engine/retired"],
    ];
    for (const [sql, code] of cases) {
      const { error } = await stage.session.run(sql);
      assert.equal(error?.code, code, sql);
      assert.ok(error?.span !== undefined, sql);
    }
    assert.deepEqual(stage.cluster.transfers, []);
  });

  test("a place that the server names is one in the user's text", async () => {
    await stage.session.fails("SELECT nowhere FROM t", "engine/failed");
    const { error } = await stage.session.run("SELECT 1; SELECT nowhere FROM t");
    assert.deepEqual(error?.span, { start: 17, end: 24 });
  });
});

suite("a load that fails", () => {
  test("shows the refused rows; \\errors has them", async () => {
    stage.cluster.answer = () => ({
      refused: Array.from({ length: 7 }, (_, at) => refused(at + 1)),
      error: { message: LOAD_FAILED },
    });
    const error = await stage.session.fails(COPY, "engine/failed");
    assert.equal(error.message, LOAD_FAILED);
    assert.equal(error.detail.length, 6);
    assert.deepEqual([error.detail[0], error.detail[5]], [SHOWN, "… 2 more"]);
    assert.match(error.hint ?? "", /\\errors/);
    assert.equal(error.note, "nothing was loaded");
    const { kept } = stage.session.live.loadErrors;
    assert.deepEqual(kept.map(({ table, line, rawLine, code }) => [table, line, rawLine, code]).slice(0, 2), [
      ["t", 1, "abc1,x", 1207],
      ["t", 2, "abc2,x", 1207],
    ]);
  });

  test("a later COPY that never begins does not show an earlier one's rows", async () => {
    stage.cluster.answer = () => ({ refused: [refused(1)], error: { message: LOAD_FAILED } });
    await stage.session.fails(COPY, "engine/failed");
    stage.cluster.answer = () => ({ neverBegan: true, error: { message: LOAD_FAILED } });
    assert.deepEqual((await stage.session.fails(COPY, "engine/failed")).detail, []);
    stage.cluster.answer = () => ({ neverBegan: true, error: { message: "Cannot COPY into nonexistent table t" } });
    assert.deepEqual((await stage.session.fails(COPY, "engine/failed")).detail, []);
    assert.deepEqual(stage.session.live.loadErrors.kept, []);
  });

  test("the query's number in the detail finds them, in a transaction over another connection", async () => {
    stage.cluster.answer = () => ({
      refused: [refused(1)],
      error: { message: LOAD_FAILED, detail: detailBlock({ error: "Invalid digit", code: "1207" }) },
    });
    await stage.session.ok("BEGIN");
    const error = await stage.session.fails(COPY, "engine/failed");
    assert.deepEqual(error.detail, ["error: Invalid digit", "code: 1207", SHOWN]);
    assert.match(error.note ?? "", /nothing was loaded, and the transaction has failed: ROLLBACK/);
    assert.equal(stage.session.live.transaction, "failed");
    await stage.session.ok("ROLLBACK");
  });

  test("on a serverless workgroup the SYS view has them, without the row's text", async () => {
    stage.cluster.serverless = true;
    stage.cluster.answer = () => ({
      refused: [refused(1)],
      error: { message: LOAD_FAILED.replace("stl_load_errors", "sys_load_error_detail") },
    });
    const error = await stage.session.fails(COPY, "engine/failed");
    assert.deepEqual(error.detail, [SHOWN.replace(': "abc1"', "")]);
  });

  test("a failure before the load shows the server's own words and asks no log", async () => {
    stage.cluster.answer = () => ({
      neverBegan: true,
      error: { message: "Cannot COPY into nonexistent table nowhere" },
    });
    const error = await stage.session.fails(COPY, "engine/failed");
    assert.deepEqual(error.detail, []);
    assert.ok(!stage.cluster.received.some((text) => text.includes("stl_load_errors")));
  });
});

suite("a load that leaves rows out", () => {
  test("says how many and lists them", async () => {
    stage.cluster.answer = () => ({
      refused: [refused(1), refused(2)],
      notices: [
        "Load into table 't' completed, 8 record(s) loaded successfully.",
        "Load into table 't' completed, 2 record(s) could not be loaded.  Check 'stl_load_errors' system table for details.",
      ],
    });
    const outcome = await stage.session.ok(`${COPY} MAXERROR 10`);
    assert.equal(outcome.notices.at(-1), "NOTICE: \\errors lists 2 of them");
    assert.equal(stage.session.live.loadErrors.kept.length, 2);
    const finished = outcome.events.find((event) => event.type === "finished");
    assert.deepEqual(finished?.type === "finished" && [finished.tag, finished.summary], [
      "COPY 8",
      { rows: "8", refused: "2" },
    ]);
  });
});
