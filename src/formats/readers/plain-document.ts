// JSON objects read byte by byte, where each member's value goes into a column as it stands. What is out of the ordinary
// is left to `DocumentRows`, which knows all cases; the two must never differ.
import { isUtf8 } from "node:buffer";
import type { RecordPlace, RowWriter } from "../columns/row-writer.ts";
import { endOfBrackets, endOfNumber, endOfString, endOfWord, isPlainString, parsed } from "./json-bytes.ts";

const [TAB, LF, CR, SPACE, QUOTE, COMMA, COLON] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x3a];
const [OPEN_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x7b, 0x7d];
const NULL = Buffer.from("null");
const WORDS = [NULL, Buffer.from("true"), Buffer.from("false")];

/** What stands in the document for a column. */
const ABSENT = 0;
const NULL_WORD = 1;
const AS_IT_STANDS = 2;
/** Between two quotes, without an escape. */
const QUOTED = 3;
/** A string with escapes. */
const ESCAPED = 4;

/** Documents of a file have the same members in the same order, mostly: no name has to be looked up. */
interface Member {
  readonly name: Uint8Array;
  /** -1 for one that no column takes. */
  readonly column: number;
}

export class PlainDocuments {
  readonly #writer: RowWriter;
  readonly #columnOf: (name: string) => number;
  readonly #isJson: readonly boolean[];
  readonly #kinds: Uint8Array;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  readonly #members: Member[] = [];
  #member = 0;
  /** What strings with escapes stand for. */
  readonly #texts: string[] = [];
  /** Of the value that was read last. */
  #kind = ABSENT;
  #text = "";
  /** Line feeds in the document that was read last. */
  lines = 0;

  /** @param columnOf the column that takes a member, by its name; -1 for none */
  constructor(writer: RowWriter, columnOf: (name: string) => number) {
    this.#writer = writer;
    this.#columnOf = columnOf;
    const { columns } = writer;
    this.#isJson = columns.map(({ kind }) => kind.type === "json");
    this.#kinds = new Uint8Array(columns.length);
    this.#starts = new Uint32Array(columns.length);
    this.#ends = new Uint32Array(columns.length);
  }

  /**
   * Reads an object of whole UTF-8, each column's member at most once.
   * @param start where its `{` stands
   * @returns behind its `}`; -1 when it does not end before `end`, or is to be read by whoever knows all cases
   */
  read(bytes: Uint8Array, start: number, end: number): number {
    this.#kinds.fill(ABSENT);
    this.#member = 0;
    this.lines = 0;
    let at = this.#space(bytes, start + 1, end);
    if (bytes[at] !== CLOSE_OBJECT) {
      for (; ; at = this.#space(bytes, at + 1, end)) {
        at = this.#readMember(bytes, at, end);
        if (at < 0) return -1;
        if (bytes[at] === CLOSE_OBJECT) break;
        if (bytes[at] !== COMMA) return -1;
      }
    }
    if (at >= end) return -1;
    return isUtf8(bytes.subarray(start, at + 1)) ? at + 1 : -1;
  }

  /** The row of the document that was read last. */
  write(record: RecordPlace): void {
    const writer = this.#writer;
    const { bytes } = record;
    writer.begin(record);
    for (let column = 0; column < this.#kinds.length; column++) {
      if (!this.#writeValue(bytes, column)) return;
    }
    writer.end();
  }

  #writeValue(bytes: Uint8Array, column: number): boolean {
    const writer = this.#writer;
    const [start, end, kind] = [this.#starts[column] ?? 0, this.#ends[column] ?? 0, this.#kinds[column] ?? ABSENT];
    if (kind === ABSENT || kind === NULL_WORD) return writer.null();
    if (kind === AS_IT_STANDS) return writer.value(bytes, start, end);
    if (kind === QUOTED) return writer.value(bytes, start + 1, end - 1);
    const value = Buffer.from(this.#texts[column] ?? "");
    return writer.value(value, 0, value.length);
  }

  /** From a member's name to what stands behind its value and the blanks there; -1 when it is not plain. */
  #readMember(bytes: Uint8Array, from: number, end: number): number {
    const nameEnd = bytes[from] === QUOTE ? endOfString(bytes, from, end) : -1;
    if (nameEnd < 0 || !isPlainString(bytes, from, nameEnd)) return -1;
    const column = this.#columnFor(bytes, from + 1, nameEnd - 1);
    const colon = this.#space(bytes, nameEnd, end);
    if (bytes[colon] !== COLON) return -1;
    const start = this.#space(bytes, colon + 1, end);
    const stop = this.#readValue(bytes, start, end);
    if (stop < 0) return -1;
    if (column >= 0) {
      if (this.#kinds[column] !== ABSENT) return -1;
      this.#starts[column] = start;
      this.#ends[column] = stop;
      if (this.#kind === ESCAPED) this.#texts[column] = this.#text;
      const isWritten = this.#kind !== NULL_WORD && this.#isJson[column] === true;
      this.#kinds[column] = isWritten ? AS_IT_STANDS : this.#kind;
    }
    return this.#space(bytes, stop, end);
  }

  /** Behind a value, of which the kind is noted; -1 when it is none, or does not end before `end`. */
  #readValue(bytes: Uint8Array, start: number, end: number): number {
    this.#kind = AS_IT_STANDS;
    const first = bytes[start];
    if (first === QUOTE) return this.#readString(bytes, start, end);
    if (first === OPEN_LIST || first === OPEN_OBJECT) return this.#readNested(bytes, start, end);
    for (const word of WORDS) {
      if (first !== word[0]) continue;
      if (word === NULL) this.#kind = NULL_WORD;
      return endOfWord(bytes, start, end, word);
    }
    return endOfNumber(bytes, start, end);
  }

  #readString(bytes: Uint8Array, start: number, end: number): number {
    const stop = endOfString(bytes, start, end);
    if (stop < 0) return -1;
    this.#kind = isPlainString(bytes, start, stop) ? QUOTED : ESCAPED;
    if (this.#kind === QUOTED) return stop;
    const value = parsed(bytes, start, stop);
    if (typeof value !== "string" || !value.isWellFormed()) return -1;
    this.#text = value;
    return stop;
  }

  #readNested(bytes: Uint8Array, start: number, end: number): number {
    const stop = endOfBrackets(bytes, start, end);
    if (stop < 0 || parsed(bytes, start, stop) === undefined) return -1;
    // In the strings of what is JSON there are none.
    for (let at = start; at < stop; at++) if (bytes[at] === LF) this.lines += 1;
    return stop;
  }

  #columnFor(bytes: Uint8Array, start: number, end: number): number {
    const at = this.#member++;
    const expected = this.#members[at];
    if (expected !== undefined && isSame(bytes, start, end, expected.name)) return expected.column;
    const name = bytes.slice(start, end);
    const column = this.#columnOf(Buffer.from(name).toString());
    if (at < MEMBERS_MAX) this.#members[at] = { name, column };
    return column;
  }

  /** Behind JSON's blanks (RFC 8259, 2). */
  #space(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    for (; at < end; at++) {
      const byte = bytes[at];
      if (byte === LF) this.lines += 1;
      else if (byte !== SPACE && byte !== TAB && byte !== CR) break;
    }
    return at;
  }
}

/** No table has more columns than 1,600. */
const MEMBERS_MAX = 1600;

function isSame(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  if (end - start !== name.length) return false;
  for (let at = 0; at < name.length; at++) if (bytes[start + at] !== name[at]) return false;
  return true;
}
