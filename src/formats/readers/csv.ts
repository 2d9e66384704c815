// CSV as Redshift reads it: a quote is doubled inside quotes, which may hold delimiters and ends of lines; blanks
// between a delimiter and a quote do not count. Source: Redshift documentation, COPY, "CSV".
import type { ValueProblem } from "../columns/column.ts";
import type { Conversion } from "../columns/converter.ts";
import type { RowWriter } from "../columns/row-writer.ts";
import type { RowFormat } from "../rows.ts";
import { CODED, FieldRows, Fields, QUOTED, type Decode } from "./fields.ts";
import { QuickRows } from "./quick-rows.ts";
import { RecordReader, type RecordOptions } from "./record-reader.ts";

const [TAB, LF, CR, SPACE] = [0x09, 0x0a, 0x0d, 0x20];

export interface CsvOptions extends RecordOptions {
  readonly delimiter: number;
  /** One ASCII character. */
  readonly quote: string;
  readonly ignoreBlankLines: boolean;
  /** `text` for no row in binary form. */
  readonly rowFormat: RowFormat;
}

/** Takes out the second of every two quotes. */
function undouble(quote: number): Decode {
  return (source, start, end, target) => {
    let at = 0;
    for (let from = start; from < end; from += 1) {
      const byte = source[from] ?? 0;
      if (byte === quote) from += 1;
      target[at] = byte;
      at += 1;
    }
    return at;
  };
}

export class CsvReader extends RecordReader {
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #ignoreBlankLines: boolean;
  readonly #writer: RowWriter;
  readonly #quick: QuickRows;
  readonly #rows: FieldRows;
  readonly #fields = new Fields();
  readonly #stops = new Uint8Array(256);
  #lines = 1;
  #problem: ValueProblem | undefined;

  constructor(writer: RowWriter, conversion: Conversion, options: CsvOptions) {
    super(options);
    this.#delimiter = options.delimiter;
    this.#quote = options.quote.charCodeAt(0);
    this.#ignoreBlankLines = options.ignoreBlankLines;
    this.#writer = writer;
    this.#rows = new FieldRows(writer, conversion, undouble(this.#quote), false);
    const quotes = [this.#quote];
    const syntax = { delimiter: this.#delimiter, quotes, doublesQuotes: true, escapes: false };
    this.#quick = new QuickRows(writer, conversion, syntax, options.rowFormat);
    this.#stops[this.#delimiter] = 1;
    this.#stops[LF] = 1;
  }

  protected record(bytes: Uint8Array, start: number, end: number, isLast: boolean): number {
    const next = this.#quick.row(bytes, start, end, this.line);
    if (next > 0) {
      this.line += this.#quick.lines;
      return next;
    }
    this.#fields.count = 0;
    this.#lines = 1;
    this.#problem = undefined;
    let at = start;
    for (;;) {
      const stop = this.#field(bytes, start, at, end, isLast);
      if (stop < 0) return -1;
      if (stop < end && bytes[stop] === this.#delimiter) {
        at = stop + 1;
        if (at < end) continue;
        if (!isLast) return -1;
        this.#fields.add(at, at, 0);
      }
      return this.#finish(bytes, start, Math.min(stop, end), Math.min(Math.max(stop + 1, at), end));
    }
  }

  protected override leave(pieceBytes: number): void {
    this.#quick.leave(pieceBytes);
  }

  /** Adds the field at `from`. Returns where its delimiter or line end is; -1 when that is not there yet. */
  #field(bytes: Uint8Array, recordStart: number, from: number, end: number, isLast: boolean): number {
    const opening = this.#skipBlanks(bytes, from, end);
    if (opening >= end && !isLast) return -1;
    if (bytes[opening] === this.#quote && opening < end) return this.#quoted(bytes, recordStart, opening, end, isLast);
    const stop = this.#nextStop(bytes, from, end);
    if (stop >= end && !isLast) return -1;
    const isLine = stop >= end || bytes[stop] === LF;
    const isReturn = isLine && stop > from && bytes[stop - 1] === CR;
    this.#fields.add(from, isReturn ? stop - 1 : stop, 0);
    return stop;
  }

  #quoted(bytes: Uint8Array, recordStart: number, opening: number, end: number, isLast: boolean): number {
    const quote = this.#quote;
    let flags = QUOTED;
    let at = opening + 1;
    for (; at < end; at += 1) {
      const byte = bytes[at];
      if (byte === LF) this.#lines += 1;
      if (byte !== quote) continue;
      if (at + 1 >= end && !isLast) return -1;
      if (bytes[at + 1] !== quote || at + 1 >= end) break;
      flags |= CODED;
      at += 1;
    }
    if (at >= end) {
      if (!isLast) return -1;
      this.#problem ??= { code: 1216, reason: "Missing closing quote: the file ends within a quoted field" };
      this.#fields.add(opening, end, 0);
      return end;
    }
    this.#fields.add(opening + 1, at, flags);
    return this.#afterQuote(bytes, recordStart, at + 1, end, isLast);
  }

  /** Behind a closing quote only blanks may stand before the delimiter or the end of the line. */
  #afterQuote(bytes: Uint8Array, recordStart: number, from: number, end: number, isLast: boolean): number {
    let at = this.#skipBlanks(bytes, from, end);
    if (bytes[at] === CR && bytes[at + 1] === LF && at + 1 < end) at += 1;
    if (at >= end) return isLast ? end : -1;
    const byte = bytes[at] ?? 0;
    if (byte === this.#delimiter || byte === LF) return at;
    if (byte === CR && at + 1 >= end) return isLast ? end : -1;
    this.#problem ??= {
      code: 1216,
      reason: `Missing newline: Unexpected character 0x${byte.toString(16)} found at location ${at - recordStart}`,
      position: at - recordStart,
    };
    const line = bytes.indexOf(LF, at);
    if (line >= 0 && line < end) return line;
    return isLast ? end : -1;
  }

  #skipBlanks(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at < end && (bytes[at] === SPACE || bytes[at] === TAB) && bytes[at] !== this.#delimiter) at += 1;
    return at;
  }

  #nextStop(bytes: Uint8Array, from: number, end: number): number {
    const stops = this.#stops;
    let at = from;
    while (at < end && stops[bytes[at] ?? 0] === 0) at += 1;
    return at;
  }

  #finish(bytes: Uint8Array, start: number, end: number, next: number): number {
    const { line } = this;
    this.line += this.#lines;
    const fields = this.#fields;
    const isBlank = fields.count === 1 && fields.starts[0] === fields.ends[0] && fields.flags[0] === 0;
    if (isBlank && this.#ignoreBlankLines) return next;
    this.#quick.interrupt();
    const record = { line, bytes, start, end };
    if (this.#problem === undefined) this.#rows.row(record, fields);
    else {
      this.#writer.begin(record);
      this.#writer.refuse(this.#problem);
    }
    return next;
  }
}
