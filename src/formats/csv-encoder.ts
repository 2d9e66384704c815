// Redshift's CSV: a field is quoted only if it holds the delimiter, a quote, LF or CR; quotes in it are doubled; records
// end in LF; NULL is the text of NULL AS, without quotes.
import { utf8 } from "../std/bytes.ts";
import { ByteSink } from "./byte-sink.ts";
import { BACKSLASH, copyRowOf, CR, LF, QUOTE, UNESCAPED } from "./copy-text.ts";
import { between, byteTable, isSame, namesOf, NEW_LINE, RecordEncoder, stopTable } from "./record-encoder.ts";
import type { SourceColumn } from "./source-column.ts";

export interface CsvOptions {
  /** ASCII. */
  readonly delimiter: number;
  readonly nullText: string;
  readonly header: boolean;
}

export class CsvEncoder extends RecordEncoder {
  readonly #stops: Uint8Array;
  readonly #quoted: Uint8Array;
  readonly #nullBytes: Uint8Array;

  constructor(columns: readonly SourceColumn[], options: CsvOptions) {
    const nullBytes = utf8(options.nullText);
    super(columns, {
      before: between(columns, Uint8Array.of(options.delimiter)),
      nulls: columns.map(() => nullBytes),
      after: NEW_LINE,
      growth: 2,
      perField: 2,
    });
    const quoted = [options.delimiter, QUOTE, LF, CR];
    this.#stops = stopTable(quoted);
    this.#quoted = byteTable(quoted);
    this.#nullBytes = nullBytes;
    if (options.header) {
      const names = new ByteSink();
      const row = copyRowOf(columns.map(({ name }) => name));
      new CsvEncoder(namesOf(columns), { ...options, header: false }).encode(row, 0, row.length, names);
      this.header = names.take();
    }
  }

  protected encodeField(_: number, source: Uint8Array, from: number, end: number, out: ByteSink): void {
    const { bytes, used: start } = out;
    const stops = this.#stops;
    let to = start;
    let isQuoted = false;
    for (let at = from; at < end; at += 1) {
      let byte = source[at] ?? 0;
      if (stops[byte] === 1) {
        if (byte === BACKSLASH) {
          at += 1;
          byte = UNESCAPED[source[at] ?? 0] ?? 0;
        }
        if (this.#quoted[byte] === 1 && !isQuoted) {
          // What went before needed no quotes; it makes room for the one that needs it.
          isQuoted = true;
          bytes.copyWithin(start + 1, start, to);
          bytes[start] = QUOTE;
          to += 1;
        }
        if (byte === QUOTE) bytes[to++] = QUOTE;
      }
      bytes[to] = byte;
      to += 1;
    }
    if (isQuoted) bytes[to++] = QUOTE;
    else if (isSame(bytes, start, to, this.#nullBytes)) this.nullLookalikes += 1;
    out.used = to;
  }
}
