import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { HELD_ROWS } from "../../repl/layout/aligned.ts";
import { createLayout, type Surface } from "../../repl/layout/layout.ts";
import { DEFAULT_DISPLAY, type Column, type Display, type Row } from "../../src/index.ts";
import { ROOT } from "../harness/root.ts";

const PIPE: Surface = { escapes: false };

interface Case {
  readonly display: Partial<Display>;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

function layoutOf(one: Case, surface: Surface = PIPE): string {
  const layout = createLayout({ ...DEFAULT_DISPLAY, ...one.display }, surface);
  const head = layout.begin(one.columns);
  return head + layout.rows(one.rows) + [...layout.end()].join("");
}

for (const name of ["aligned", "expanded", "unaligned", "csv"]) {
  suite(`layout ${name} prints what psql prints`, () => {
    // A carriage return in a vector is written ␍, so that no editor takes it for a line end.
    const text = readFileSync(join(ROOT, "test/vectors/layout", `${name}.txt`), "utf8").replaceAll("␍", "\r");
    const cases = [...text.matchAll(/^# (.*)\n(\{.*\})\n----\n([\s\S]*?)====\n/gm)];
    assert.ok(cases.length > 20);
    for (const [, title = "", input = "", expected = ""] of cases) {
      test(title, () => assert.equal(layoutOf(JSON.parse(input) as Case), expected));
    }
  });
}

const PEOPLE: Case = {
  display: {},
  columns: [
    { name: "id", kind: "number" },
    { name: "id", kind: "text" },
    { name: "ok", kind: "boolean" },
    { name: "doc", kind: "json" },
  ],
  rows: [
    ["12345678901234567890.10", 'a"b', "t", '{"a": 1,\n "b": 2}'],
    ["NaN", null, "f", null],
  ],
};

test("json keeps digits, booleans and documents, and names a doubled column apart", () => {
  const text = layoutOf({ ...PEOPLE, display: { format: "json" } });
  assert.equal(
    text,
    '[\n{"id":12345678901234567890.10,"id_2":"a\\"b","ok":true,"doc":{"a": 1,  "b": 2}},\n' +
      '{"id":"NaN","id_2":null,"ok":false,"doc":null}\n]\n',
  );
  assert.equal((JSON.parse(text) as unknown[]).length, 2);
});

test("ndjson writes one valid line a row", () => {
  const lines = layoutOf({ ...PEOPLE, display: { format: "ndjson" } })
    .trimEnd()
    .split("\n");
  assert.equal(lines.length, 2);
  for (const line of lines) assert.equal(typeof JSON.parse(line), "object");
});

test("json of no rows is an empty array", () => {
  assert.equal(layoutOf({ ...PEOPLE, rows: [], display: { format: "json" } }), "[]\n");
});

test("auto expands only when the table is wider than the terminal", () => {
  const one: Case = {
    display: { expanded: "auto" },
    columns: [{ name: "text", kind: "text" }],
    rows: [["x".repeat(50)]],
  };
  assert.match(layoutOf(one, { escapes: true, columns: 40 }), /^-\[ RECORD 1 \]/);
  assert.match(layoutOf(one, { escapes: true, columns: 80 }), /^ +text/);
});

test("unaligned text escapes control characters on a terminal and only there", () => {
  const one: Case = { display: { format: "unaligned" }, columns: [{ name: "a", kind: "text" }], rows: [["\u001b[2J"]] };
  assert.match(layoutOf(one, { escapes: true }), /\\x1B\[2J/);
  assert.match(layoutOf(one), /\u001b\[2J/);
});

test("streaming layouts give text for every batch", () => {
  for (const format of ["csv", "json", "ndjson", "unaligned"] as const) {
    const layout = createLayout({ ...DEFAULT_DISPLAY, format }, PIPE);
    layout.begin(PEOPLE.columns);
    for (const row of PEOPLE.rows) assert.notEqual(layout.rows([row]), "", format);
  }
});

test("where a batch is cut does not show", () => {
  for (const format of ["aligned", "csv", "json", "ndjson", "unaligned"] as const) {
    const layout = createLayout({ ...DEFAULT_DISPLAY, format }, PIPE);
    const head = layout.begin(PEOPLE.columns);
    const body = PEOPLE.rows.map((row) => layout.rows([row])).join("");
    assert.equal(head + body + [...layout.end()].join(""), layoutOf({ ...PEOPLE, display: { format } }), format);
  }
});

suite("a table of more rows than are held back", () => {
  const BATCH = 1000;
  const COUNT = HELD_ROWS + 5 * BATCH;
  const valueOf = (at: number): string => (at === COUNT - 1 ? "日本語日本語" : at % 7 === 0 ? 'é"\n2' : `v${at}`);

  function lay(display: Partial<Display>): {
    readonly early: string;
    readonly text: string;
    readonly heldMost: number;
  } {
    const layout = createLayout({ ...DEFAULT_DISPLAY, ...display }, PIPE);
    let [text, linesOut, heldMost] = [layout.begin([{ name: "a", kind: "text" }]), 0, 0];
    for (let from = 0; from < COUNT; from += BATCH) {
      const piece = layout.rows(Array.from({ length: BATCH }, (_, at) => [valueOf(from + at)]));
      text += piece;
      linesOut += piece.split("\n").length;
      heldMost = Math.max(heldMost, from + BATCH - linesOut);
    }
    const early = text;
    return { early, text: early + [...layout.end()].join(""), heldMost };
  }

  test("is drawn while it comes, whole and in order", () => {
    const { early, text, heldMost } = lay({});
    assert.ok(heldMost <= HELD_ROWS && early.length > 0);
    const expected = Array.from({ length: COUNT }, (_, at) => valueOf(at).split("\n")).flat();
    const lines = text.split("\n").slice(2, 2 + expected.length);
    assert.deepEqual(
      lines.map((line) => line.replace(/ *\+$/, "").trim()),
      expected,
    );
    assert.match(text, new RegExp(`\\n\\(${COUNT} rows\\)\\n\\n$`));
  });

  test("is as wide as everything that has come", () => {
    const [, rule = ""] = lay({ border: 2 }).text.split("\n");
    assert.equal(rule.length, `| v${HELD_ROWS} |`.length);
    const last = lay({ border: 2 }).text.trimEnd().split("\n").at(-2);
    assert.equal(last, `+-${"-".repeat(12)}-+`);
  });

  test("counts its records where it is expanded", () => {
    const numbers = [...lay({ expanded: "on" }).text.matchAll(/RECORD (\d+) /g)].map(([, number]) => Number(number));
    assert.deepEqual(
      numbers,
      Array.from({ length: COUNT }, (_, at) => at + 1),
    );
  });
});

test("characters that turn the direction of what follows are shown by their number", () => {
  const one: Case = { display: {}, columns: [{ name: "v\u2066", kind: "text" }], rows: [["a\u202egpj.exe"]] };
  assert.match(layoutOf(one), /^ +v\\u2066 +\n-{16}\n a\\u202Egpj\.exe\n/);
  assert.match(layoutOf({ ...one, display: { format: "csv" } }), /\u202e/);
});
