import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Interpreter } from "../../src/script/interpreter.ts";
import { ScriptState } from "../../src/script/state.ts";
import { Variables } from "../../src/script/variables.ts";
import { FakeSession, fakeHost, runTexts } from "../harness/script-stage.ts";

const PAST = [
  {
    text: "select 1;",
    atMs: new Date(2026, 10, 21, 8, 18, 26).getTime(),
    database: "shop",
    elapsedMs: 3,
    status: "ok",
  },
  { text: "drop table\n  orders;", atMs: new Date(2026, 10, 21, 9, 0, 5).getTime(), status: "engine/failed" },
  { text: "select 2;", atMs: new Date(2026, 10, 22, 0, 0, 0).getTime() },
];

suite("\\history and \\s", () => {
  test("\\history lists when, where, how long and how it went", async () => {
    const { transcript } = await runTexts(["\\history"], { past: PAST });
    assert.equal(
      transcript,
      [
        "row: 2026-11-21 08:18:26,shop,3,ok,select 1;",
        "row: 2026-11-21 09:00:05,,,engine/failed,drop table\n  orders;",
        "row: 2026-11-22 00:00:00,,,,select 2;",
      ].join("\n"),
    );
  });

  test("\\history takes a number and words", async () => {
    const { transcript, events } = await runTexts(["\\history 1 SELECT\n\\history order drop\n\\history 0"], {
      past: PAST,
    });
    assert.match(transcript, /^row: 2026-11-22 00:00:00,,,,select 2;\nrow: .*drop table\n {2}orders;$/);
    const footers = events.flatMap((event) => (event.type === "statement" ? [event.footers ?? []] : []));
    assert.deepEqual(footers[0], ["(1 statement)", "1 older ones are not shown: \\history 2 shows them"]);
  });

  test("\\s prints the statements, or writes them to a file", async () => {
    const { transcript, events } = await runTexts(["\\s\n\\s 'old.sql'"], { past: PAST });
    assert.match(transcript, /^stdout: select 1;\ndrop table\n {2}orders;\nselect 2;\noutput: select 1;/);
    const written = events.find((event) => event.type === "text" && event.channel === "output");
    assert.ok(written?.type === "text");
    assert.deepEqual(written.target, { kind: "file", path: "old.sql" });
  });
});

suite("references to secrets", () => {
  const RECALLED = "alter role ann password '‹secret:password›';";

  test("are asked for at the prompt", async () => {
    const session = new FakeSession();
    const state = new ScriptState(new Variables());
    const shell = new Interpreter({ session, host: fakeHost(), state, interactive: true });
    const text = `${RECALLED}\nselect '‹secret:password›';`;
    for await (const event of shell.run({ name: "<prompt>", text })) assert.notEqual(event.type, "failed");
    assert.deepEqual(session.sent, ["alter role ann password 'typed secret'", "select 'typed secret'"]);
  });

  test("fail a script before anything is run", async () => {
    const { transcript, sent } = await runTexts([`select 1;\n${RECALLED}`]);
    assert.match(transcript, /^t\.sql:2:26: shell\/variable: ‹secret:password› stands for a secret that is not kept\n/);
    assert.match(transcript, /note: nothing was run$/);
    assert.deepEqual(sent, []);
  });

  test("fail an included file whose name only the run tells", async () => {
    const { transcript, sent } = await runTexts(["\\set f x.sql\n\\i :f"], { files: { "x.sql": RECALLED } });
    assert.match(transcript, /^x\.sql:1:26: shell\/variable: ‹secret:password› stands/);
    assert.deepEqual(sent, []);
  });

  test("that stand where no secret does are text", async () => {
    const { sent } = await runTexts(["insert into t values ('‹secret:password›');"]);
    assert.deepEqual(sent, ["insert into t values ('‹secret:password›')"]);
  });
});
