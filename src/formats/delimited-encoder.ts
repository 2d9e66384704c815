// Redshift's delimited text. ESCAPE puts a backslash before LF, CR, the delimiter and the backslash, and with ADDQUOTES
// before both quotes; the byte itself stays as it is. Redshift escapes CHAR and VARCHAR columns only; here every
// column is, because a delimiter of digits or dashes would tear the others apart.
import { utf8 } from "../std/bytes.ts";
import { ByteSink } from "./byte-sink.ts";
import { APOSTROPHE, BACKSLASH, copyRowOf, CR, LETTER_N, LF, QUOTE, TAB, UNESCAPED } from "./copy-text.ts";
import { between, byteTable, isSame, namesOf, NEW_LINE, RecordEncoder, stopTable } from "./record-encoder.ts";
import type { SourceColumn } from "./source-column.ts";

export interface DelimitedOptions {
  /** ASCII. */
  readonly delimiter: number;
  readonly nullText: string;
  readonly header: boolean;
  readonly escape: boolean;
  readonly addQuotes: boolean;
}

export class DelimitedEncoder extends RecordEncoder {
  readonly #addQuotes: boolean;
  readonly #delimiter: number;
  readonly #nullBytes: Uint8Array;
  readonly #rowStops: Uint8Array;
  readonly #stops: Uint8Array;
  readonly #escaped: Uint8Array;
  /** A value that comes out like this is read back as NULL. */
  readonly #lookalike: Uint8Array;

  constructor(columns: readonly SourceColumn[], options: DelimitedOptions) {
    const { delimiter, nullText } = options;
    const special = escapedBytes(options);
    const lookalike = escapeText(nullText, special);
    // COPY … ESCAPE takes a bare \N for NULL; any other marker is read like a value.
    const nullBytes = nullText === "\\N" ? utf8(nullText) : lookalike;
    super(columns, {
      before: between(columns, Uint8Array.of(delimiter)),
      nulls: columns.map(() => nullBytes),
      after: NEW_LINE,
      growth: 2,
      perField: 2,
    });
    this.#addQuotes = options.addQuotes;
    this.#delimiter = delimiter;
    this.#nullBytes = nullBytes;
    this.#rowStops = stopTable([...special, LF]);
    this.#stops = stopTable(special);
    this.#escaped = byteTable(special);
    this.#lookalike = lookalike;
    if (options.header) {
      const names = new ByteSink();
      const row = copyRowOf(columns.map(({ name }) => name));
      new DelimitedEncoder(namesOf(columns), { ...options, header: false }).encode(row, 0, row.length, names);
      this.header = names.take();
    }
  }

  /** One loop over all rows: a call for every field would take as long as the rest. */
  override encodeRows(source: Uint8Array, ends: Uint32Array, out: ByteSink, recordEnds?: Uint32Array): void {
    if (!this.isPlain) return super.encodeRows(source, ends, out, recordEnds);
    this.reserveRows(ends, out);
    const { bytes } = out;
    const [stops, escaped, addQuotes] = [this.#rowStops, this.#escaped, this.#addQuotes];
    const end = ends[ends.length - 1] ?? 0;
    const quotes = addQuotes ? 1 : 0;
    let [to, row, isNull] = [out.used, 0, false];
    if (addQuotes && end > 0) bytes[to++] = QUOTE;
    let start = to;
    for (let at = 0; at < end; at += 1) {
      let byte = source[at] ?? 0;
      while (stops[byte] === 0) {
        bytes[to] = byte;
        to += 1;
        at += 1;
        byte = source[at] ?? 0;
      }
      if (byte === TAB || byte === LF) {
        if (!isNull && isSame(bytes, start, to, this.#lookalike)) this.nullLookalikes += 1;
        if (addQuotes && !isNull) bytes[to++] = QUOTE;
        isNull = false;
        bytes[to++] = byte === TAB ? this.#delimiter : LF;
        if (byte === LF && recordEnds !== undefined) recordEnds[row++] = to;
        if (addQuotes && at + 1 < end) bytes[to++] = QUOTE;
        start = to;
        continue;
      }
      if (byte === BACKSLASH) {
        at += 1;
        const letter = source[at] ?? 0;
        if (letter === LETTER_N) {
          bytes.set(this.#nullBytes, start - quotes);
          to = start - quotes + this.#nullBytes.length;
          isNull = true;
          continue;
        }
        byte = UNESCAPED[letter] ?? 0;
      }
      if (escaped[byte] === 1) bytes[to++] = BACKSLASH;
      bytes[to++] = byte;
    }
    out.used = to;
  }

  protected encodeField(_: number, source: Uint8Array, from: number, end: number, out: ByteSink): number {
    const { bytes } = out;
    const [stops, escaped] = [this.#stops, this.#escaped];
    let to = out.used;
    if (this.#addQuotes) bytes[to++] = QUOTE;
    const start = to;
    let at = from;
    for (; at < end; at += 1) {
      let byte = source[at] ?? 0;
      if (stops[byte] === 1) {
        if (byte === TAB) break;
        if (byte === BACKSLASH) {
          at += 1;
          byte = UNESCAPED[source[at] ?? 0] ?? 0;
        }
        if (escaped[byte] === 1) bytes[to++] = BACKSLASH;
      }
      bytes[to] = byte;
      to += 1;
    }
    if (isSame(bytes, start, to, this.#lookalike)) this.nullLookalikes += 1;
    if (this.#addQuotes) bytes[to++] = QUOTE;
    out.used = to;
    return at;
  }
}

function escapedBytes({ delimiter, escape, addQuotes }: DelimitedOptions): readonly number[] {
  if (!escape) return [];
  return [LF, CR, BACKSLASH, delimiter, ...(addQuotes ? [QUOTE, APOSTROPHE] : [])];
}

function escapeText(text: string, special: readonly number[]): Uint8Array {
  return Uint8Array.from([...utf8(text)].flatMap((byte) => (special.includes(byte) ? [BACKSLASH, byte] : [byte])));
}
