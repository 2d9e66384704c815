// The quick way through rows and the one that knows all cases must never differ. Rows that are not plain turn the quick way
// off when they are many and more than half: blank lines before a text make the reader of all cases read it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { column, CONVERSION, field, KINDS, readLines, SYNTAXES } from "../harness/row-cases.ts";

const BLANK_LINES = 200;

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
        const known = readLines(Buffer.from("\n".repeat(BLANK_LINES) + text), 5, recipe, BLANK_LINES);
        assert.deepEqual(readLines(Buffer.from(text), pieceBytes, recipe), known);
      }),
      { numRuns: 3000 },
    );
  });
});
