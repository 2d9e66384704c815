// Redshift's FIXEDWIDTH: values one after another, padded with blanks at their right to a width in characters; a value
// that is wider is an error, never cut. NULL is blanks, or the text of NULL AS where it fits.
import { ShellError } from "../errors.ts";
import { utf8 } from "../std/bytes.ts";
import type { ByteSink } from "./byte-sink.ts";
import { APOSTROPHE, BACKSLASH, BLANK, CR, LF, QUOTE, TAB, UNESCAPED } from "./copy-text.ts";
import { byteTable, isSame, NEW_LINE, RecordEncoder } from "./record-encoder.ts";
import { kindOf, type SourceColumn } from "./source-column.ts";

export interface FixedWidthOptions {
  /** As many as the query's, in characters. */
  readonly columns: readonly { readonly label: string; readonly width: number }[];
  /** `undefined` for blanks. */
  readonly nullText: string | undefined;
  readonly escape: boolean;
  readonly addQuotes: boolean;
}

export class FixedWidthEncoder extends RecordEncoder {
  readonly #names: readonly string[];
  readonly #widths: readonly number[];
  readonly #addQuotes: boolean;
  readonly #escaped: Uint8Array;
  readonly #nullBytes: Uint8Array;

  /** @throws ShellError `option/value` when the text of NULL AS is wider than a column of characters */
  constructor(columns: readonly SourceColumn[], options: FixedWidthOptions) {
    const widths = options.columns.map(({ width }) => width);
    super(columns, {
      before: [],
      nulls: columns.map((column, index) => nullOf(column, widths[index] ?? 0, options.nullText)),
      after: NEW_LINE,
      growth: 2,
      perField: Math.max(...widths) + 2,
    });
    this.#names = columns.map(({ name }) => name);
    this.#widths = widths;
    this.#addQuotes = options.addQuotes;
    const quotes = options.addQuotes ? [QUOTE, APOSTROPHE] : [];
    this.#escaped = byteTable(options.escape ? [LF, CR, BACKSLASH, ...quotes] : []);
    this.#nullBytes = utf8(options.nullText ?? "");
  }

  protected encodeField(column: number, source: Uint8Array, from: number, end: number, out: ByteSink): number {
    const { bytes } = out;
    const width = this.#widths[column] ?? 0;
    let to = out.used;
    let characters = this.#addQuotes ? 2 : 0;
    if (this.#addQuotes) bytes[to++] = QUOTE;
    const start = to;
    let at = from;
    for (; at < end; at += 1) {
      let byte = source[at] ?? 0;
      if (byte === TAB) break;
      if (byte === BACKSLASH) {
        at += 1;
        byte = UNESCAPED[source[at] ?? 0] ?? 0;
      }
      if (this.#escaped[byte] === 1) {
        bytes[to++] = BACKSLASH;
        characters += 1;
      }
      // Every byte of UTF-8 begins a character, but for 10xxxxxx.
      if ((byte & 0xc0) !== 0x80) characters += 1;
      bytes[to] = byte;
      to += 1;
    }
    if (isSame(bytes, start, to, this.#nullBytes)) this.nullLookalikes += 1;
    if (this.#addQuotes) bytes[to++] = QUOTE;
    if (characters > width) throw this.#tooWide(column, characters);
    bytes.fill(BLANK, to, to + width - characters);
    out.used = to + width - characters;
    return at;
  }

  #tooWide(column: number, characters: number): ShellError {
    const name = this.#names[column] ?? "";
    return new ShellError("option/value", `a value of column ${name} is wider than FIXEDWIDTH allows`, {
      detail: [`it has ${characters} characters, and the column ${this.#widths[column]}`],
      hint: `widen the column, or cut it in the query: left(${name}, ${this.#widths[column]})`,
    });
  }
}

function nullOf(column: SourceColumn, width: number, text = ""): Uint8Array {
  const characters = utf8(text).filter((byte) => (byte & 0xc0) !== 0x80).length;
  if (characters <= width) return utf8(text + " ".repeat(width - characters));
  const kind = kindOf(column);
  if (kind !== "text" && kind !== "padded") return utf8(" ".repeat(width));
  throw new ShellError("option/value", `the text of NULL AS is wider than column ${column.name} of FIXEDWIDTH`, {
    detail: [`it has ${characters} characters, and the column ${width}`],
    note: "nothing was written",
  });
}
