// The quickest way for rows as programs write them, where the database takes COPY binary: a row is checked and written
// in the server's own form, so that neither side makes a text of it again. The server then spends about half of what
// COPY's text form costs it.
//
// Contract: `row` writes the record at `start` when its values are plain and their binary form is surely what the server
// would have made of them (binary-values.ts), or else leaves everything as it was. What is written gathers into blocks,
// each of records that follow one another in the file. A block carries those records' own bytes: when the database
// refuses one of its rows, they are read again the careful way, as text, and the refusal is told as ever. A record that
// is not plain is `interrupt`ed by its reader; a COPY has one form, so for some time after it no row is written here.
//
// It is quick because it makes no objects: all state is numbers and a field gives one number back.
import { isUtf8 } from "node:buffer";
import type { Conversion } from "../columns/converter.ts";
import type { RowWriter } from "../columns/row-writer.ts";
import { formsOf, INT8, JSONB, TEXT, writeValue } from "./binary-forms.ts";
import { VALUE_BYTES, writeInteger } from "./binary-values.ts";
import { FieldEnds, type FieldSyntax } from "./field-ends.ts";
import { plainColumnsOf, type PlainColumn } from "./plain-columns.ts";

const [TAB, LF, CR, SPACE, BACKSLASH] = [0x09, 0x0a, 0x0d, 0x20, 0x5c];

/** A field that is NULL where none may be. */
const REFUSED = -2;
const JSONB_VERSION = 1;
const NO_BYTES = new Uint8Array(0);
const OUTPUT_BYTES = 512 * 1024;
/** A block ends with the piece of the file it is read from, or at this size. */
const BLOCK_BYTES_MAX = 1024 * 1024;
/** How much of a file is read as text after a record that is not plain: longer each time. */
const [PAUSE_BYTES_MIN, PAUSE_BYTES_MAX] = [1024 * 1024, 64 * 1024 * 1024];

export class BinaryRows {
  readonly #columns: readonly PlainColumn[];
  readonly #forms: Uint8Array;
  readonly #maxima: Float64Array;
  readonly #fractions: Float64Array;
  readonly #writer: RowWriter;
  readonly #ends: FieldEnds;
  /** 1 for bytes that end the quick copying of a text. */
  readonly #stops = new Uint8Array(256);
  #bytes = new Uint8Array(OUTPUT_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #rows = 0;
  /** Where the row being written ends in `#bytes`. */
  #put = 0;
  /** The records of the block: where they begin and end, and their first line. */
  #source: Uint8Array = NO_BYTES;
  #from = 0;
  #to = 0;
  #line = 1;
  /** Behind the last line feed of `#source`: no record that begins later is whole. */
  #limit = 0;
  /** Bytes above ASCII were in the row. */
  #high = false;
  #lines = 1;
  #pause = PAUSE_BYTES_MIN;
  #pausedBytes = 0;

  private constructor(columns: readonly PlainColumn[], writer: RowWriter, forms: Uint8Array, ends: FieldEnds) {
    this.#columns = columns;
    this.#forms = forms;
    this.#maxima = Float64Array.from(columns, ({ max }) => max);
    this.#fractions = Float64Array.from(columns, ({ fractionMax }) => fractionMax);
    this.#writer = writer;
    this.#ends = ends;
    const { delimiter, quotes, escapes } = ends.syntax;
    for (const byte of [LF, CR, 0, delimiter, ...quotes, ...(escapes ? [BACKSLASH] : [])]) this.#stops[byte] = 1;
  }

  /** `undefined` when the columns or the clauses leave no row plain, or a column has no binary form. */
  static of(writer: RowWriter, conversion: Conversion, syntax: FieldSyntax): BinaryRows | undefined {
    const columns = plainColumnsOf(writer, conversion);
    const forms = formsOf(writer.columns);
    if (columns === undefined || forms === undefined || syntax.delimiter === BACKSLASH) return undefined;
    return new BinaryRows(columns, writer, forms, new FieldEnds(syntax, Buffer.from(conversion.nullText)));
  }

  /** Rows are to be read another way for now. */
  get isPaused(): boolean {
    return this.#pausedBytes > 0;
  }

  /** Lines that the row just written takes. */
  get lines(): number {
    return this.#lines;
  }

