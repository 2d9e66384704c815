// Columns, syntaxes and rows for the properties of the quick ways through text files: values of all kinds, and what could
// be taken for something else.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ColumnKind, LoadColumn } from "../../src/formats/columns/column.ts";
import { RowGathering, createReader, type LoadRecipe, type RowsRead } from "../../src/loads/convert.ts";

export const KINDS: readonly ColumnKind[] = [
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

export const SYNTAXES: readonly LoadRecipe["format"][] = [
  { type: "csv", delimiter: 0x2c, quote: '"' },
  { type: "csv", delimiter: 0x09, quote: "'" },
  { type: "text", delimiter: 0x7c, escape: false, removeQuotes: false },
  { type: "text", delimiter: 0x7c, escape: true, removeQuotes: false },
  { type: "text", delimiter: 0x2c, escape: true, removeQuotes: true },
  { type: "text", delimiter: 0x7c, escape: false, removeQuotes: true },
];

export const CONVERSION: LoadRecipe["conversion"] = {
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
export const field = fc.array(piece, { minLength: 0, maxLength: 2 }).map((pieces) => pieces.join(""));

export function column(kind: ColumnKind, at: number): LoadColumn {
  return { name: `c${at}`, kind, typeName: kind.type, notNull: at === 3 };
}

export interface RowCase {
  readonly columns: readonly LoadColumn[];
  readonly conversion: LoadRecipe["conversion"];
  readonly format: LoadRecipe["format"];
  /** Of JSON: where the parts of documents go. */
  readonly mapping?: LoadRecipe["mapping"];
}

/** Rows and refusals that a text is read as, each with its line; without those of the lines before `skipped`. */
export function readLines(text: Uint8Array, pieceBytes: number, recipe: RowCase, skipped = 0): readonly string[] {
  const { blocks, refused } = readPieces(text, pieceBytes, recipe, "text");
  const told = blocks.flatMap((block) => {
    assert(block.form === "text");
    const { bytes, lines } = block;
    const rows = Buffer.from(bytes).toString("latin1").slice(0, -1).split("\n");
    return rows.map((row, at) => ({ line: lines[at] ?? 0, text: row }));
  });
  for (const { line, problem, column: bad, rawLine, rawValue } of refused) {
    const value = Buffer.from(rawValue ?? []).toString("latin1");
    const raw = Buffer.from(rawLine).toString("latin1");
    told.push({ line, text: `${problem.code} ${problem.reason} ${bad?.name} ${value} ${raw}` });
  }
  return told.filter(({ line }) => line > skipped).map(({ line, text: row }) => `${line - skipped}: ${row}`);
}

/** What a text is read as, in pieces. */
export function readPieces(
  text: Uint8Array,
  pieceBytes: number,
  recipe: RowCase,
  rowFormat: LoadRecipe["rowFormat"],
): RowsRead {
  const gathering = new RowGathering(recipe, 0);
  const reader = createReader("f", { mapping: { type: "whole" }, ...recipe, rowFormat }, gathering);
  for (let at = 0; at < text.length; at += pieceBytes) reader.push(text.slice(at, at + pieceBytes));
  reader.end();
  return gathering.take(true);
}
