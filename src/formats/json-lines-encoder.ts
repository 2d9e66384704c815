// Redshift's JSON: one object a line, keys in the query's order, no blanks between. Numbers are bare, but for NaN and
// the infinities, which JSON has no numbers for and which become strings; booleans are true and false; values of JSON
// types are nested as they are.
import { utf8 } from "../std/bytes.ts";
import type { ByteSink } from "./byte-sink.ts";
import { BACKSLASH, CR, LF, BLANK, QUOTE, TAB, UNESCAPED } from "./copy-text.ts";
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
  readonly #writers: Uint8Array;

  constructor(columns: readonly SourceColumn[]) {
    super(columns, {
      before: columns.map(({ name }, index) => utf8(`${index === 0 ? "{" : ","}${JSON.stringify(name)}:`)),
      nulls: columns.map(() => NULL),
      after: utf8("}\n"),
      growth: 6,
      perField: FALSE.length,
    });
    this.#writers = Uint8Array.from(columns, writerOf);
  }

  protected encodeField(column: number, source: Uint8Array, from: number, end: number, out: ByteSink): number {
    switch (this.#writers[column]) {
      case BOOLEAN: {
        const word = source[from] === LETTER_T ? TRUE : FALSE;
        out.bytes.set(word, out.used);
        out.used += word.length;
        return from + 1;
      }
      case NESTED:
        return appendNested(source, from, end, out);
      case NUMBER:
        return appendNumber(source, from, end, out);
      default:
        return appendString(source, from, end, out);
    }
  }
}

const [STRING, NUMBER, BOOLEAN, NESTED] = [0, 1, 2, 3];

function writerOf(column: SourceColumn): number {
  const kind = kindOf(column);
  if (kind === "boolean") return BOOLEAN;
  if (kind === "json") return NESTED;
  return NUMBERS.has(kind) ? NUMBER : STRING;
}

/** NaN and Infinity end in letters, numbers in digits. */
function appendNumber(source: Uint8Array, from: number, end: number, out: ByteSink): number {
  const { bytes } = out;
  let to = out.used;
  let at = from;
  for (; at < end; at += 1) {
    const byte = source[at] ?? 0;
    if (byte === TAB) break;
    bytes[to] = byte;
    to += 1;
  }
  const last = source[at - 1] ?? 0;
  if (at === from || last < 0x30 || last > 0x39) return appendString(source, from, end, out);
  out.used = to;
  return at;
}

function appendString(source: Uint8Array, from: number, end: number, out: ByteSink): number {
  const { bytes } = out;
  let to = out.used;
  bytes[to++] = QUOTE;
  let at = from;
  for (; at < end; at += 1) {
    let byte = source[at] ?? 0;
    if (STOPS[byte] === 1) {
      if (byte === TAB) break;
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
  return at;
}

/** Line ends in a JSON value are insignificant, since its strings cannot hold them: the record stays one line. */
function appendNested(source: Uint8Array, from: number, end: number, out: ByteSink): number {
  const { bytes } = out;
  let to = out.used;
  let at = from;
  for (; at < end; at += 1) {
    let byte = source[at] ?? 0;
    if (byte === TAB) break;
    if (byte === BACKSLASH) {
      at += 1;
      byte = UNESCAPED[source[at] ?? 0] ?? 0;
      if (byte === LF || byte === CR) byte = BLANK;
    }
    bytes[to] = byte;
    to += 1;
  }
  out.used = to;
  return at;
}
