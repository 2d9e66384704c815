// The embedded database has one session: a second Ctrl-C must not open its directory twice.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openPrompt, run, untilPrompt } from "../../harness/prompt-stage.ts";
import { temporaryFolder } from "../../harness/temporary-folder.ts";

suite("the embedded database after a second Ctrl-C", () => {
  test("starts again at its last commit, and the directory is free when the shell has ended", async () => {
    const folder = await temporaryFolder();
    const directory = join(folder, "db");
    {
      await using prompt = openPrompt({ connection: `embedded:${directory}`, columns: 100 });
      const { terminal } = prompt;
      await run(terminal, "create table kept as select 7 as seven;");
      terminal.type("select pg_sleep(60);\r");
      await terminal.until("select pg_sleep(60);");
      await sleep(500);
      terminal.press("C-c");
      await sleep(120);
      terminal.press("C-c");
      await terminal.until("the embedded database starts again");
      await untilPrompt(terminal);
      await run(terminal, "select 'seven=' || seven as s from kept;");
      assert.match(terminal.screen, /^ seven=7/m);
      // The names that completion offers come through the session in front, too.
      await run(terminal, "create table more as select 8 as eight;");
      terminal.type("\\q\r");
      assert.equal((await terminal.exited()).status, 0);
      assert.equal(existsSync(`${directory}.lock`), false);
    }
    await using again = openPrompt({ connection: `embedded:${directory}`, columns: 100 });
    await run(again.terminal, "select 'eight=' || eight as e from more;");
    assert.match(again.terminal.screen, /^ eight=8/m);
    assert.doesNotMatch(again.terminal.screen, /taken over/);
  });

  test("that is only being started lets go of its directory", async () => {
    const directory = join(await temporaryFolder(), "db");
    await using prompt = openPrompt({ connection: `embedded:${directory}`, columns: 100 });
    const { terminal } = prompt;
    await run(terminal, "select 1 as one;");
    terminal.type("select pg_sleep(60);\r");
    await terminal.until("select pg_sleep(60);");
    await sleep(300);
    terminal.press("C-c");
    await terminal.until("interrupted");
    await untilPrompt(terminal);
    // The next statement starts the database again; it is given up meanwhile.
    terminal.type("select 2 as two;\r");
    await terminal.until("select 2 as two;");
    terminal.press("C-c");
    await sleep(150);
    terminal.press("C-c");
    await terminal.until(/left behind|\(1 row\)[^]*\(1 row\)|interrupted[^]*interrupted/);
    await untilPrompt(terminal);
    await run(terminal, "select 'still ' || 'there' as s;");
    assert.match(terminal.screen, /^ still there/m);
  });
});
