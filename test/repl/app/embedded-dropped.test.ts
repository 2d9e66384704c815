// The embedded database has one session: a second Ctrl-C must not open its directory twice.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
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

  test("takes the block of a job away that hangs at its storage", async () => {
    const silent = createServer((socket) => void socket.on("error", () => {}).unref());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    silent.unref();
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const directory = join(await temporaryFolder(), "db");
    await using prompt = openPrompt({ connection: `embedded:${directory}`, columns: 100 });
    const { terminal } = prompt;
    await run(terminal, "create table kept as select 7 as seven;");
    const signIn = "AWS_ACCESS_KEY_ID=a&AWS_SECRET_ACCESS_KEY=b&AWS_REGION=eu-west-1";
    terminal.type(`backup table kept into 's3://b/x?AWS_ENDPOINT=http://127.0.0.1:${port}&${signIn}';\r`);
    await terminal.until("elapsed");
    terminal.press("C-c");
    await terminal.until("stopping …");
    await sleep(300);
    terminal.press("C-c");
    await terminal.until("starts again from its last commit");
    await untilPrompt(terminal);
    // Nor does it come back while the next statement takes its time.
    terminal.type("select 'seven=' || seven as s, pg_sleep(3) from kept;\r");
    await terminal.until("pg_sleep(3)");
    await sleep(1500);
    assert.doesNotMatch(terminal.screen, /elapsed/);
    await terminal.until(/^ seven=7/m);
    await untilPrompt(terminal);
    terminal.type("\\q\r");
    assert.equal((await terminal.exited()).status, 0);
    silent.close();
  });
});
