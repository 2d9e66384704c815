import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { DEFAULT_DISPLAY } from "../../src/script/display.ts";
import { ScriptState } from "../../src/script/state.ts";
import { Variables } from "../../src/script/variables.ts";
import { runTexts } from "../harness/script-stage.ts";

const CHANGES =
  "\\x\n\\x auto\n\\t\n\\a\n\\pset null '∅'\n\\C 'Title'\n\\C\n\\pset border 2\n\\pset linestyle unicode\n\\pset maxrows 0\n\\f ;\n";

suite("a setting that is changed", () => {
  test("says at the prompt how it is now", async () => {
    const { transcript } = await runTexts([CHANGES], { interactive: true });
    assert.deepEqual(
      transcript.split("\n").map((line) => line.replace("stdout: ", "")),
      [
        "Expanded display is on.",
        "Expanded display is used automatically.",
        "Tuples only is on.",
        "Output format is unaligned.",
        'Null display is "∅".',
        'Title is "Title".',
        "Title is unset.",
        "Border style is 2.",
        "Line style is unicode.",
        "Results are shown whole.",
        'Field separator is ";".',
      ],
    );
  });

  test("says nothing in a script, whose output is data", async () => {
    const { transcript } = await runTexts([CHANGES]);
    assert.equal(transcript, "");
  });
});

test("HOST and PORT of a socket are its folder and number, as psql has them", () => {
  const state = new ScriptState(new Variables([]), DEFAULT_DISPLAY);
  const description = {
    name: "postgres",
    version: "17.5",
    versionNumber: 170_005,
    database: "d",
    user: "u",
    superuser: false,
  } as const;
  state.showConnection({ ...description, location: "/tmp/here/.s.PGSQL.5433" });
  assert.deepEqual([state.variables.get("HOST"), state.variables.get("PORT")], ["/tmp/here", "5433"]);
  state.showConnection({ ...description, location: "db.example:5432" });
  assert.deepEqual([state.variables.get("HOST"), state.variables.get("PORT")], ["db.example", "5432"]);
});
