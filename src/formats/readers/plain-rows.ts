// The quick way for rows as programs write them: every value in the form its column has in the database, or nearly so.
// A row is checked and written in one pass, without a place kept for its fields. Whatever is not plain, and whatever is
// wrong, is left to the reader that knows all cases: the row is then as if it had never been looked at.
import { isUtf8 } from "node:buffer";
import type { Conversion } from "../columns/converter.ts";
import type { RowWriter } from "../columns/row-writer.ts";
import { NUMBER, plainColumnsOf, TEXT, type PlainColumn } from "./plain-columns.ts";
import { copyNumber, copyRun, copyValue } from "./plain-values.ts";

/** How fields are parted and enclosed. */
export interface FieldSyntax {
  readonly delimiter: number;
  /** What may open and close a field. */
  readonly quotes: readonly number[];
  /** A quote within quotes is doubled, and ends of lines may stand there. */
  readonly doublesQuotes: boolean;
  /** The byte after a backslash is itself. */
  readonly escapes: boolean;
}

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
  readonly #marker: Uint8Array;
  /** 1 for bytes that end the quick copying of a text. */
  readonly #stops = new Uint8Array(256);
  /** 1 for bytes that a field which may be NULL, or is in quotes, begins with. */
  readonly #openings = new Uint8Array(256);
  readonly #quotes = new Uint8Array(256);
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
    this.#marker = marker;
    const { delimiter, quotes, doublesQuotes } = syntax;
    for (const byte of [TAB, LF, CR, BACKSLASH, 0, delimiter, ...quotes]) this.#stops[byte] = 1;
    this.#stops.fill(1, 0x80);
    for (const quote of quotes) this.#quotes[quote] = 1;
    for (const byte of [LF, delimiter, ...quotes, ...marker.subarray(0, 1)]) this.#openings[byte] = 1;
    // Blanks before a quote do not count in CSV.
    if (doublesQuotes) for (const byte of [SPACE, TAB]) this.#openings[byte] = 1;
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
    const [types, openings, stops] = [this.#types, this.#openings, this.#stops];
    const last = types.length - 1;
    let [at, to] = [start, from];
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
        [at, to] = [this.#at, this.#to];
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
    const quote = this.#quotes[first] === 1 ? first : 0;
    if (quote === 0 && this.#syntax.doublesQuotes && (first === SPACE || first === TAB)) return false;
    const begin = quote === 0 ? start : start + 1;
    if (this.#isNull(bytes, begin, quote, column))
      return !column.notNull && this.#null(bytes, begin, target, from, quote);
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
    const { length } = this.#marker;
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

  /** Whether the field is the text of NULL, or empty where that is NULL. */
  #isNull(bytes: Uint8Array, at: number, quote: number, { emptyIsNull }: PlainColumn): boolean {
    const marker = this.#marker;
    if (emptyIsNull && this.#isEnd(bytes, at, quote)) return true;
    if (marker.length > 0 && bytes[at] !== marker[0]) return false;
    for (let index = 1; index < marker.length; index += 1) if (bytes[at + index] !== marker[index]) return false;
    return this.#isEnd(bytes, at + marker.length, quote);
  }

  #isEnd(bytes: Uint8Array, at: number, quote: number): boolean {
    const behind = quote === 0 ? bytes[at] : bytes[at + 1];
    if (quote !== 0 && bytes[at] !== quote) return false;
    return behind === this.#syntax.delimiter || behind === LF;
  }

  #null(bytes: Uint8Array, begin: number, target: Uint8Array, to: number, quote: number): boolean {
    let at = begin;
    while (!this.#isEnd(bytes, at, quote)) at += 1;
    target[to] = BACKSLASH;
    target[to + 1] = LETTER_N;
    this.#at = at;
    this.#to = to + 2;
    return this.#close(bytes, quote);
  }

  #text(bytes: Uint8Array, start: number, target: Uint8Array, from: number, max: number, quote: number): boolean {
    const { delimiter, doublesQuotes, escapes } = this.#syntax;
    const stops = this.#stops;
    let [at, to] = [start, from];
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
        else if (doublesQuotes || this.#isEnd(bytes, at, quote)) break;
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
