import assert from "node:assert/strict";
import { test } from "node:test";
import { remember } from "../../../repl/history/remember.ts";
import { HistoryFile } from "../../../repl/history/store.ts";
import { Interpreter } from "../../../src/script/interpreter.ts";
import { ScriptState } from "../../../src/script/state.ts";
import { Variables } from "../../../src/script/variables.ts";
import { FakeSession, fakeHost } from "../../harness/script-stage.ts";

test("what was run is kept with where, how long and how it went", async () => {
  const state = new ScriptState(new Variables());
  const shell = new Interpreter({ session: new FakeSession(), host: fakeHost(), state, interactive: true });
  const history = new HistoryFile(undefined);
  const profile = { name: "dev", production: false, readOnly: false, asks: true };
  let clock = 1000;
  const now = (): number => (clock += 5);
  const run = async (text: string): Promise<void> =>
    remember({ shell, history, profile }, text, now, async () => {
      state.stopped = false;
      for await (const event of shell.run({ name: "<prompt>", text })) assert.ok(event.type.length > 0);
    });
  await run("select 1;");
  await run("select fail;");
  await run("select 1;");
  const broken = remember({ shell, history, profile: undefined }, "\\d", now, () => Promise.reject(new Error("gone")));
  await assert.rejects(broken, /gone/);
  const common = { database: "shop", profile: "dev", elapsedMs: 5 };
  assert.deepEqual(history.entries, [
    { text: "select 1;", atMs: 1005, status: "ok", failed: false, ...common },
    { text: "select fail;", atMs: 1015, status: "engine/failed", failed: true, ...common },
    { text: "select 1;", atMs: 1025, status: "ok", failed: false, ...common },
    { text: "\\d", atMs: 1035, status: "shell/output", failed: true, database: "shop", elapsedMs: 5 },
  ]);
});
