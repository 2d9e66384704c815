import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Event } from "../../src/events.ts";
import { KEPT_CHARACTERS, KEPT_ROWS, LastResult } from "../../src/script/last-result.ts";
import { rowsOf, runTexts, type Answers } from "../harness/script-stage.ts";

const PLAN =
  '[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "t", "Alias": "t", "Total Cost": 2.5, "Plan Rows": 9}}]';
const EXPLAINS: Answers = { EXPLAIN: () => rowsOf(["QUERY PLAN"], [PLAN]) };

suite("\\timeline", () => {
  test("asks for the backups of a collection", async () => {
    const { sent, events } = await runTexts(["\\timeline 's3://b/it''s'"]);
    assert.deepEqual(sent, ["SHOW BACKUPS IN 's3://b/it''s' WITH details"]);
    assert.ok(events.some((event) => event.type === "statement" && event.picture === "timeline"));
  });

  test("takes the collection of the last statement", async () => {
    const { sent } = await runTexts(["BACKUP INTO 's3://b/p' WITH detached;\n\\timeline"]);
    assert.equal(sent[1], "SHOW BACKUPS IN 's3://b/p' WITH details");
    const { transcript } = await runTexts(["select 1;\n\\timeline"]);
    assert.match(transcript, /shell\/command: \\timeline needs a collection$/);
  });
});

suite("\\plan", () => {
  test("of a statement that begins with EXPLAIN is that statement's", async () => {
    const { sent } = await runTexts(["explain select 2 \\plan"], { answers: EXPLAINS });
    assert.match(sent.at(-1) ?? "", /^EXPLAIN \(FORMAT JSON\) select 2$/);
  });

  test("is a table of the plan's nodes, drawn on a terminal", async () => {
    const { sent, transcript, events } = await runTexts(["\\plan select * from t;\n"], { answers: EXPLAINS });
    assert.deepEqual(sent, ["EXPLAIN (FORMAT JSON) select * from t"]);
    assert.equal(transcript, "row: 0,Seq Scan on t,2.5,100,9,,,");
    assert.ok(events.every((event) => event.type !== "statement" || event.picture === "plan"));
  });

  test("+ runs the statement; without one it is the last", async () => {
    const { sent } = await runTexts(["select 1;\n\\plan+"], { answers: EXPLAINS });
    assert.equal(sent[1], "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) select 1");
    const { sent: ended } = await runTexts(["select 2 \\plan\nselect 3;"], { answers: EXPLAINS });
    assert.deepEqual(ended, ["EXPLAIN (FORMAT JSON) select 2", "select 3"]);
    const { transcript } = await runTexts(["\\plan"]);
    assert.match(transcript, /shell\/command: \\plan has no statement to explain$/);
  });

  test("of a statement of ours says who carries it out", async () => {
    const { sent } = await runTexts(["\\plan BACKUP INTO 'x'"], { answers: EXPLAINS });
    assert.deepEqual(sent, ["EXPLAIN BACKUP INTO 'x'"]);
  });

  test("tells no time: the statement was not run", async () => {
    for (const statement of ["select 1", "BACKUP INTO 'x'"]) {
      const { events } = await runTexts([`\\timing on\n\\plan ${statement}`], { answers: EXPLAINS });
      assert.ok(events.some((event) => event.type === "statement"));
      assert.ok(events.every((event) => event.type !== "timing"));
    }
  });

  test("nor has EXPLAIN of a statement of ours one, which is sent nowhere", async () => {
    const { events } = await runTexts(["\\timing on\nEXPLAIN BACKUP INTO 'x';"], {
      answers: { EXPLAIN: () => [{ type: "finished", tag: "EXPLAIN", elapsedMs: 0 }] },
    });
    assert.ok(events.every((event) => event.type !== "timing"));
    const { events: more } = await runTexts(["\\timing on\nselect 1;"]);
    assert.ok(more.some((event) => event.type === "timing"));
  });
});

