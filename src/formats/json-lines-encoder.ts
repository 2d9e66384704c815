// Redshift's JSON: one object a line, keys in the query's order, no blanks between. Numbers are bare, but for NaN and
// the infinities, which JSON has no numbers for and which become strings; booleans are true and false; values of JSON
// types are nested as they are.
import { utf8 } from "../std/bytes.ts";
import type { ByteSink } from "./byte-sink.ts";
import { BACKSLASH, CR, LF, BLANK, QUOTE, UNESCAPED } from "./copy-text.ts";
import { RecordEncoder, stopTable } from "./record-encoder.ts";
import { kindOf, type SourceColumn, type ValueKind } from "./source-column.ts";

const LETTER_T = 0x74;
const TRUE = utf8("true");
const FALSE = utf8("false");
const NULL = utf8("null");
const NUMBERS: ReadonlySet<ValueKind> = new Set(["integer", "bigint", "numeric", "real", "double"]);

/** Control characters, the quote and the backslash: what a JSON string cannot hold as it is (RFC 8259, 7). */
const STOPS = stopTable([...Array.from({ length: 32 }, (_, byte) => byte), QUOTE]);
const ESCAPES: readonly Uint8Array[] = Array.from({ length: 256 }, (_, byte) =>
  utf8(JSON.stringify(String.fromCharCode(byte)).slice(1, -1)),
);

export class JsonLinesEncoder extends RecordEncoder {
  readonly #kinds: readonly ValueKind[];

  constructor(columns: readonly SourceColumn[]) {
    super(columns, {
      before: columns.map(({ name }, index) => utf8(`${index === 0 ? "{" : ","}${JSON.stringify(name)}:`)),
      nulls: columns.map(() => NULL),
      after: utf8("}\n"),
      growth: 6,
      perField: FALSE.length,
    });
    this.#kinds = columns.map(kindOf);
  }

  protected encodeField(column: number, source: Uint8Array, from: number, end: number, out: ByteSink): void {
    const kind = this.#kinds[column] ?? "text";
    if (kind === "boolean") {
      const word = source[from] === LETTER_T ? TRUE : FALSE;
      out.bytes.set(word, out.used);
      out.used += word.length;
    } else if (kind === "json") {
      appendNested(source, from, end, out);
    } else if (NUMBERS.has(kind) && isFinite(source, from, end)) {
      out.bytes.set(source.subarray(from, end), out.used);
      out.used += end - from;
    } else {
      appendString(source, from, end, out);
    }
  }
}

/** NaN and Infinity end in letters, numbers in digits. */
function isFinite(source: Uint8Array, from: number, end: number): boolean {
  const last = source[end - 1] ?? 0;
  return end > from && last >= 0x30 && last <= 0x39;
}

function appendString(source: Uint8Array, from: number, end: number, out: ByteSink): void {
  const { bytes } = out;
  let to = out.used;
  bytes[to++] = QUOTE;
  for (let at = from; at < end; at += 1) {
    let byte = source[at] ?? 0;
    if (STOPS[byte] === 1) {
      if (byte === BACKSLASH) {
        at += 1;
        byte = UNESCAPED[source[at] ?? 0] ?? 0;
      }
      const escape = ESCAPES[byte];
      if (escape !== undefined && STOPS[byte] === 1) {
        bytes.set(escape, to);
        to += escape.length;
        continue;
      }
    }
    bytes[to] = byte;
    to += 1;
  }
  bytes[to++] = QUOTE;
  out.used = to;
}

/** Line ends in a JSON value are insignificant, since its strings cannot hold them: the record stays one line. */
function appendNested(source: Uint8Array, from: number, end: number, out: ByteSink): void {
  const { bytes } = out;
  let to = out.used;
  for (let at = from; at < end; at += 1) {
    let byte = source[at] ?? 0;
    if (byte === BACKSLASH) {
      at += 1;
      byte = UNESCAPED[source[at] ?? 0] ?? 0;
      if (byte === LF || byte === CR) byte = BLANK;
    }
    bytes[to] = byte;
    to += 1;
  }
  out.used = to;
}
