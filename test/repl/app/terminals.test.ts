// What only a real terminal shows: suspending, killing, pasting much, small and odd terminals, servers that go away.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { startPostgres, type TestPostgres } from "../../harness/postgres-server.ts";
import { homeEnvironment, openPrompt, run, shellCommand, untilPrompt } from "../../harness/prompt-stage.ts";
import { TerminalProgram } from "../../harness/terminal.ts";
import { temporaryFolder } from "../../harness/temporary-folder.ts";

let server: TestPostgres;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

function connection(): string {
  return `postgresql:///postgres?host=${server.socketDir}&port=${server.port}&user=postgres`;
}

suite("signals", () => {
  test("Ctrl-Z stops the shell for the shell above it, fg brings the input back", async () => {
    const home = await temporaryFolder();
    const words = shellCommand(connection()).map((word) => `'${word}'`);
    const script = join(home, "start.sh");
    writeFileSync(script, `${words.join(" ")}\n`);
    await using terminal = new TerminalProgram(["/bin/bash", "--norc", "-i"], {
      environment: { ...homeEnvironment(home), PS1: "outer> " },
      directory: home,
    });
    await terminal.until("outer>");
    terminal.type(". ./start.sh\r");
    await terminal.until("postgres=#");
    terminal.type("select 'typed");
    await terminal.until("select 'typed");
    terminal.press("C-z");
    await terminal.until("Stopped");
    terminal.type("echo between\r");
    await terminal.until(/\nbetween/);
    terminal.type("fg\r");
    await terminal.until("postgres=# select 'typed");
    terminal.type("' as a;\r");
    await terminal.until("(1 row)");
    await untilPrompt(terminal);
    terminal.press("C-d");
    await terminal.until(/outer> $|outer>$/);
  });

  test("SIGTERM leaves the terminal as it was", async () => {
    await using prompt = openPrompt({ connection: connection() });
    await untilPrompt(prompt.terminal);
    await prompt.terminal.until(() => prompt.terminal.raw.includes("\u001b[?2004h"), "bracketed paste");
    process.kill(prompt.terminal.pid, "SIGTERM");
    const { status, signal } = await prompt.terminal.exited();
    assert.ok(signal === 15 || status === 143, `status ${status}, signal ${signal}`);
    assert.match(prompt.terminal.raw, /\u001b\[\?2004l/, "bracketed paste is off again");
  });
});

suite("environments", () => {
  test("NO_COLOR takes every colour away", async () => {
    await using prompt = openPrompt({ connection: connection(), environment: { NO_COLOR: "1" } });
    await run(prompt.terminal, "select null as n;");
    assert.equal(prompt.terminal.isStyled, false);
  });

  test("colours are there otherwise", async () => {
    await using prompt = openPrompt({ connection: connection() });
    await run(prompt.terminal, "select null as n;");
    assert.equal(prompt.terminal.isStyled, true);
  });

  test("CI in the environment changes nothing on a terminal", async () => {
    await using prompt = openPrompt({ connection: connection(), environment: { CI: "1" } });
    await run(prompt.terminal, "select 1 as one;");
    prompt.terminal.type("select\r");
    await prompt.terminal.until("postgres-#");
  });

  test("TERM=dumb gets the plain prompt", async () => {
    await using prompt = openPrompt({ connection: connection(), environment: { TERM: "dumb" } });
    const { terminal } = prompt;
    await terminal.until("postgres=#");
    terminal.type("select 1 as one;\r");
    await terminal.until("(1 row)");
    // It can redraw nothing: progress is lines as in a log.
    terminal.type(`backup database postgres into 'file://${prompt.home}/b';\r`);
    await terminal.until(/ BACKUP job=\S+ phase=keys/);
    await terminal.until(/ BACKUP job=\S+ (?:done|failed) /);
    terminal.type("\\q\r");
    assert.equal((await terminal.exited()).status, 0);
    assert.ok(!terminal.raw.includes("\u001b[2K"));
  });

  test("$EDITOR edits the query; \\e and C-x C-e", async () => {
    const home = await temporaryFolder();
    const editor = join(home, "editor.sh");
    writeFileSync(editor, '#!/bin/sh\nsed -i s/before/after/ "$1"\n', { mode: 0o755 });
    await using prompt = openPrompt({ connection: connection(), environment: { VISUAL: "", EDITOR: editor } });
    const { terminal } = prompt;
    await untilPrompt(terminal);
    terminal.type("select 'before' as a");
    await terminal.until("before");
    terminal.press("C-x", "C-e");
    await terminal.until("select 'after' as a");
    terminal.press("C-c");
    await untilPrompt(terminal);
    await run(terminal, "select 'before' as b;");
    terminal.type("\\e\r");
    await terminal.until("postgres=# select 'after' as b");
  });

  test("a result higher than the screen goes through the pager, what was typed ahead does not", async (context) => {
    if (spawnSync("less", ["--version"]).status !== 0) {
      context.skip("runs with less on the PATH");
      return;
    }
    await using prompt = openPrompt({ connection: connection(), rows: 12 });
    const { terminal } = prompt;
    await untilPrompt(terminal);
    terminal.type("select n from generate_series(1, 100) as n;\r");
    await terminal.until(/\n:$/);
    // What is typed into the pager by mistake makes no file.
    terminal.type("select 1;\r");
    await terminal.until(/not available/);
    terminal.type("q");
    terminal.type("q");
    await terminal.until(/postgres=#/);
    assert.deepEqual(
      readdirSync(prompt.home).filter((name) => name.startsWith("elect")),
      [],
    );
    terminal.press("C-c");
    await untilPrompt(terminal);
    await run(terminal, "\\pset pager off");
    await run(terminal, "select n from generate_series(1, 100) as n;");
    await terminal.until("(100 rows)");
  });
});

suite("\\timing", () => {
  test("splits what took long into server, transfer and drawing; the pager is nobody's time", async () => {
    await using prompt = openPrompt({ connection: connection(), columns: 100, environment: { PAGER: "sleep 1; cat" } });
    const { terminal } = prompt;
    await run(terminal, "select pg_sleep(0.1) is null as a from generate_series(1, 50);");
    const [, server, drawing] = /server ([\d.]+), transfer [\d.]+, drawing ([\d.]+)\)/.exec(terminal.screen) ?? [];
    assert.ok(Number(server) >= 100, terminal.screen);
    assert.ok(Number(drawing) < 1000, terminal.screen);
    terminal.resize(40, 24);
    await untilPrompt(terminal);
    const whole = terminal.everything.match(/server/g)?.length;
    await run(terminal, "select pg_sleep(0.1) is null as narrow;");
    assert.equal(terminal.everything.match(/server/g)?.length, whole, "no line is longer than the terminal");
    terminal.resize(100, 24);
    await untilPrompt(terminal);
    await run(terminal, `show backups in 'file://${prompt.home}/none';`);
    await run(terminal, "explain backup into 'file:///x' with encryption_passphrase = 'geheim';");
    assert.equal(terminal.everything.match(/server/g)?.length, 1, "ours have no server's part");
    await run(terminal, "\\timing off");
    await run(terminal, "select 'quiet' as q;");
    await terminal.until((screen) => /quiet[^T]*$/.test(screen), "no time");
  });
});

suite("servers that go away", () => {
  test("a dead server ends the start with its status", async () => {
    await using terminal = new TerminalProgram(shellCommand("postgresql://nobody@127.0.0.1:1/none"), {
      environment: homeEnvironment(await temporaryFolder()),
    });
    assert.equal((await terminal.exited()).status, 2);
    await terminal.until("error[engine/connect]");
  });

  test("a lost connection is opened again, and that is said", async () => {
    await using prompt = openPrompt({ connection: connection(), columns: 100 });
    await run(prompt.terminal, "select pg_terminate_backend(pg_backend_pid());");
    await prompt.terminal.until("connected again");
    await run(prompt.terminal, "select 'alive' as a;");
    await prompt.terminal.until("alive");
  });

  test("a server that never answers is given up when it was told to be", async () => {
    const silent = createServer((socket) => void socket.on("error", () => {}));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await using terminal = new TerminalProgram(shellCommand(`postgresql://a@127.0.0.1:${port}/d?connect_timeout=2`), {
      environment: homeEnvironment(await temporaryFolder()),
    });
    assert.equal((await terminal.exited()).status, 2);
    silent.close();
  });
});

test("in tmux", async (context) => {
  if (spawnSync("tmux", ["-V"]).status !== 0) {
    context.skip("runs with tmux on the PATH");
    return;
  }
  const home = await temporaryFolder();
  const socket = join(home, "tmux");
  const env = { ...homeEnvironment(home), TERM: "xterm-256color" };
  const tmux = (...words: string[]): string =>
    execFileSync("tmux", ["-S", socket, ...words], { env, encoding: "utf8" });
  const script = join(home, "start.sh");
  writeFileSync(
    script,
    `exec ${shellCommand(connection())
      .map((word) => `'${word}'`)
      .join(" ")}\n`,
  );
  await using terminal = new TerminalProgram(["tmux", "-S", socket, "-f", "/dev/null", "new-session", `sh ${script}`], {
    environment: env,
    columns: 90,
    rows: 20,
  });
  try {
    await terminal.until("postgres=#");
    terminal.type("select 'in tmux' as a;\r");
    await terminal.until("(1 row)");
    assert.match(tmux("capture-pane", "-p"), /in tmux/);
    terminal.resize(60, 15);
    await terminal.until((screen) => screen.includes("postgres=#"));
    terminal.type("\\q\r");
    await terminal.exited();
  } finally {
    spawnSync("tmux", ["-S", socket, "kill-server"], { env });
  }
});
