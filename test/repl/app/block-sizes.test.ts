// The block of a running job on a terminal whose size changes: nothing of it stays behind.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startPostgres, type TestPostgres } from "../../harness/postgres-server.ts";
import { openPrompt, run } from "../../harness/prompt-stage.ts";
import type { TerminalProgram } from "../../harness/terminal.ts";

let server: TestPostgres;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

function connection(): string {
  return `postgresql:///postgres?host=${server.socketDir}&port=${server.port}&user=postgres`;
}

const SETTLED_MS = 500;

/** How many first and last lines of blocks are on the screen and above it. */
function blocks(terminal: TerminalProgram): readonly number[] {
  const text = terminal.everything.replaceAll("\n", "");
  return [/BACKUP TABLE|UNLOAD \(\$/g, /elapsed \d+s/g].map((line) => text.match(line)?.length ?? 0);
}

/** A prompt at the bottom of a screen, above it a block whose job waits until it is let go. */
async function withBlock(
  work: (terminal: TerminalProgram) => Promise<void>,
  options = { connection: connection(), columns: 120, rows: 24 },
): Promise<void> {
  await using holder = openPrompt(options);
  await using prompt = openPrompt(options);
  const { terminal } = prompt;
  await run(holder.terminal, "create table if not exists held as select n from generate_series(1, 1000) as n;");
  await run(holder.terminal, "begin; lock table held in access exclusive mode;");
  // Whatever the block grows by scrolls.
  await run(terminal, "select n as before from generate_series(1, 19) as n;");
  terminal.type(`backup table held into 'file://${prompt.home}/b' with encryption_passphrase = 'geheim';\r`);
  await terminal.until("^Z background");
  await work(terminal);
  await run(holder.terminal, "rollback;");
  await terminal.until(/succeeded[^]*postgres=#$/);
  assert.deepEqual(blocks(terminal), [0, 0]);
}

test("no line of the block stays when the terminal changes its size", async () => {
  await withBlock(async (terminal) => {
    for (const [columns, rows] of [
      [60, 24],
      [40, 24],
      [100, 24],
      [30, 12],
      [250, 30],
      [80, 10],
      [120, 24],
    ] as const) {
      terminal.resize(columns, rows);
      await sleep(SETTLED_MS);
      await terminal.until(/elapsed \d+s/, "the block");
      assert.deepEqual(blocks(terminal), [1, 1], `at ${columns} columns:\n${terminal.everything}`);
      // It has the room that there is.
      assert.equal(terminal.screen.includes("^Z background"), columns >= 40, terminal.screen);
    }
  });
});

test("nor while a window is dragged: sizes come quicker than they are drawn", async () => {
  await withBlock(async (terminal) => {
    for (const direction of [-4, 4]) {
      for (let step = 0; step < 22; step++) {
        terminal.resize((direction < 0 ? 119 : 31) + step * direction, 24);
        await sleep(15);
      }
      await sleep(SETTLED_MS);
      await terminal.until(/elapsed \d+s/, "the block");
      assert.deepEqual(blocks(terminal), [1, 1], terminal.everything);
    }
  });
});

test("nor where the terminal has another size before it tells, and the figures move", async () => {
  await using prompt = openPrompt({ connection: connection(), columns: 120, rows: 24 });
  const { terminal } = prompt;
  await run(terminal, "select n as before from generate_series(1, 19) as n;");
  const slow = "select n, pg_sleep(0.01)::text as s, repeat('x', 20000) as t from generate_series(1, 9000) as n";
  terminal.type(`unload ($$${slow}$$) to 'file://${prompt.home}/u_' csv;\r`);
  await terminal.until(/u_0000_part_00 .* rows/);
  for (const columns of [60, 120, 45, 200, 80, 110]) {
    await terminal.resizeLate(columns, 24, 600);
    await sleep(SETTLED_MS);
    await terminal.until(/elapsed \d+s/, "the block");
    assert.deepEqual(blocks(terminal), [1, 1], `at ${columns} columns:\n${terminal.everything}`);
  }
  terminal.press("C-c");
  await terminal.until("UNLOAD stopped after");
});
