// Leaving with a transaction open, and connections that are lost, at both prompts.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { homeEnvironment, openPrompt, shellCommand, type Prompt } from "../harness/prompt-stage.ts";
import { TerminalProgram } from "../harness/terminal.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";

let server: TestPostgres;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

function plainPrompt(): Prompt {
  return openPrompt({ connection: server.url, columns: 100, environment: { TERM: "dumb" } });
}

suite("the plain prompt is not left with a transaction open", () => {
  test("without asking: it may be stayed in, committed, rolled back", async () => {
    await using prompt = plainPrompt();
    const { terminal } = prompt;
    await terminal.until(/=# ?$/);
    terminal.type("create table left_open (a int);\rbegin;\rinsert into left_open values (1);\r\\q\r");
    await terminal.until(/a transaction is open: c commit and leave, r roll back and leave, s stay: ?$/);
    terminal.type("s\r");
    await terminal.until(/postgres=\*# ?$/);
    terminal.press("C-d");
    await terminal.until((screen) => screen.split("s stay:").length === 3, "the question again");
    terminal.type("c\r");
    assert.equal((await terminal.exited()).status, 0);
    await using other = plainPrompt();
    await other.terminal.until(/=# ?$/);
    other.terminal.type("select 'kept ' || count(*) from left_open;\rbegin;\rselect 1/0;\r");
    await other.terminal.until(/kept 1[^]*postgres=!# ?$/);
    other.terminal.press("C-d");
    await other.terminal.until(/and failed: r roll back and leave, s stay: ?$/);
    // Who ends the input again leaves.
    other.terminal.press("C-d");
    assert.equal((await other.terminal.exited()).status, 0);
  });
});

suite("a lost connection is told", () => {
  for (const term of ["xterm-256color", "dumb"]) {
    test(`when it is open again, and by the prompt while it is not (${term})`, async () => {
      const own = await startPostgres();
      await using prompt = openPrompt({ connection: own.url, columns: 120, environment: { TERM: term } });
      const { terminal } = prompt;
      await terminal.until(/postgres=# ?$/);
      terminal.type("select pg_terminate_backend(pg_backend_pid());\r");
      await terminal.until(
        /connected again; settings, temporary tables, prepared statements and an open transaction are gone\n[^]*postgres=# ?$/,
      );
      await own.stop();
      terminal.type("select 1;\r");
      await terminal.until(/the next statement tries again\npostgres=\?> ?$/);
      // What needs no connection says nothing of it again.
      terminal.type("\\echo here\r");
      await terminal.until(/\nhere\npostgres=\?> ?$/);
    });
  }
});

test("a terminal whose output goes elsewhere is told that it is read to its end", async () => {
  const words = shellCommand(server.url, ["-tA"]).map((word) => `'${word}'`);
  const environment = homeEnvironment(await temporaryFolder());
  await using terminal = new TerminalProgram(["/bin/sh", "-c", `${words.join(" ")} | cat`], {
    environment,
    columns: 120,
  });
  await terminal.until("statements are read until Ctrl-D");
  terminal.type("select 'got ' || 'it';\r");
  terminal.press("C-d");
  await terminal.until(/\ngot it/);
});
