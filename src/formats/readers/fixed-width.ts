// FIXEDWIDTH: columns of so many characters each, one record a line. Source: Redshift documentation, COPY.
import { PROBLEMS } from "../columns/column.ts";
import type { Conversion } from "../columns/converter.ts";
import type { RowWriter } from "../columns/row-writer.ts";
import { FieldRows, Fields, QUOTED } from "./fields.ts";
import { RecordReader, type RecordOptions } from "./record-reader.ts";

const [LF, CR, SPACE, DOUBLE_QUOTE, SINGLE_QUOTE] = [0x0a, 0x0d, 0x20, 0x22, 0x27];

export interface FixedWidthOptions extends RecordOptions {
  /** In characters. */
  readonly widths: readonly number[];
  readonly removeQuotes: boolean;
  readonly ignoreBlankLines: boolean;
}

export class FixedWidthReader extends RecordReader {
  readonly #options: FixedWidthOptions;
  readonly #writer: RowWriter;
  readonly #rows: FieldRows;
  readonly #fields = new Fields();

  constructor(writer: RowWriter, conversion: Conversion, options: FixedWidthOptions) {
    super(options);
    this.#options = options;
    this.#writer = writer;
    this.#rows = new FieldRows(writer, conversion, () => 0, false);
  }

  protected record(bytes: Uint8Array, start: number, end: number, isLast: boolean): number {
    const found = bytes.indexOf(LF, start);
    if (found < 0 && !isLast) return -1;
    const stop = found < 0 ? end : found;
    const lineEnd = stop > start && bytes[stop - 1] === CR ? stop - 1 : stop;
    const next = Math.min(stop + 1, end);
    const { line } = this;
    this.line += 1;
    if (lineEnd === start && this.#options.ignoreBlankLines) return next;
    const record = { line, bytes, start, end: lineEnd };
    const rest = this.#cut(bytes, start, lineEnd);
    for (let at = rest; at < lineEnd; at += 1) {
      if (bytes[at] === SPACE) continue;
      this.#writer.begin(record);
      this.#writer.refuse(PROBLEMS.extraColumns);
      return next;
    }
    this.#rows.row(record, this.#fields);
    return next;
  }

  /** Adds the line's fields; a line may end within one. Returns where the last one ends. */
  #cut(bytes: Uint8Array, start: number, end: number): number {
    const { widths } = this.#options;
    this.#fields.count = 0;
    let at = start;
    for (const [index, width] of widths.entries()) {
      if (at >= end && at > start) break;
      const from = at;
      for (let characters = 0; characters < width && at < end; characters += 1) {
        at += 1;
        while (at < end && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
      }
      this.#add(bytes, from, at, index);
    }
    return at;
  }

  #add(bytes: Uint8Array, start: number, end: number, index: number): void {
    let last = end;
    while (last > start && bytes[last - 1] === SPACE) last -= 1;
    const first = bytes[start];
    const isQuoted =
      first === bytes[last - 1] && last - start > 1 && (first === DOUBLE_QUOTE || first === SINGLE_QUOTE);
    if (this.#options.removeQuotes && isQuoted) return this.#fields.add(start + 1, last - 1, QUOTED);
    const type = this.#writer.columns[index]?.kind.type;
    // Only in text do blanks at the end count, and not behind the marker of NULL.
    const isText = type === "varchar" || type === "char";
    this.#fields.add(start, isText && !this.#writer.isMarker(bytes, start, last) ? end : last, 0);
  }
}
