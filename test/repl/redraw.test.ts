import assert from "node:assert/strict";
import { test } from "node:test";
import { redrawn } from "../../repl/layout/redraw.ts";

const SURFACE = { columns: 20, rows: 5, colour: true };

test("the second text takes the place of the first; what changed stands out, but for the first line", () => {
  const first = redrawn(undefined, "12:00\n a | 1\n b | 2\n\n", SURFACE);
  assert.equal(first.output, "12:00\n a | 1\n b | 2\n");
  const second = redrawn(first.shown, "12:02\n a | 17\n b | 2\n\n", SURFACE);
  assert.equal(second.output, "\r\u001b[3A\u001b[J12:02\n a | 1\u001b[7m7\u001b[27m\n b | 2\n");
});

test("without colour nothing is marked", () => {
  const surface = { ...SURFACE, colour: false };
  const first = redrawn(undefined, "t\n1", surface);
  assert.equal(redrawn(first.shown, "t\n2", surface).output, "\r\u001b[2A\u001b[Jt\n2\n");
});

test("lines that would scroll away are counted, long ones take several rows", () => {
  const { shown, output } = redrawn(undefined, Array.from({ length: 9 }, (_, n) => `line ${n}`).join("\n"), SURFACE);
  assert.equal(output, "line 0\nline 1\nline 2\n… 6 more lines\n");
  assert.equal(shown.rows, 4);
  assert.equal(redrawn(undefined, `${"x".repeat(30)}\ny`, SURFACE).shown.rows, 3);
});
