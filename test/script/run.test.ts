import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { RunInput } from "../../src/script/run.ts";
import { runTexts } from "../harness/script-stage.ts";

function command(text: string): RunInput {
  return { name: "<command>", text, isCommand: true };
}

suite("errors", () => {
  test("stop the run, and the place is the word that failed", async () => {
    const { sent, transcript, state } = await runTexts(["select 1;\nselect\n  fail;\nselect 3;", "select 4;"]);
    assert.deepEqual(sent, ["select 1", "select\n  fail"]);
    assert.match(transcript, /t\.sql:3:3: engine\/failed: it failed/);
    assert.equal(state.firstFailure?.exitStatus, 3);
  });

  test("keep their place behind variables of another length", async () => {
    const { transcript } = await runTexts(["\\set v 'a long value'\nselect :'v', fail;"]);
    assert.match(transcript, /t\.sql:2:14: engine\/failed/);
  });

  test("with ON_ERROR_STOP off do not stop it, and still decide the status", async () => {
    const { sent, state } = await runTexts(["select fail;\nselect 2;"], { variables: { ON_ERROR_STOP: "0" } });
    assert.deepEqual(sent, ["select fail", "select 2"]);
    assert.equal(state.firstFailure?.code, "engine/failed");
  });
});

suite("the whole is checked first", () => {
  test("all complaints come at once and nothing runs", async () => {
    const { sent, transcript } = await runTexts(["select 1;\nBACKUP nonsense;\n\\foo\nselect :nope;\nselect 'open"]);
    assert.deepEqual(sent, []);
    assert.deepEqual(
      transcript.split("\n").map((line) => line.split(": ").slice(0, 2).join(" ")),
      [
        "t.sql:2:8 syntax/unexpected",
        "t.sql:3:1 shell/command",
        "t.sql:4:8 shell/variable",
        "t.sql:5:8 syntax/unterminated",
        "note nothing was run",
      ],
    );
  });

  test("--check plans every statement and runs none", async () => {
    const { sent, transcript, state } = await runTexts(["\\set a 1\nselect 1;\nselect :a;"], {
      run: { checkOnly: true },
    });
    assert.deepEqual(sent, []);
    assert.match(
      transcript,
      /INFO: would run select 1\nnote: t\.sql:3: not planned, :a is known only when the script runs/,
    );
    assert.equal(state.firstFailure, undefined);
  });
});

suite("transactions", () => {
  test("one that nobody ended is rolled back, and that is a failure that names its BEGIN", async () => {
    const { sent, transcript, state } = await runTexts(["select 1;\nbegin;\nselect 2;"]);
    assert.deepEqual(sent, ["select 1", "begin", "select 2", "ROLLBACK"]);
    assert.match(transcript, /note: script ended inside a transaction \(BEGIN at t\.sql:2\); rolled back/);
    assert.equal(state.firstFailure?.exitStatus, 3);
  });

  test("-1 commits all or rolls all back", async () => {
    const run = { singleTransaction: true };
    const good = await runTexts(["select 1;", command("select 2")], { run });
    assert.deepEqual(good.sent, ["BEGIN", "select 1", "select 2", "COMMIT"]);
    const bad = await runTexts(["select 1;\nselect fail;"], { run });
    assert.deepEqual(bad.sent, ["BEGIN", "select 1", "select fail", "ROLLBACK"]);
    assert.match(bad.transcript, /note: everything was rolled back/);
    assert.equal(bad.state.firstFailure?.exitStatus, 3);
  });

  test("-1 never commits half: a failure that ON_ERROR_STOP=0 passed over rolls back too", async () => {
    const { sent } = await runTexts(["select fail;\nselect 2;"], {
      run: { singleTransaction: true },
      variables: { ON_ERROR_STOP: "off" },
    });
    assert.equal(sent.at(-1), "ROLLBACK");
  });

  test("several statements of one -c are one transaction", async () => {
    const { sent } = await runTexts([command("insert 1; insert 2")]);
    assert.deepEqual(sent, ["BEGIN", "insert 1", "insert 2", "COMMIT"]);
  });

  test("but not when one of them is ours, or controls transactions, or there is only one", async () => {
    assert.deepEqual((await runTexts([command("insert 1; BACKUP x")])).sent, ["insert 1", "BACKUP x"]);
    assert.deepEqual((await runTexts([command("begin; insert 1; commit")])).sent, ["begin", "insert 1", "commit"]);
    assert.deepEqual((await runTexts([command("vacuum")])).sent, ["vacuum"]);
  });
});

test("an aborted signal ends the run as interrupted", async () => {
  const { sent, state } = await runTexts(["select 1;"], { run: { signal: AbortSignal.abort() } });
  assert.deepEqual(sent, []);
  assert.equal(state.firstFailure?.code, "job/interrupted");
});
