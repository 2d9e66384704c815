// The quick way for rows as programs write them: every value in the form its column has in the database, or nearly so.
// A row is checked and written in one pass, without a place kept for its fields. Whatever is not plain, and whatever is
// wrong, is left to the reader that knows all cases: the row is then as if it had never been looked at.
import { isUtf8 } from "node:buffer";
import type { Conversion } from "../columns/converter.ts";
import type { RowWriter } from "../columns/row-writer.ts";
import { FieldEnds, type FieldSyntax } from "./field-ends.ts";
import { NUMBER, plainColumnsOf, TEXT, type PlainColumn } from "./plain-columns.ts";
import { copyNumber, copyRun, copyValue } from "./plain-values.ts";

const [TAB, LF, CR, SPACE] = [0x09, 0x0a, 0x0d, 0x20];
const [BACKSLASH, LETTER_N] = [0x5c, 0x4e];

/** The letter after the backslash that stands for a byte in COPY's text form, 0 for bytes that stand for themselves. */
const LETTERS = new Uint8Array(128);
for (const [byte, letter] of [
  [TAB, 0x74],
  [LF, 0x6e],
  [CR, 0x72],
  [BACKSLASH, BACKSLASH],
] as const) {
  LETTERS[byte] = letter;
}

/** Rows looked at before it is known whether most are plain. */
const TRIED_MIN = 64;

export class PlainRows {
  readonly #columns: readonly PlainColumn[];
  readonly #types: Uint8Array;
  readonly #maxima: Float64Array;
  readonly #fractions: Float64Array;
  readonly #writer: RowWriter;
  readonly #syntax: FieldSyntax;
  readonly #ends: FieldEnds;
  /** 1 for bytes that end the quick copying of a text. */
  readonly #stops = new Uint8Array(256);
  /** Bytes above ASCII were in the row. */
  #high = false;
  #lines = 1;
  /** Where the last step left off reading, and writing. */
  #at = 0;
  #to = 0;
  #plain = 0;
  #others = 0;

  private constructor(columns: readonly PlainColumn[], writer: RowWriter, marker: Uint8Array, syntax: FieldSyntax) {
    this.#columns = columns;
    this.#types = Uint8Array.from(columns, ({ type }) => type);
    this.#maxima = Float64Array.from(columns, ({ max }) => max);
    this.#fractions = Float64Array.from(columns, ({ fractionMax }) => fractionMax);
    this.#writer = writer;
    this.#syntax = syntax;
    this.#ends = new FieldEnds(syntax, marker);
    const { delimiter, quotes } = syntax;
    for (const byte of [TAB, LF, CR, BACKSLASH, 0, delimiter, ...quotes]) this.#stops[byte] = 1;
    this.#stops.fill(1, 0x80);
  }

  /** `undefined` when the columns or the clauses leave no row plain. */
  static of(writer: RowWriter, conversion: Conversion, syntax: FieldSyntax): PlainRows | undefined {
    const columns = plainColumnsOf(writer, conversion);
    if (columns === undefined || syntax.delimiter === BACKSLASH) return undefined;
    return new PlainRows(columns, writer, Buffer.from(conversion.nullText), syntax);
  }

  /** Lines that the row just written takes. */
  get lines(): number {
    return this.#lines;
  }

