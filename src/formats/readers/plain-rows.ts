// The quick way for rows as programs write them: every value in the form its column has in the database, or nearly so.
// A row is checked and written in one pass, without a place kept for its fields. Whatever is not plain, and whatever is
// wrong, is left to the reader that knows all cases: the row is then as if it had never been looked at.
import { isUtf8 } from "node:buffer";
import type { Conversion } from "../columns/converter.ts";
import { isPlainDate, isPlainTimestamp } from "../columns/dates.ts";
import type { Output } from "../columns/output.ts";
import type { RowWriter } from "../columns/row-writer.ts";
import { BOOLEAN, DATE, NUMBER, plainColumnsOf, TEXT, TIMESTAMP, type PlainColumn } from "./plain-columns.ts";

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

const [TAB, LF, CR, SPACE, DOT, MINUS, PLUS, ZERO, NINE] = [0x09, 0x0a, 0x0d, 0x20, 0x2e, 0x2d, 0x2b, 0x30, 0x39];
const [BACKSLASH, LETTER_F, LETTER_N, LETTER_T] = [0x5c, 0x66, 0x4e, 0x74];

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
  readonly #writer: RowWriter;
  readonly #syntax: FieldSyntax;
  readonly #marker: Uint8Array;
  readonly #stops = new Uint8Array(256);
  readonly #quotes = new Uint8Array(256);
  /** Bytes above ASCII were in the row. */
  #high = false;
  #lines = 1;
  #at = 0;
  #plain = 0;
  #others = 0;

  private constructor(columns: readonly PlainColumn[], writer: RowWriter, marker: Uint8Array, syntax: FieldSyntax) {
    this.#columns = columns;
    this.#writer = writer;
    this.#syntax = syntax;
    this.#marker = marker;
    for (const byte of [TAB, LF, CR, BACKSLASH, 0, syntax.delimiter, ...syntax.quotes]) this.#stops[byte] = 1;
    this.#stops.fill(1, 0x80);
    for (const quote of syntax.quotes) this.#quotes[quote] = 1;
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
    const before = output.length;
    const next = this.#row(bytes, start, output);
    if (next < 0 || next > end || (this.#high && !isUtf8(bytes.subarray(start, next)))) {
      output.length = before;
      this.#others += 1;
      return -1;
    }
    this.#plain += 1;
    this.#writer.endPlain(line);
    return next;
  }

  #row(bytes: Uint8Array, start: number, output: Output): number {
    const { delimiter } = this.#syntax;
    const last = this.#columns.length - 1;
    this.#high = false;
    this.#lines = 1;
    // A line without anything in it is more than one thing.
    if (bytes[start] === LF) return -1;
    this.#at = start;
    for (let column = 0; column <= last; column += 1) {
      const plain = this.#columns[column];
      if (plain === undefined || !this.#field(bytes, plain, output)) return -1;
      if (bytes[this.#at] !== (column === last ? LF : delimiter)) return -1;
      this.#at += 1;
      output.bytes[output.length] = column === last ? LF : TAB;
      output.length += 1;
    }
    return this.#at;
  }

  /** Writes the field at `#at` and leaves that at its delimiter. */
  #field(bytes: Uint8Array, column: PlainColumn, output: Output): boolean {
    const first = bytes[this.#at] ?? 0;
    const quote = this.#quotes[first] === 1 ? first : 0;
    if (quote !== 0) this.#at += 1;
    // Blanks before a quote do not count in CSV.
    else if (this.#syntax.doublesQuotes && (first === SPACE || first === TAB)) return false;
    const begin = this.#at;
    if (this.#isNull(bytes, begin, quote, column)) return !column.notNull && this.#null(bytes, quote, output);
    const from = output.length;
    if (!this.#value(bytes, column, quote, output)) return false;
    if (this.#at === begin) return column.type === TEXT && this.#close(bytes, quote);
    // An escaped value can come to look like the text of NULL.
    const isShort = output.length - from <= 2 * this.#marker.length;
    if (isShort && column.type === TEXT && this.#at - begin > this.#marker.length) {
      if (bytes.subarray(begin, this.#at).includes(BACKSLASH)) return false;
      if (quote !== 0 && bytes.subarray(begin, this.#at).includes(quote)) return false;
    }
    return this.#close(bytes, quote);
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

  #null(bytes: Uint8Array, quote: number, output: Output): boolean {
    while (!this.#isEnd(bytes, this.#at, quote)) this.#at += 1;
    output.bytes[output.length] = BACKSLASH;
    output.bytes[output.length + 1] = LETTER_N;
    output.length += 2;
    return this.#close(bytes, quote);
  }

  #value(bytes: Uint8Array, column: PlainColumn, quote: number, output: Output): boolean {
    switch (column.type) {
      case NUMBER:
        return this.#number(bytes, column, output);
      case DATE:
        return isPlainDate(bytes, this.#at) && this.#copy(bytes, this.#at + 10, output);
      case TIMESTAMP:
        return this.#timestamp(bytes, column, output);
      case BOOLEAN: {
        const letter = bytes[this.#at];
        return (letter === LETTER_T || letter === LETTER_F) && this.#copy(bytes, this.#at + 1, output);
      }
      default:
        return this.#text(bytes, column, quote, output);
    }
  }

  #copy(bytes: Uint8Array, end: number, output: Output): boolean {
    const target = output.bytes;
    let to = output.length;
    for (let at = this.#at; at < end; at += 1) {
      target[to] = bytes[at] ?? 0;
      to += 1;
    }
    this.#at = end;
    output.length = to;
    return true;
  }

  #number(bytes: Uint8Array, { max, fractionMax }: PlainColumn, output: Output): boolean {
    const target = output.bytes;
    let at = this.#at;
    let to = output.length;
    if (bytes[at] === MINUS) {
      target[to++] = MINUS;
      at += 1;
    }
    const whole = at;
    let byte = bytes[at] ?? 0;
    while (byte >= ZERO && byte <= NINE) {
      target[to++] = byte;
      at += 1;
      byte = bytes[at] ?? 0;
    }
    if (at === whole || at - whole > max) return false;
    if (byte === DOT) {
      if (fractionMax === 0) return false;
      target[to++] = byte;
      at += 1;
      const fraction = at;
      byte = bytes[at] ?? 0;
      while (byte >= ZERO && byte <= NINE) {
        target[to++] = byte;
        at += 1;
        byte = bytes[at] ?? 0;
      }
      if (at === fraction || at - fraction > fractionMax) return false;
    }
    this.#at = at;
    output.length = to;
    return true;
  }

  #timestamp(bytes: Uint8Array, { zone }: PlainColumn, output: Output): boolean {
    const start = this.#at;
    let at = start + 19;
    if (bytes[at] === DOT) {
      at += 1;
      for (let byte = bytes[at] ?? 0; byte >= ZERO && byte <= NINE; byte = bytes[at] ?? 0) at += 1;
    }
    if (!isPlainTimestamp(bytes, start, at)) return false;
    if (zone && bytes[at] === PLUS && bytes[at + 1] === ZERO && bytes[at + 2] === ZERO) at += 3;
    return this.#copy(bytes, at, output);
  }

  #text(bytes: Uint8Array, { max }: PlainColumn, quote: number, output: Output): boolean {
    const { delimiter, doublesQuotes, escapes } = this.#syntax;
    const target = output.bytes;
    const stops = this.#stops;
    const start = this.#at;
    let at = start;
    let to = output.length;
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
    output.length = to;
    return true;
  }
}
