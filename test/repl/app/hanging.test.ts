// Servers that take what they are asked and never answer.
import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startPostgres, type TestPostgres } from "../../harness/postgres-server.ts";
import { openPrompt, run, untilPrompt } from "../../harness/prompt-stage.ts";

let server: TestPostgres;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

function connection(): string {
  return `postgresql:///postgres?host=${server.socketDir}&port=${server.port}&user=postgres`;
}

interface Wall extends Disposable {
  readonly port: number;
  readonly fallSilent: () => void;
}

/** Stands between the shell and its server: connections stay open, but after `fallSilent` nothing passes any more. */
async function openWall(socketDir: string, serverPort: number): Promise<Wall> {
  let isSilent = false;
  const wall = createServer((near) => {
    const far = connect(join(socketDir, `.s.PGSQL.${serverPort}`));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("data", (bytes) => void (isSilent || to.write(bytes)));
      from.on("error", () => {});
      from.on("close", () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => wall.listen(0, "127.0.0.1", resolve));
  const address = wall.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { port, fallSilent: () => void (isSilent = true), [Symbol.dispose]: () => void wall.close() };
}

suite("servers that hang", () => {
  test("the second Ctrl-C leaves a frozen backend behind, and the prompt works on", async () => {
    await using prompt = openPrompt({ connection: connection(), columns: 100 });
    const { terminal } = prompt;
    await run(terminal, "select 'pid=' || pg_backend_pid() as pid;");
    await terminal.until(/pid=\d/);
    const pid = Number(/pid=(\d+)/.exec(terminal.screen)?.[1]);
    process.kill(pid, "SIGSTOP");
    try {
      terminal.type("select 'never' as n;\r");
      await terminal.until("select 'never' as n;");
      terminal.press("C-c");
      await terminal.until("stopping …");
      await sleep(300);
      terminal.press("C-c");
      await terminal.until("left behind without waiting");
      await untilPrompt(terminal);
      await run(terminal, "select 'alive' as a;");
      assert.match(terminal.screen, /^ alive/m);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    terminal.press("C-d");
    assert.equal((await terminal.exited()).status, 0);
  });

  test("a server that falls silent after it answered: two Ctrl-C, and \\q ends", async () => {
    using wall = await openWall(server.socketDir, server.port);
    await using prompt = openPrompt({
      connection: `postgresql://postgres@127.0.0.1:${wall.port}/postgres?sslmode=disable&connect_timeout=2`,
      columns: 100,
    });
    const { terminal } = prompt;
    await run(terminal, "select 'answered' as a;");
    wall.fallSilent();
    terminal.type("select 'never' as n;\r");
    await terminal.until("select 'never' as n;");
    terminal.press("C-c");
    await terminal.until("stopping …");
    await sleep(300);
    terminal.press("C-c");
    await terminal.until("left behind without waiting");
    await terminal.until(/postgres=\?>$/);
    terminal.type("select 'again' as n;\r");
    await terminal.until(/no answer in time[^]*postgres=\?>$/);
    // Nobody waits for a server that was left behind: it never answers.
    terminal.type("\\q\r");
    assert.equal((await terminal.exited()).status, 0);
  });
});
