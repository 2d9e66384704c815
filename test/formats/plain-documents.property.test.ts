// The quick way through JSON and the one that knows all cases must never differ. Documents that are not plain turn the
// quick way off for some time: enough of them before a text make the reader of all cases read it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { PlainDocuments } from "../../src/formats/readers/plain-document.ts";
import { RowGathering } from "../../src/loads/convert.ts";
import { column, CONVERSION, field, KINDS, readLines } from "../harness/row-cases.ts";

const NEVER_PLAIN = '{"c0":1,"c0":1}\n';
const REFUSED = 8;

const BLANKS = ["", "", "", " ", "\n", "\r\n", "\t ", " \n\n"];
const blank = fc.constantFrom(...BLANKS);
const NAMES = ["c0", "c1", "c2", "C0", "c\\u0030", "x", "ñ", "", "C\u00df", "__proto__"];
const name = fc.oneof(fc.constantFrom("c0", "c1", "c2"), fc.constantFrom(...NAMES));

const LITERALS = `null true false nul truee 0 -0 01 -1 1.50 1. .5 1e3 1E+3 1e 1e400 - -a 12345678901234567890.125 NaN
  "" " " "\\n" "a\\"b" "\\ud83d\\ude00" "\\ud83d" "\\x" "a\tb" "é" "{" "}" "[" "2026-01-31" {} [] [1,{"a":"}"}] {"b":[null,"\\""]}
  {"b":} [1,] [}`
  .split(/\s+/)
  .concat('"open', "[ 1,\n2 ]", '{ "a" :\n"\ud83d\ude00" }');
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...LITERALS) },
  { weight: 2, arbitrary: field.map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: field.map((text) => `"${text}"`) },
);
const member = fc
  .tuple(blank, name, blank, blank, value, blank)
  .map(([a, called, b, c, given, d]) => `${a}"${called}"${b}:${c}${given}${d}`);
const ordinary = fc
  .tuple(value, value, value)
  .map((values) => `{${values.map((given, at) => `"c${at}":${given}`).join(",")}}`);
const document = fc.oneof(
  ordinary,
  fc.tuple(blank, fc.array(member, { maxLength: 4 })).map(([space, members]) => `{${space}${members.join(",")}}`),
  fc.constantFrom("[1]", "{", "}", "{,}", '{"c0":1,}', '{"c0"}', '{"c0":1 "c1":2}', "word", '{"c0":1}}', "{}{}"),
);
/** A byte that is no UTF-8 stands for each `\x01`. */
const withInvalid = (text: string): Uint8Array => Buffer.from(text).map((byte) => (byte === 1 ? 0xff : byte));

describe("plain documents", () => {
  it("are read as the reader of all cases reads them", () => {
    const cases = fc.record({
      kinds: fc.tuple(fc.constantFrom(...KINDS), fc.constantFrom(...KINDS), fc.constantFrom(...KINDS)),
      ignoreCase: fc.boolean(),
      changes: fc.record(
        {
          emptyAsNull: fc.boolean(),
          blanksAsNull: fc.boolean(),
          truncateColumns: fc.boolean(),
          invalidCharacter: fc.constantFrom("?", undefined),
        },
        { requiredKeys: [] },
      ),
      documents: fc.array(fc.tuple(document, fc.constantFrom("\n", "\n", "", " ", "\u0001")), {
        minLength: 1,
        maxLength: 8,
      }),
      pieceBytes: fc.constantFrom(3, 11, 1000),
    });
    fc.assert(
      fc.property(cases, ({ kinds, ignoreCase, changes, documents, pieceBytes }) => {
        const recipe = {
          columns: kinds.map(column),
          conversion: { ...CONVERSION, ...changes },
          format: { type: "json" },
          mapping: { type: "names", ignoreCase },
        } as const;
        const text = documents.map(([one, end]) => one + end).join("");
        const known = readLines(withInvalid(NEVER_PLAIN.repeat(REFUSED) + text), 1000, recipe, REFUSED);
        assert.deepEqual(readLines(withInvalid(text), pieceBytes, recipe), known);
      }),
      { numRuns: 4000 },
    );
  });

  it("are what UNLOAD writes, whatever the values", () => {
    const { writer } = new RowGathering({ columns: KINDS.slice(0, 3).map(column), conversion: CONVERSION }, 0);
    const documents = new PlainDocuments(writer, (called) => ["c0", "c1", "c2"].indexOf(called));
    for (const text of [
      '{"c0":1,"c1":null,"c2":"1.5"}',
      '{"c0":true,"c1":"a\\n\\"b\\"","c2":{"nested":[1,{"a":"}"}]}}',
      '{ "x" : -1.5e10 ,\n "c2" : "ñ" }',
      "{}",
    ]) {
      const bytes = Buffer.from(`${text}\n{`);
      assert.equal(documents.read(bytes, 0, bytes.length), bytes.length - 2, text);
    }
  });
});
