// Redshift's CSV: a field is quoted only if it holds the delimiter, a quote, LF or CR; quotes in it are doubled; records
// end in LF; NULL is the text of NULL AS, without quotes.
import { utf8 } from "../std/bytes.ts";
import { ByteSink } from "./byte-sink.ts";
import { BACKSLASH, copyRowOf, CR, LETTER_N, LF, QUOTE, TAB, UNESCAPED } from "./copy-text.ts";
import { between, byteTable, isSame, namesOf, NEW_LINE, RecordEncoder, stopTable } from "./record-encoder.ts";
import type { SourceColumn } from "./source-column.ts";

export interface CsvOptions {
  /** ASCII. */
  readonly delimiter: number;
  readonly nullText: string;
  readonly header: boolean;
}

/** Where a field begins that is NULL: it is never as long as what looks like NULL. */
const NO_VALUE = Number.MAX_SAFE_INTEGER;

export class CsvEncoder extends RecordEncoder {
  readonly #stops: Uint8Array;
  readonly #quoted: Uint8Array;
  readonly #nullBytes: Uint8Array;
  readonly #delimiter: number;
  readonly #rowStops: Uint8Array;

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
    this.#delimiter = options.delimiter;
    this.#rowStops = stopTable([...quoted, LF]);
    if (options.header) {
      const names = new ByteSink();
      const row = copyRowOf(columns.map(({ name }) => name));
      new CsvEncoder(namesOf(columns), { ...options, header: false }).encode(row, 0, row.length, names);
      this.header = names.take();
    }
  }

  /** One loop over all rows: a call for every field would take as long as the rest. */
  override encodeRows(source: Uint8Array, ends: Uint32Array, out: ByteSink, recordEnds?: Uint32Array): void {
    if (!this.isPlain) return super.encodeRows(source, ends, out, recordEnds);
    this.reserveRows(ends, out);
    const { bytes } = out;
    const [stops, quoted, nullBytes, delimiter] = [this.#rowStops, this.#quoted, this.#nullBytes, this.#delimiter];
    const end = ends[ends.length - 1] ?? 0;
    let [to, start, row, isQuoted] = [out.used, out.used, 0, false];
    for (let at = 0; at < end; at += 1) {
      let byte = source[at] ?? 0;
      while (stops[byte] === 0) {
        bytes[to] = byte;
        to += 1;
        at += 1;
        byte = source[at] ?? 0;
      }
      if (byte === TAB || byte === LF) {
        if (isQuoted) bytes[to++] = QUOTE;
        else if (isSame(bytes, start, to, nullBytes)) this.nullLookalikes += 1;
        isQuoted = false;
        bytes[to++] = byte === TAB ? delimiter : LF;
        start = to;
        if (byte === LF && recordEnds !== undefined) recordEnds[row++] = to;
        continue;
      }
      if (byte === BACKSLASH) {
        at += 1;
        const letter = source[at] ?? 0;
        if (letter === LETTER_N) {
          bytes.set(nullBytes, to);
          to += nullBytes.length;
          start = NO_VALUE;
          continue;
        }
        byte = UNESCAPED[letter] ?? 0;
      }
      if (quoted[byte] === 1 && !isQuoted) {
        isQuoted = true;
        bytes.copyWithin(start + 1, start, to);
        bytes[start] = QUOTE;
        to += 1;
      }
      if (byte === QUOTE) bytes[to++] = QUOTE;
      bytes[to++] = byte;
    }
    out.used = to;
  }

  protected encodeField(_: number, source: Uint8Array, from: number, end: number, out: ByteSink): number {
    const { bytes, used: start } = out;
    const stops = this.#stops;
    let to = start;
    let isQuoted = false;
    let at = from;
    for (; at < end; at += 1) {
      let byte = source[at] ?? 0;
      if (stops[byte] === 1) {
        if (byte === TAB) break;
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
    return at;
  }
}
