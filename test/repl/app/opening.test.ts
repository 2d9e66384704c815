// While the first connection is opened: what the screen says, and what keys do.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { homeEnvironment, openPrompt, shellCommand, untilPrompt } from "../../harness/prompt-stage.ts";
import { TerminalProgram } from "../../harness/terminal.ts";
import { temporaryFolder } from "../../harness/temporary-folder.ts";

async function silentPort(): Promise<number> {
  const silent = createServer((socket) => void socket.on("error", () => {}));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  after(() => silent.close());
  const address = silent.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

suite("while a connection is opened", () => {
  test("a server that is slow to answer is named, and Ctrl-C gives it up", async () => {
    const port = await silentPort();
    await using terminal = new TerminalProgram(shellCommand(`postgresql://a@127.0.0.1:${port}/d?connect_timeout=300`), {
      environment: homeEnvironment(await temporaryFolder()),
    });
    await terminal.until(`connecting to 127.0.0.1:${port} … (Ctrl-C gives up)`);
    terminal.type("select 1;");
    terminal.press("C-c");
    assert.equal((await terminal.exited()).status, 130);
    await terminal.until((screen) => !screen.includes("connecting"), "an empty screen");
  });

  test("a new embedded database says that it is made and where it is; what was typed ahead is kept", async () => {
    const directory = join(await temporaryFolder(), "db");
    await using prompt = openPrompt({ connection: `embedded:${directory}`, columns: 120 });
    const { terminal } = prompt;
    await terminal.until("making a new database, once …");
    terminal.type("select 'typed ' || 'ahead' as t;\r");
    await terminal.until(/^ typed ahead/m);
    await untilPrompt(terminal);
    assert.match(terminal.screen, new RegExp(`no server needed: ${directory}`));
    assert.doesNotMatch(terminal.screen, /making a new/);
  });
});
