// Modified keys as terminals send them.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startPostgres, type TestPostgres } from "../../harness/postgres-server.ts";
import { openPrompt, untilPrompt } from "../../harness/prompt-stage.ts";

let server: TestPostgres;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

function connection(): string {
  return `postgresql:///postgres?host=${server.socketDir}&port=${server.port}&user=postgres`;
}

suite("keyboards", () => {
  // In kitty's encoding and in xterm's (modifyOtherKeys).
  for (const [name, sequences] of [
    ["Shift-Enter", ["\u001b[13;2u", "\u001b[27;2;13~"]],
    ["Alt-Enter", ["\u001b[13;3u", "\u001b[27;3;13~", "\u001b\r"]],
    ["Ctrl-Enter", ["\u001b[13;5u", "\u001b[27;5;13~"]],
  ] as const) {
    test(`${name} in every encoding`, async () => {
      await using prompt = openPrompt({ connection: connection() });
      const { terminal } = prompt;
      await untilPrompt(terminal);
      for (const [number, sequence] of sequences.entries()) {
        // Enter runs what is complete, the others what is not.
        terminal.type(`select 'row${number}' as a${name === "Ctrl-Enter" ? ";" : ""}`);
        await terminal.until(`select 'row${number}'`);
        terminal.type(sequence);
        await terminal.until(new RegExp(`^ row${number}$`, "m"));
        await untilPrompt(terminal);
      }
      assert.doesNotMatch(terminal.everything, /\[(?:13|27);|~/);
    });
  }

  test("letters with Ctrl and Alt in both encodings edit, and unknown sequences type nothing", async () => {
    await using prompt = openPrompt({ connection: connection() });
    const { terminal } = prompt;
    await untilPrompt(terminal);
    terminal.type("one two");
    await terminal.until("one two");
    for (const sequence of ["\u001b[97;5u", "\u001b[27;5;101~", "\u001b[98;3u", "\u001b[57442;5u", "\u001b[?62;9~"]) {
      terminal.type(sequence);
      // An escape that stands alone is told from a sequence by time.
      await sleep(50);
    }
    terminal.type("X");
    await terminal.until(/=# one Xtwo$/);
    terminal.type("\u001b[27;5;99~");
    await untilPrompt(terminal);
  });
});
