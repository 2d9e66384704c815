// What only a real terminal shows of texts and screens of any size: pasting much, resizing, scrolling around the cursor.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
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

suite("pasting", () => {
  test("a megabyte arrives whole, in lines and in one line", async () => {
    await using prompt = openPrompt({ connection: connection(), columns: 80, rows: 20 });
    const { terminal } = prompt;
    await untilPrompt(terminal);
    const rows = Array.from({ length: 80_000 }, (_, n) => `(${n})`);
    terminal.paste(`select count(*) as pasted from (values\r${rows.join(",\r")}\r) as v;`);
    await terminal.until(") as v;");
    terminal.press("enter");
    await terminal.until("80000");
    await untilPrompt(terminal);
    terminal.paste(`select length('${"x".repeat(1_000_000)}') as long;`);
    await terminal.until("as long;");
    terminal.press("enter");
    await terminal.until("1000000");
    await untilPrompt(terminal);
  });

  test("a paste is text: it submits nothing and completes nothing", async () => {
    await using prompt = openPrompt({ connection: connection() });
    const { terminal } = prompt;
    await untilPrompt(terminal);
    terminal.paste("select 1;\nselect\t2;");
    await terminal.until(/select\s+2;/);
    assert.ok(!terminal.screen.includes("(1 row)"));
    terminal.press("enter");
    await terminal.until(/\(1 row\)[^]*\(1 row\)/);
  });
});

suite("sizes", () => {
  test("the frame follows the terminal's size", async () => {
    await using prompt = openPrompt({ connection: connection(), columns: 80, rows: 20 });
    const { terminal } = prompt;
    await untilPrompt(terminal);
    terminal.type(`select '${"abc ".repeat(20)}';`);
    await terminal.until("';");
    for (const [columns, rows] of [
      [40, 20],
      [120, 20],
      [60, 8],
      [80, 24],
    ] as const) {
      terminal.resize(columns, rows);
      await terminal.until(
        (screen) => (screen.match(/postgres=#/g) ?? []).length === 1 && screen.endsWith("';"),
        "one frame",
      );
    }
    terminal.press("C-c");
    await untilPrompt(terminal);
  });

  test("a frame that is the same in another size is drawn again", async () => {
    await using prompt = openPrompt({ connection: connection(), columns: 80, rows: 20 });
    const { terminal } = prompt;
    await untilPrompt(terminal);
    for (const columns of [70, 90, 70]) {
      const before = terminal.raw.length;
      terminal.resize(columns, 20);
      await terminal.until(() => terminal.raw.slice(before).includes("\u001b[J"), "the frame taken away");
      await untilPrompt(terminal);
    }
  });

  test("a text higher than the screen is shown around the cursor", async () => {
    await using prompt = openPrompt({ connection: connection(), columns: 60, rows: 8 });
    const { terminal } = prompt;
    await untilPrompt(terminal);
    terminal.paste(Array.from({ length: 30 }, (_, n) => `-- line ${n}`).join("\n"));
    await terminal.until("line 29");
    assert.ok(terminal.screen.split("\n").length <= 8);
    terminal.press("M-<");
    await terminal.until(/=# -- line 0/);
  });
});
