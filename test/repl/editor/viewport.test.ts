import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { cellsBetween, viewportOf } from "../../../repl/editor/viewport.ts";

const WINDOW = { columns: 10, height: 4, secrets: [] };

function shown(text: string, cursor: number, window = WINDOW): { lines: string[]; x: number; y: number; cut: string } {
  const { rows, cursor: at, isCutAbove, isCutBelow } = viewportOf({ text, cursor }, window);
  const lines = rows.map((row) => `${row.isLineStart ? ">" : "."}${text.slice(row.start, row.end)}`);
  return { lines, ...at, cut: `${isCutAbove ? "^" : ""}${isCutBelow ? "v" : ""}` };
}

suite("rows of a text", () => {
  test("lines as they are", () => {
    assert.deepEqual(shown("ab\n\ncd", 4), { lines: [">ab", ">", ">cd"], x: 0, y: 2, cut: "" });
    assert.deepEqual(shown("", 0), { lines: [">"], x: 0, y: 0, cut: "" });
    assert.deepEqual(shown("ab\n", 3), { lines: [">ab", ">"], x: 0, y: 1, cut: "" });
  });

  test("long lines go on in rows below; a full one gives the cursor a row of its own", () => {
    assert.deepEqual(shown("0123456789abc", 12), { lines: [">0123456789", ".abc"], x: 2, y: 1, cut: "" });
    assert.deepEqual(shown("0123456789", 10), { lines: [">0123456789", "."], x: 0, y: 1, cut: "" });
  });

  test("wide characters take two columns and are not cut", () => {
    assert.deepEqual(shown("日本日本日本", 6), { lines: [">日本日本日", ".本"], x: 2, y: 1, cut: "" });
    assert.deepEqual(shown("a日本日本日", 6), { lines: [">a日本日本", ".日"], x: 2, y: 1, cut: "" });
  });

  test("secrets are dots, one a character", () => {
    const { cursor } = viewportOf({ text: "'日本'", cursor: 3 }, { ...WINDOW, secrets: [{ start: 1, end: 3 }] });
    assert.equal(cursor.x, 3);
  });

  test("the window follows the cursor", () => {
    const text = "a\nb\nc\nd\ne\nf\ng";
    assert.deepEqual(shown(text, 0), { lines: [">a", ">b", ">c", ">d"], x: 0, y: 0, cut: "v" });
    assert.deepEqual(shown(text, 6), { lines: [">b", ">c", ">d", ">e"], x: 0, y: 2, cut: "^v" });
    assert.deepEqual(shown(text, 13), { lines: [">d", ">e", ">f", ">g"], x: 1, y: 3, cut: "^" });
  });

  test("a megabyte in one line, or in many", () => {
    const line = "x".repeat(1_000_000);
    const one = shown(line, 500_000);
    assert.equal(one.lines.length, 4);
    assert.equal(one.cut, "^v");
    const many = shown("select 1;\n".repeat(100_000), 1_000_000);
    assert.deepEqual(many.lines, [">select 1;", ">select 1;", ">select 1;", ">"]);
  });
});

suite("characters that nobody sees", () => {
  const cases: Readonly<Record<string, string>> = {
    "\u200b": "<200b>",
    "\u202e": "<202e>",
    "\ufeff": "<feff>",
    "\u0301": "◌\u0301",
    "e\u0301": "e\u0301",
    "👩‍🚀": "👩‍🚀",
    "\u0600": "<0600>",
    שּׁ: "שּׁ",
    "\t": "    ",
    "\u001b": "^[",
  };
  for (const [text, drawn] of Object.entries(cases)) {
    test(JSON.stringify(text), () => {
      assert.deepEqual(
        [...cellsBetween(text, 0, text.length, [])].map(([, cell]) => cell.text),
        [drawn],
      );
    });
  }
});
