// A password that nobody gave is asked for on the terminal, and what is typed is not shown.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { after, before, suite, test } from "node:test";
import { openPostgres } from "../../../src/engines/postgres/engine.ts";
import { PASSWORD_ROLE, startPostgres, type TestPostgres } from "../../harness/postgres-server.ts";
import { homeEnvironment, openPrompt, run, shellCommand, untilPrompt } from "../../harness/prompt-stage.ts";
import { TerminalProgram } from "../../harness/terminal.ts";
import { temporaryFolder } from "../../harness/temporary-folder.ts";

const PASSWORD = "open sesame";
const ASKED = `Password for user ${PASSWORD_ROLE}:`;

suite("a password that the server wants", () => {
  let server: TestPostgres;
  let uri: string;
  before(async () => {
    server = await startPostgres();
    await using engine = await openPostgres(server.settings);
    await engine.rows(`create role ${PASSWORD_ROLE} login password '${PASSWORD}'`);
    uri = `postgresql://${PASSWORD_ROLE}@127.0.0.1:${server.port}/postgres`;
  });
  after(() => server.stop());

  for (const term of ["xterm-256color", "dumb"]) {
    test(`is asked for at the prompt, before it and by \\c (${term})`, async () => {
      await using prompt = openPrompt({ connection: uri, environment: { TERM: term } });
      const { terminal } = prompt;
      await terminal.until(ASKED);
      terminal.type(`${PASSWORD}\r`);
      await untilPrompt(terminal);
      await run(terminal, "select 'as ' || current_user as who;");
      assert.match(terminal.screen, new RegExp(`as ${PASSWORD_ROLE}`));
      // The connection of the completion, and one to the same user, ask nothing.
      await run(terminal, `\\c template1 ${PASSWORD_ROLE}`);
      assert.equal(terminal.everything.split(ASKED).length, 2);
      terminal.type(`\\c postgres ${PASSWORD_ROLE} localhost\r`);
      await terminal.until((screen) => screen.split(ASKED).length === 3, "the question again");
      terminal.type(`${PASSWORD}\r`);
      await terminal.until(/now connected[^]*postgres=> ?$/);
      assert.doesNotMatch(terminal.raw, /sesame/);
    });
  }

  test("Ctrl-C gives up, and a wrong one is not asked for again", async () => {
    for (const [typed, status, said] of [
      ["open\u0003", 130, "no secret was given"],
      ["close\r", 2, "password authentication failed"],
    ] as const) {
      await using terminal = new TerminalProgram(shellCommand(uri), {
        environment: homeEnvironment(await temporaryFolder()),
        columns: 120,
      });
      await terminal.until(ASKED);
      terminal.type(typed);
      assert.equal((await terminal.exited()).status, status);
      await terminal.until(said);
    }
  });

  test("is asked for with -W where none is needed, and never with -w", async () => {
    const environment = homeEnvironment(await temporaryFolder());
    await using first = new TerminalProgram(shellCommand(server.url, ["-W", "-c", "select 'got' || ' in'"]), {
      environment,
    });
    await first.until(/^Password for user \w+:$/m);
    first.type("anything\r");
    await first.until("got in");
    await using never = new TerminalProgram(shellCommand(uri, ["-w"]), { environment, columns: 120 });
    assert.equal((await never.exited()).status, 2);
    await never.until("the server wants a password");
  });

  test("is not asked for without a terminal", async () => {
    const [program = "", ...words] = shellCommand(uri, ["-c", "select 1"]);
    // In a session of its own, which has no terminal.
    const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"], detached: true });
    assert.match(await text(child.stderr), /the server wants a password/);
  });
});
