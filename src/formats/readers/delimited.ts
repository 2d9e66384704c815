// Redshift's delimited text: fields between delimiters, records end in LF. With ESCAPE the byte after a backslash is
// itself, whatever it is: there are no \n or \012. Source: Redshift documentation, COPY, "Data conversion parameters".
import { PROBLEMS, type ValueProblem } from "../columns/column.ts";
import type { Conversion } from "../columns/converter.ts";
import type { RowWriter } from "../columns/row-writer.ts";
import type { RowFormat } from "../rows.ts";
import { CODED, FieldRows, Fields, QUOTED, type Decode } from "./fields.ts";
import { QuickRows } from "./quick-rows.ts";
import { RecordReader, type RecordOptions } from "./record-reader.ts";

const [NUL, LF, CR, BACKSLASH, DOUBLE_QUOTE, SINGLE_QUOTE] = [0, 0x0a, 0x0d, 0x5c, 0x22, 0x27];

export interface DelimitedOptions extends RecordOptions {
  readonly delimiter: number;
  readonly escape: boolean;
  readonly removeQuotes: boolean;
  readonly ignoreBlankLines: boolean;
  /** `text` for no row in binary form. */
  readonly rowFormat: RowFormat;
  /** Told once of a file whose lines end in CR LF: the CR is dropped. */
  readonly foundCarriageReturn: () => void;
}

const UNCLOSED: ValueProblem = {
  ...PROBLEMS.delimiterNotFound,
  reason: "Delimiter not found: a quote opens this field and none closes it",
};

/** Takes out each backslash that stands before another byte. */
export const unescape: Decode = (source, start, end, target) => {
  let at = 0;
  for (let from = start; from < end; from += 1) {
    if (source[from] === BACKSLASH && from + 1 < end) from += 1;
    target[at] = source[from] ?? 0;
    at += 1;
  }
  return at;
};

export class DelimitedReader extends RecordReader {
  readonly #options: DelimitedOptions;
  readonly #writer: RowWriter;
  readonly #quick: QuickRows;
  readonly #rows: FieldRows;
  readonly #fields = new Fields();
  readonly #special = new Uint8Array(256);
  readonly #nulEnds: boolean;
  #toldOfCarriageReturn = false;
  /** Lines that the record at hand takes. */
  #lines = 1;
  #problem: ValueProblem | undefined;

  constructor(writer: RowWriter, conversion: Conversion, options: DelimitedOptions) {
    super(options);
    this.#options = options;
    this.#writer = writer;
    this.#rows = new FieldRows(writer, conversion, unescape, true);
    this.#nulEnds = options.escape && conversion.nullText !== "\0";
    const { delimiter, escape: escapes } = options;
    const quotes = options.removeQuotes ? [DOUBLE_QUOTE, SINGLE_QUOTE] : [];
    const syntax = { delimiter, quotes, doublesQuotes: false, escapes };
    this.#quick = new QuickRows(writer, conversion, syntax, options.rowFormat);
    this.#special[options.delimiter] = 1;
    this.#special[LF] = 1;
    if (options.escape) this.#special[BACKSLASH] = 1;
    if (this.#nulEnds) this.#special[NUL] = 1;
  }

  protected record(bytes: Uint8Array, start: number, end: number, isLast: boolean): number {
    const next = this.#quick.row(bytes, start, end, this.line);
    if (next > 0) {
      this.line += this.#quick.lines;
      return next;
    }
    const fields = this.#fields;
    fields.count = 0;
    this.#lines = 1;
    this.#problem = undefined;
    let at = start;
    for (;;) {
      const stop = this.#field(bytes, at, end, isLast);
      if (stop < 0) return -1;
      if (stop < end && bytes[stop] === this.#options.delimiter) {
        at = stop + 1;
        // A delimiter that ends the file begins one more, empty field.
        if (at === end && isLast) fields.add(at, at, 0);
        if (at === end) return isLast ? this.#finish(bytes, start, end, end) : -1;
        continue;
      }
      const last = this.#skipToLineEnd(bytes, stop, end, isLast);
      return last < 0 ? -1 : this.#finish(bytes, start, last, Math.min(last + 1, end));
    }
  }

  protected override leave(pieceBytes: number): void {
    this.#quick.leave(pieceBytes);
  }

  /** Adds the field at `start`. Returns where its delimiter or its line's end is; -1 when that is not there yet. */
  #field(bytes: Uint8Array, start: number, end: number, isLast: boolean): number {
    const { delimiter, removeQuotes } = this.#options;
    const special = this.#special;
    const first = bytes[start];
    const quote = removeQuotes && (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) ? first : undefined;
    let [at, flags, escaped] = [quote === undefined ? start : start + 1, 0, -1];
    for (;;) {
      while (at < end && special[bytes[at] ?? 0] === 0) at += 1;
      if (at >= end) {
        if (!isLast) return -1;
        break;
      }
      const byte = bytes[at];
      if (byte === BACKSLASH && delimiter !== BACKSLASH) {
        if (at + 1 >= end && !isLast) return -1;
        escaped = at + 1;
        flags |= CODED;
        if (bytes[escaped] === LF) this.#lines += 1;
        at += 2;
      } else if (byte === delimiter && quote !== undefined && !closes(bytes, start, at, quote, escaped)) {
        at += 1;
      } else break;
    }
    const stop = Math.min(at, end);
    const isLineEnd = stop >= end || bytes[stop] !== delimiter;
    const fieldEnd = isLineEnd && stop - 1 !== escaped ? this.#withoutCarriageReturn(bytes, start, stop) : stop;
    if (quote === undefined) this.#fields.add(start, fieldEnd, flags);
    else if (closes(bytes, start, fieldEnd, quote, escaped)) this.#fields.add(start + 1, fieldEnd - 1, flags | QUOTED);
    else {
      this.#problem ??= UNCLOSED;
      this.#fields.add(start, fieldEnd, flags);
    }
    return stop;
  }

  /** A NUL ends the record; what follows on its line is dropped. */
  #skipToLineEnd(bytes: Uint8Array, stop: number, end: number, isLast: boolean): number {
    if (stop >= end || bytes[stop] === LF) return stop;
    const found = bytes.indexOf(LF, stop);
    if (found >= 0 && found < end) return found;
    return isLast ? end : -1;
  }

  #withoutCarriageReturn(bytes: Uint8Array, start: number, stop: number): number {
    if (stop <= start || bytes[stop - 1] !== CR) return stop;
    if (!this.#toldOfCarriageReturn) this.#options.foundCarriageReturn();
    this.#toldOfCarriageReturn = true;
    return stop - 1;
  }

  #finish(bytes: Uint8Array, start: number, end: number, next: number): number {
    const { line } = this;
    this.line += this.#lines;
    const fields = this.#fields;
    const isBlank = fields.count === 1 && fields.starts[0] === fields.ends[0] && fields.flags[0] === 0;
    if (isBlank && this.#options.ignoreBlankLines) return next;
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

/** Whether the quote that opens at `start` is closed just before `end`. */
function closes(bytes: Uint8Array, start: number, end: number, quote: number, escaped: number): boolean {
  return end - start > 1 && bytes[end - 1] === quote && escaped !== end - 1;
}
