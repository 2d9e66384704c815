// Redshift's delimited text. ESCAPE puts a backslash before LF, CR, the delimiter and the backslash, and with ADDQUOTES
// before both quotes; the byte itself stays as it is. Redshift escapes CHAR and VARCHAR columns only; here every
// column is, because a delimiter of digits or dashes would tear the others apart.
import { utf8 } from "../std/bytes.ts";
import { ByteSink } from "./byte-sink.ts";
import { APOSTROPHE, BACKSLASH, copyRowOf, CR, LF, QUOTE, UNESCAPED } from "./copy-text.ts";
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

  protected encodeField(_: number, source: Uint8Array, from: number, end: number, out: ByteSink): void {
    const { bytes } = out;
    const stops = this.#stops;
    let to = out.used;
    if (this.#addQuotes) bytes[to++] = QUOTE;
    const start = to;
    for (let at = from; at < end; at += 1) {
      let byte = source[at] ?? 0;
      if (stops[byte] === 1) {
        if (byte === BACKSLASH) {
          at += 1;
          byte = UNESCAPED[source[at] ?? 0] ?? 0;
        }
        if (this.#escaped[byte] === 1) bytes[to++] = BACKSLASH;
      }
      bytes[to] = byte;
      to += 1;
    }
    if (isSame(bytes, start, to, this.#lookalike)) this.nullLookalikes += 1;
    if (this.#addQuotes) bytes[to++] = QUOTE;
    out.used = to;
  }
}

function escapedBytes({ delimiter, escape, addQuotes }: DelimitedOptions): readonly number[] {
  if (!escape) return [];
  return [LF, CR, BACKSLASH, delimiter, ...(addQuotes ? [QUOTE, APOSTROPHE] : [])];
}

function escapeText(text: string, special: readonly number[]): Uint8Array {
  return Uint8Array.from([...utf8(text)].flatMap((byte) => (special.includes(byte) ? [BACKSLASH, byte] : [byte])));
}