suite("\\last", () => {
  const TWO: Answers = { SELECT: () => rowsOf(["a", "b"], ["1", null], ["2", "x"]) };
  const formats = (events: Awaited<ReturnType<typeof runTexts>>["events"]): string[] =>
    events.flatMap((event) =>
      event.type === "statement" && event.event.type === "columns"
        ? [`${event.display.format} ${event.display.expanded} ${event.target.kind}`]
        : [],
    );

  test("draws the last result again in another format, running nothing", async () => {
    const { sent, transcript, events } = await runTexts(
      ["select 1;\n\\last\n\\last csv\n\\last x\n\\last json out.json"],
      {
        answers: TWO,
      },
    );
    assert.deepEqual(sent, ["select 1"]);
    assert.equal(transcript.match(/row: 1,/g)?.length, 5);
    assert.deepEqual(formats(events), [
      "aligned off stdout",
      "aligned off stdout",
      "csv off stdout",
      "aligned on stdout",
      "json off file",
    ]);
  });

  test("needs a result, and a format there is", async () => {
    assert.match((await runTexts(["\\last"])).transcript, /shell\/command: there is no last result$/);
    const { transcript } = await runTexts(["select 1;\n\\last xml"], { answers: TWO });
    assert.match(transcript, /shell\/command: format "xml" is not known$/);
  });

  test("keeps the beginning of a long result and says so", async () => {
    const rows = Array.from({ length: KEPT_ROWS + 5 }, (_, at) => [String(at)]);
    const answers: Answers = {
      SELECT: (): Event[] => [
        { type: "columns", columns: [{ name: "a", kind: "number" }] },
        { type: "rows", rows: rows.slice(0, 7) },
        { type: "rows", rows: rows.slice(7) },
        { type: "finished", tag: `SELECT ${rows.length}`, elapsedMs: 1 },
      ],
    };
    const { transcript } = await runTexts(["select 1;\n\\last"], { answers });
    assert.match(
      transcript,
      /\nnote: only the first 10000 of 10005 rows are kept \(10000 rows or 8 million characters at the most\); \\g runs the query again$/,
    );
    assert.equal(transcript.match(/row: /g)?.length, 2 * KEPT_ROWS + 5);
  });
});

suite("the last result", () => {
  test("is kept up to a size, a single value that is larger not at all", () => {
    const last = new LastResult();
    last.begin([{ name: "a", kind: "text" }]);
    last.add([["x".repeat(KEPT_CHARACTERS - 10), null], ["y".repeat(20)], ["z"]]);
    last.add([["z"]]);
    assert.deepEqual([last.kept, last.total], [1, 4]);
    last.begin([{ name: "a", kind: "text" }]);
    last.add([["x".repeat(KEPT_CHARACTERS + 1)]]);
    assert.deepEqual([last.kept, last.total, [...last.batches()]], [0, 1, []]);
    last.begin([{ name: "a", kind: "text" }]);
    last.add([["\ud800", null, "日本\u0000"]]);
    assert.deepEqual([...last.batches()].flat(), [["\ud800", null, "日本\u0000"]]);
  });
});

suite("\\watch", () => {
  const answers: Answers = { SELECT: () => rowsOf(["a"], ["1"], ["2"]) };

  test("ends after a count, at too few rows, and at a failure", async () => {
    assert.equal((await runTexts(["select 1 \\watch 0.01 c=3"], { answers })).sent.length, 3);
    assert.equal((await runTexts(["select 1 \\watch i=0 count=9 m=3"], { answers })).sent.length, 1);
    assert.equal((await runTexts(["select 1 \\watch i=0 count=4 min_rows=2"], { answers })).sent.length, 4);
    const failing = await runTexts(["select fail \\watch 0 c=5"], { variables: { ON_ERROR_STOP: "off" } });
    assert.equal(failing.sent.length, 1);
  });

  test("refuses what it does not know, and what is given twice", async () => {
    for (const words of ["c=1.5", "c=0", "x=1", "1 i=2", "soon"]) {
      assert.match((await runTexts([`select 1 \\watch ${words}`])).transcript, /shell\/command: \\watch does not take/);
    }
  });
});
