// What is read after a change of a text, line by line from there on, is what is read of the new text alone.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { lexemes, splitScript, tokens } from "../../grammar/index.ts";
import { resume } from "../../grammar/resume.ts";
import { highlight } from "../../src/assist/highlight.ts";

const PIECES = [
  ..."\n|\r\n|  |\t|;|'|\"|$$|$a$|$1|$ab|(|)|--|/*|*/|.|,|=|::|:x|:'x'|:{?x}|é|中|\ufeff|\\|\\\\|\\;".split("|"),
  ..."\\g|\\gx|\\q|\\r|\\if 1|\\echo 'a' \\\\|\\copy t from stdin|\\copy t from 'f'|\\! x 'y|\\.".split("|"),
  ..."\n\\.\n|\n1,2\n|copy t from stdin|copy t (a) from stdin;|copy t from 'file'|select 1|select a from t|1e|-|+".split(
    "|",
  ),
  ..."unload ('|\\'|encryption_passphrase|encryption_passphrase = '|identified|by|encrypt value|as|explain".split("|"),
  ..."create function f()|begin atomic|begin|atomic|case|end|backup into|restore|with kms = (|E'|U&'|a_b$c".split("|"),
];
/** What the second line is depends on the first. */
const TWO_LINES = ["encryption_passphrase =\n'x'", "identified by\n'x'", "unload (\n'\\'' a b", "begin\natomic"];
const text = fc
  .array(fc.constantFrom(...PIECES, ...TWO_LINES, "\n", "'x'", " "), { maxLength: 40 })
  .map((pieces) => pieces.join(""));
/** A text, and where in it what is put for how much of it. */
const change = text.chain((before) =>
  fc.record({
    before: fc.constant(before),
    at: fc.nat(before.length),
    length: fc.oneof(fc.constant(0), fc.nat(8)),
    put: fc.oneof(fc.constant(""), fc.constantFrom(...PIECES)),
  }),
);

/** Read as if nothing had been read before. */
function afresh<T>(read: (text: string) => T, wanted: string): T {
  for (let at = 0; at < 6; at++) read(`${at}`);
  return read(wanted);
}

suite("a changed text is read as if it were new", () => {
  const readers = { lexemes, tokens: (source: string) => tokens(source), splitScript, highlight };
  for (const [name, read] of Object.entries(readers)) {
    test(`by ${name}`, () => {
      fc.assert(
        fc.property(change, ({ before, at, length, put }) => {
          const wanted = before.slice(0, at) + put + before.slice(at + length);
          const expected = afresh<unknown>(read, wanted);
          afresh<unknown>(read, before);
          assert.deepEqual(read(wanted), expected);
        }),
        { numRuns: 3000 },
      );
    });
  }

  test("and key by key", () => {
    fc.assert(
      fc.property(text, (whole) => {
        const expected = afresh<unknown>(splitScript, whole);
        for (let end = 0; end < whole.length; end++) splitScript(whole.slice(0, end));
        assert.deepEqual(splitScript(whole), expected);
      }),
      { numRuns: 300 },
    );
  });
});

test("what stands before the changed line is not read again", () => {
  const read: string[] = [];
  const lines = resume<string, undefined>((source, from, _state, found, note) => {
    for (let start = from; start < source.length;) {
      note(start, found.length, () => undefined);
      const end = source.indexOf("\n", start) + 1 || source.length;
      read.push(source.slice(start, end));
      found.push(source.slice(start, end));
      start = end;
    }
  });
  assert.deepEqual(lines("a\nb\nc"), ["a\n", "b\n", "c"]);
  assert.deepEqual(lines("a\nb\nc!"), ["a\n", "b\n", "c!"]);
  assert.deepEqual(lines("a\n?\nc!"), ["a\n", "?\n", "c!"]);
  assert.deepEqual(lines("a\n?"), ["a\n", "?"]);
  assert.deepEqual(read, ["a\n", "b\n", "c", "c!", "?\n", "c!", "?"]);
});