  /**
   * Writes the record that begins at `start`, unless there is a pause.
   * @returns where the next one begins; -1 when it is not plain, or does not end before `end`, where the bytes end
   */
  row(bytes: Uint8Array, start: number, end: number, line: number): number {
    if (bytes !== this.#source) this.#enter(bytes);
    else if (start !== this.#to) this.#flush();
    // A line without anything in it is more than one thing.
    if (start >= this.#limit || bytes[start] === LF) return -1;
    if (this.#rows === 0) {
      this.#from = start;
      this.#line = line;
    }
    this.#reserve(end - start + VALUE_BYTES * (this.#columns.length + 1));
    this.#high = false;
    this.#lines = 1;
    const next = this.#row(bytes, start);
    if (next < 0 || next > this.#limit || (this.#high && !isUtf8(bytes.subarray(start, next)))) return -1;
    this.#length = this.#put;
    this.#rows += 1;
    this.#to = next;
    if (this.#length >= BLOCK_BYTES_MAX) this.#flush();
    return next;
  }

  /** A record is read another way: what was written comes before it. */
  interrupt(): void {
    if (this.isPaused) return;
    this.#flush();
    this.#pausedBytes = this.#pause;
    this.#pause = Math.min(this.#pause * 2, PAUSE_BYTES_MAX);
  }

  /** The piece of the file that records were read from goes away. */
  leave(pieceBytes: number): void {
    this.#flush();
    this.#source = NO_BYTES;
    this.#pausedBytes -= pieceBytes;
  }

  #enter(bytes: Uint8Array): void {
    this.#flush();
    this.#source = bytes;
    this.#limit = bytes.lastIndexOf(LF) + 1;
  }

  #flush(): void {
    if (this.#rows === 0) return;
    const source = new Uint8Array(this.#source.subarray(this.#from, this.#to));
    const bytes = this.#bytes.slice(0, this.#length);
    this.#writer.push({ form: "binary", bytes, rows: this.#rows, file: this.#writer.file, source, line: this.#line });
    this.#length = 0;
    this.#rows = 0;
  }

  #reserve(more: number): void {
    const wanted = this.#length + more;
    if (wanted <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }

  #row(bytes: Uint8Array, start: number): number {
    const { openings, quotes, syntax } = this.#ends;
    const { delimiter } = syntax;
    const view = this.#view;
    const forms = this.#forms;
    const last = forms.length - 1;
    let at = start;
    let to = this.#length + 2;
    view.setInt16(to - 2, last + 1);
    for (let column = 0; column <= last; column += 1) {
      let first = bytes[at] ?? 0;
      let quote = 0;
      if (quotes[first] === 1) {
        quote = first;
        at += 1;
        first = bytes[at] ?? 0;
      }
      let end = -1;
      if (openings[first] === 1) {
        if (quote === 0 && (first === SPACE || first === TAB)) return -1;
        end = this.#null(bytes, at, to, column, quote);
        if (end === REFUSED) return -1;
      }
      if (end < 0) {
        const form = forms[column] ?? 0;
        // What most fields are, without a way round.
        if (form <= INT8) end = writeInteger(bytes, at, view, to, 2 << form);
        else end = this.#value(bytes, at, to, column, quote);
      }
      if (end < 0) return -1;
      at = end;
      const length = view.getInt32(to);
      to += length < 0 ? 4 : length + 4;
      if (quote !== 0) {
        if (bytes[at] !== quote) return -1;
        at += 1;
      }
      if (bytes[at] !== (column === last ? LF : delimiter)) return -1;
      at += 1;
    }
    this.#put = to;
    return at;
  }

  /** Where the field ends when it is NULL, -1 when it is not. */
  #null(bytes: Uint8Array, at: number, to: number, column: number, quote: number): number {
    const plain = this.#columns[column];
    if (plain === undefined) return REFUSED;
    const end = this.#ends.nullEnd(bytes, at, quote, plain.emptyIsNull);
    if (end < 0) return -1;
    if (plain.notNull) return REFUSED;
    this.#view.setInt32(to, -1);
    return end;
  }

  #value(bytes: Uint8Array, at: number, to: number, column: number, quote: number): number {
    const form = this.#forms[column] ?? TEXT;
    if (form === TEXT) return this.#text(bytes, at, to, column, quote);
    if (form === JSONB) return this.#jsonb(bytes, at, to, column, quote);
    return writeValue(bytes, at, this.#view, to, form, this.#maxima[column] ?? 0, this.#fractions[column] ?? 0);
  }

  /** A version before the text. */
  #jsonb(bytes: Uint8Array, at: number, to: number, column: number, quote: number): number {
    const end = this.#text(bytes, at, to + 1, column, quote);
    if (end < 0) return -1;
    this.#view.setInt32(to, this.#view.getInt32(to + 1) + 1);
    this.#view.setInt8(to + 4, JSONB_VERSION);
    return end;
  }

  #text(bytes: Uint8Array, start: number, to: number, column: number, quote: number): number {
    const { delimiter, doublesQuotes, escapes } = this.#ends.syntax;
    const stops = this.#stops;
    const target = this.#bytes;
    let at = start;
    let put = to + 4;
    let seen = 0;
    for (;;) {
      let byte = bytes[at] ?? 0;
      while (stops[byte] === 0) {
        seen |= byte;
        target[put] = byte;
        put += 1;
        at += 1;
        byte = bytes[at] ?? 0;
      }
      if (byte === BACKSLASH && escapes) {
        at += 1;
        byte = bytes[at] ?? 0;
        if (byte === LF) this.#lines += 1;
      } else if (quote === 0) {
        if (byte === delimiter || byte === LF) break;
        if (byte === CR) return -1;
      } else if (byte === quote) {
        if (doublesQuotes && bytes[at + 1] === quote) at += 1;
        else if (doublesQuotes || this.#ends.isEnd(bytes, at, quote)) break;
      } else if (byte === LF || byte === CR) {
        if (!doublesQuotes) return -1;
        if (byte === LF) this.#lines += 1;
      }
      if (byte === 0) return -1;
      seen |= byte;
      target[put] = byte;
      put += 1;
      at += 1;
    }
    if (seen >= 0x80) this.#high = true;
    const length = put - to - 4;
    // An unescaped value is never longer than it stands, and can come to look like the text of NULL.
    if (at - start > (this.#maxima[column] ?? 0)) return -1;
    if (length !== at - start && length === this.#ends.marker.length) return -1;
    this.#view.setInt32(to, length);
    return at;
  }
}