  /**
   * Writes the row that begins at `start`.
   * @returns where the next one begins; -1 when the row is not plain, or does not end before `end`
   */
  row(bytes: Uint8Array, start: number, end: number, line: number): number {
    if (this.#others > TRIED_MIN && this.#others > this.#plain) return -1;
    const output = this.#writer.beginPlain(2 * (end - start) + 3 * this.#columns.length);
    this.#high = false;
    this.#lines = 1;
    const next = this.#row(bytes, start, output.bytes, output.length);
    if (next < 0 || next > end || (this.#high && !isUtf8(bytes.subarray(start, next)))) {
      this.#others += 1;
      return -1;
    }
    this.#plain += 1;
    output.length = this.#to;
    this.#writer.endPlain(line);
    return next;
  }

  #row(bytes: Uint8Array, start: number, target: Uint8Array, from: number): number {
    const { delimiter } = this.#syntax;
    const types = this.#types;
    const { openings } = this.#ends;
    const stops = this.#stops;
    const last = types.length - 1;
    let at = start;
    let to = from;
    // A line without anything in it is more than one thing.
    if (bytes[start] === LF) return -1;
    for (let column = 0; column <= last; column += 1) {
      const max = this.#maxima[column] ?? 0;
      let end = -1;
      if (openings[bytes[at] ?? 0] === 0) {
        // What nearly every field is comes first.
        if (types[column] === NUMBER) end = copyNumber(bytes, at, target, to, max, this.#fractions[column] ?? 0);
        else if (types[column] === TEXT) end = copyRun(bytes, at, target, to, max, stops);
      }
      if (end > at && (bytes[end] === delimiter || bytes[end] === LF)) {
        to += end - at;
        at = end;
      } else {
        if (!this.#field(bytes, at, target, to, column)) return -1;
        at = this.#at;
        to = this.#to;
      }
      if (bytes[at] !== (column === last ? LF : delimiter)) return -1;
      target[to] = column === last ? LF : TAB;
      to += 1;
      at += 1;
    }
    this.#to = to;
    return at;
  }

  /** Writes any field; leaves `#at` at its delimiter and `#to` behind what it wrote. */
  #field(bytes: Uint8Array, start: number, target: Uint8Array, from: number, index: number): boolean {
    const column = this.#columns[index];
    if (column === undefined) return false;
    const first = bytes[start] ?? 0;
    const quote = this.#ends.quotes[first] === 1 ? first : 0;
    if (quote === 0 && this.#syntax.doublesQuotes && (first === SPACE || first === TAB)) return false;
    const begin = quote === 0 ? start : start + 1;
    const nullEnd = this.#ends.nullEnd(bytes, begin, quote, column.emptyIsNull);
    if (nullEnd >= 0) return !column.notNull && this.#null(bytes, nullEnd, target, from, quote);
    if (column.type === TEXT) {
      if (!this.#text(bytes, begin, target, from, column.max, quote)) return false;
      if (this.#at > begin && this.#mayBeMarker(bytes, begin, this.#to - from, quote)) return false;
    } else {
      const end = copyValue(bytes, begin, target, from, column);
      if (end <= begin) return false;
      this.#at = end;
      this.#to = from + end - begin;
    }
    return this.#close(bytes, quote);
  }

  /** An escaped value can come to look like the text of NULL. */
  #mayBeMarker(bytes: Uint8Array, begin: number, written: number, quote: number): boolean {
    const { length } = this.#ends.marker;
    if (written > 2 * length || this.#at - begin <= length) return false;
    const value = bytes.subarray(begin, this.#at);
    return value.includes(BACKSLASH) || (quote !== 0 && value.includes(quote));
  }

  #close(bytes: Uint8Array, quote: number): boolean {
    if (quote === 0) return true;
    if (bytes[this.#at] !== quote) return false;
    this.#at += 1;
    return true;
  }

  #null(bytes: Uint8Array, end: number, target: Uint8Array, to: number, quote: number): boolean {
    target[to] = BACKSLASH;
    target[to + 1] = LETTER_N;
    this.#at = end;
    this.#to = to + 2;
    return this.#close(bytes, quote);
  }

  #text(bytes: Uint8Array, start: number, target: Uint8Array, from: number, max: number, quote: number): boolean {
    const { delimiter, doublesQuotes, escapes } = this.#syntax;
    const stops = this.#stops;
    let at = start;
    let to = from;
    for (;;) {
      let byte = bytes[at] ?? 0;
      while (stops[byte] === 0) {
        target[to] = byte;
        to += 1;
        at += 1;
        byte = bytes[at] ?? 0;
      }
      if (byte === 0) return false;
      if (byte >= 0x80) this.#high = true;
      else if (byte === BACKSLASH && escapes) {
        at += 1;
        byte = bytes[at] ?? 0;
        if (byte === 0) return false;
        if (byte >= 0x80) this.#high = true;
        if (byte === LF) this.#lines += 1;
      } else if (byte === quote && quote !== 0) {
        if (doublesQuotes && bytes[at + 1] === quote) at += 1;
        else if (doublesQuotes || this.#ends.isEnd(bytes, at, quote)) break;
      } else if (quote === 0 && (byte === delimiter || byte === LF)) break;
      else if (byte === LF && doublesQuotes) this.#lines += 1;
      else if (byte === LF || (byte === CR && (quote === 0 || !doublesQuotes))) return false;
      const letter = LETTERS[byte] ?? 0;
      if (letter !== 0) target[to++] = BACKSLASH;
      target[to++] = letter === 0 ? byte : letter;
      at += 1;
    }
    // An unescaped value is never longer than it stands.
    if (at - start > max) return false;
    this.#at = at;
    this.#to = to;
    return true;
  }
}
