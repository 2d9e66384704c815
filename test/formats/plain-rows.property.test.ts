// The quick way through rows and the one that knows all cases must never differ. Rows that are not plain turn the quick way
// off when they are many and more than half: blank lines before a text make the reader of all cases read it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { ColumnKind, LoadColumn } from "../../src/formats/columns/column.ts";
import { RowGathering, createReader, type LoadRecipe } from "../../src/loads/convert.ts";

const KINDS: readonly ColumnKind[] = [
  { type: "integer", bytes: 2 },
  { type: "integer", bytes: 8 },
  { type: "numeric", precision: 6, scale: 2 },
  { type: "numeric" },
  { type: "float" },
  { type: "boolean" },
  { type: "date" },
  { type: "timestamp", zone: false },
  { type: "timestamp", zone: true },
  { type: "varchar", length: 5 },
  { type: "varchar" },
  { type: "char", length: 4 },
  { type: "json" },
  { type: "other" },
];

const SYNTAXES: readonly LoadRecipe["format"][] = [
  { type: "csv", delimiter: 0x2c, quote: '"' },
  { type: "csv", delimiter: 0x09, quote: "'" },
  { type: "text", delimiter: 0x7c, escape: false, removeQuotes: false },
  { type: "text", delimiter: 0x7c, escape: true, removeQuotes: false },
  { type: "text", delimiter: 0x2c, escape: true, removeQuotes: true },
  { type: "text", delimiter: 0x7c, escape: false, removeQuotes: true },
];

const CONVERSION: LoadRecipe["conversion"] = {
  acceptAnyDate: false,
  invalidCharacter: undefined,
  blanksAsNull: false,
  emptyAsNull: false,
  dateFormat: "YYYY-MM-DD",
  timeFormat: "YYYY-MM-DD HH:MI:SS",
  encoding: "UTF8",
  explicitIds: false,
  fillRecord: false,
  ignoreBlankLines: false,
  headerLines: 0,
  nullText: "\\N",
  roundDecimals: false,
  trimBlanks: false,
  truncateColumns: false,
};

const PLAIN = ["1", "-12", "1234.5", "12345.678", "99999", "t", "false", "2026-01-31", "2026-02-30", "abc", "añb"];
const TIMES = ["2026-01-31 23:59:59", "2026-01-31 23:59:59.123456", "2026-01-31 23:59:59+00", "2026-01-31 24:00:00"];
const ODD = [
  "",
  " ",
  "\\N",
  "\\\\N",
  '"',
  "'",
  '""',
  "''",
  "\\",
  "\\|",
  "\\,",
  "a\\\nb",
  "\n",
  "\r\n",
  "\r",
  "|",
  ",",
  "\t",
];
const MORE = [
  "@",
  "@@",
  "\0",
  "+1",
  ".5",
  "5.",
  "1e3",
  "Infinity",
  " x",
  "x ",
  '"q"',
  "'q'",
  '"a,b"',
  '"a\nb"',
  "\u{1f600}",
];

const piece = fc.oneof(fc.constantFrom(...PLAIN, ...TIMES), fc.constantFrom(...ODD, ...MORE));
const field = fc.array(piece, { minLength: 0, maxLength: 2 }).map((pieces) => pieces.join(""));

function column(kind: ColumnKind, at: number): LoadColumn {
  return { name: `c${at}`, kind, typeName: kind.type, notNull: at === 3 };
}

interface Case {
  readonly columns: readonly LoadColumn[];
  readonly conversion: LoadRecipe["conversion"];
  readonly format: LoadRecipe["format"];
}

const BLANK_LINES = 200;

/** Rows and refusals of a text, read in pieces, without those of the lines that are skipped. */
function read(text: Uint8Array, pieceBytes: number, recipe: Case, skipped = 0): readonly string[] {
  const gathering = new RowGathering(recipe, 0);
  const reader = createReader("f", { ...recipe, mapping: { type: "whole" }, rowFormat: "text" }, gathering);
  for (let at = 0; at < text.length; at += pieceBytes) reader.push(text.slice(at, at + pieceBytes));
  reader.end();
  const { blocks, refused } = gathering.take(true);
  const told = blocks.flatMap((block) => {
    assert(block.form === "text");
    const { bytes, lines } = block;
    const rows = Buffer.from(bytes).toString("latin1").slice(0, -1).split("\n");
    return rows.map((row, at) => ({ line: lines[at] ?? 0, text: row }));
  });
  for (const { line, problem, column: bad, rawValue } of refused) {
    const value = Buffer.from(rawValue ?? []).toString("latin1");
    told.push({ line, text: `${problem.code} ${problem.reason} ${bad?.name} ${value}` });
  }
  return told.filter(({ line }) => line > skipped).map(({ line, text: row }) => `${line - skipped}: ${row}`);
}

describe("plain rows", () => {
  it("are read as the reader of all cases reads them", () => {
    const rowOf = (width: number): fc.Arbitrary<readonly string[]> =>
      fc.array(field, { minLength: width, maxLength: width });
    const cases = fc
      .record({
        kinds: fc.array(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 4 }),
        format: fc.constantFrom(...SYNTAXES),
        changes: fc.record(
          {
            emptyAsNull: fc.boolean(),
            roundDecimals: fc.boolean(),
            nullText: fc.constantFrom("\\N", "", "@", "@@"),
            fillRecord: fc.boolean(),
            ignoreBlankLines: fc.boolean(),
          },
          { requiredKeys: [] },
        ),
        pieceBytes: fc.constantFrom(3, 11, 1000),
      })
      .chain((made) =>
        fc.record({
          made: fc.constant(made),
          rows: fc.array(rowOf(made.kinds.length), { minLength: 1, maxLength: 6 }),
        }),
      );
    fc.assert(
      fc.property(cases, ({ made, rows }) => {
        const { kinds, format, changes, pieceBytes } = made;
        const delimiter = "delimiter" in format ? String.fromCharCode(format.delimiter) : "";
        const conversion = { ...CONVERSION, ...changes };
        const recipe = { columns: kinds.map(column), conversion, format };
        const text = rows.map((row) => `${row.join(delimiter)}\n`).join("");
        const known = read(Buffer.from("\n".repeat(BLANK_LINES) + text), 5, recipe, BLANK_LINES);
        assert.deepEqual(read(Buffer.from(text), pieceBytes, recipe), known);
      }),
      { numRuns: 3000 },
    );
  });
});
