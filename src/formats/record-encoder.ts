import type { ByteSink } from "./byte-sink.ts";
import { BACKSLASH, fieldEnd, isNullAt, LF, TAB, unpaddedEnd } from "./copy-text.ts";
import { kindOf, type SourceColumn } from "./source-column.ts";

/** What a column's text needs besides being copied. */
const PLAIN = 0;
/** CHAR(n): blanks at the end are left out. */
const PADDED = 1;
/** BYTEA: its `\x`, which COPY writes as `\\x`, is left out: hexadecimal digits are how Redshift prints VARBYTE. */
const BYTES = 2;
const BYTES_PREFIX = 3;

export interface RecordShape {
  /** What stands before each column. */
  readonly before: readonly Uint8Array[];
  /** What stands for NULL in each column. */
  readonly nulls: readonly Uint8Array[];
  /** What stands after the last column, the line feed included. */
  readonly after: Uint8Array;
  /** Bytes that one byte of a row can become, at the most. */
  readonly growth: number;
  /** Bytes that a field can take beyond its value's. */
  readonly perField: number;
}

/** Turns rows of COPY's text form into a file's records, bytes to bytes: no object is made for a row or a field. */
export abstract class RecordEncoder {
  /** What every file begins with; empty without a header. */
  header: Uint8Array = new Uint8Array(0);
  /** Values so far that read back as NULL, because they look like the text of NULL AS. */
  nullLookalikes = 0;
  readonly #shape: RecordShape;
  readonly #treatments: Uint8Array;
  readonly #fixedBytes: number;

  constructor(columns: readonly SourceColumn[], shape: RecordShape) {
    this.#shape = shape;
    this.#treatments = Uint8Array.from(columns, treatmentOf);
    const fixed = [...shape.before, ...shape.nulls, shape.after].reduce((sum, bytes) => sum + bytes.length, 0);
    this.#fixedBytes = fixed + columns.length * shape.perField;
  }

  /**
   * Appends the records of rows that lie one behind the other; `ends[i]` is just past row i and its line feed.
   * @param recordEnds is told where each record ends in the sink
   */
  encodeRows(source: Uint8Array, ends: Uint32Array, out: ByteSink, recordEnds?: Uint32Array): void {
    this.reserveRows(ends, out);
    let start = 0;
    for (let row = 0; row < ends.length; row += 1) {
      const end = ends[row] ?? 0;
      this.#encodeRow(source, start, end - 1, out);
      if (recordEnds !== undefined) recordEnds[row] = out.used;
      start = end;
    }
  }

  /** Whether every column's text is copied as it is, but for its escapes. */
  protected get isPlain(): boolean {
    return this.#treatments.every((treatment) => treatment === PLAIN);
  }

  protected reserveRows(ends: Uint32Array, out: ByteSink): void {
    out.reserve(this.#shape.growth * (ends[ends.length - 1] ?? 0) + this.#fixedBytes * ends.length);
  }

  /** Appends the record of the row `[start, end)`, whose line feed is not in it. */
  encode(source: Uint8Array, start: number, end: number, out: ByteSink): void {
    out.reserve(this.#shape.growth * (end - start) + this.#fixedBytes);
    this.#encodeRow(source, start, end, out);
  }

  #encodeRow(source: Uint8Array, start: number, end: number, out: ByteSink): void {
    const { before, nulls, after } = this.#shape;
    const treatments = this.#treatments;
    let at = start;
    for (let column = 0; column < treatments.length; column += 1) {
      const separator = before[column];
      if (separator !== undefined) put(separator, out);
      if (isNullAt(source, at)) {
        put(nulls[column] ?? NOTHING, out);
        at += NULL_BYTES;
      } else if (treatments[column] === PLAIN) {
        at = this.encodeField(column, source, at, end, out);
      } else {
        const last = fieldEnd(source, at, end);
        const isPadded = treatments[column] === PADDED;
        const from = isPadded ? at : at + BYTES_PREFIX;
        this.encodeField(column, source, from, isPadded ? unpaddedEnd(source, at, last) : last, out);
        at = last;
      }
      // The tab.
      at += 1;
    }
    put(after, out);
  }

  /**
   * Appends one value, still in COPY's escapes, up to its tab or to `end`. There is room.
   * @returns where it ended
   */
  protected abstract encodeField(column: number, source: Uint8Array, from: number, end: number, out: ByteSink): number;
}

/** `\N` */
const NULL_BYTES = 2;
const NOTHING = new Uint8Array(0);
export const NEW_LINE: Uint8Array = Uint8Array.of(LF);

/** The same bytes for every column, but for the first. */
export function between(columns: readonly unknown[], separator: Uint8Array): readonly Uint8Array[] {
  return columns.map((_, index) => (index === 0 ? new Uint8Array(0) : separator));
}

/** The header's columns: their names are text, whatever their values are. */
export function namesOf(columns: readonly SourceColumn[]): readonly SourceColumn[] {
  return columns.map(({ name }) => ({ name, typeOid: 25, typeModifier: -1 }));
}

/** 1 for every byte at which the copying of a field has to stop and look: the tab, which ends it, the backslash, and more. */
export function stopTable(more: Iterable<number>): Uint8Array {
  return byteTable([TAB, BACKSLASH, ...more]);
}

export function byteTable(members: Iterable<number>): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of members) table[byte] = 1;
  return table;
}

/** Whether `bytes[from, end)` is exactly this text; never for an empty one. */
export function isSame(bytes: Uint8Array, from: number, end: number, text: Uint8Array): boolean {
  if (end - from !== text.length || text.length === 0) return false;
  for (let at = 0; at < text.length; at += 1) if (bytes[from + at] !== text[at]) return false;
  return true;
}

function treatmentOf(column: SourceColumn): number {
  const kind = kindOf(column);
  if (kind === "padded") return PADDED;
  return kind === "bytes" ? BYTES : PLAIN;
}

const SHORT = 16;

function put(piece: Uint8Array, out: ByteSink): void {
  const { length } = piece;
  const to = out.used;
  out.used = to + length;
  // Most are one byte long, for which `set` costs more than the rest of the field.
  if (length > SHORT) out.bytes.set(piece, to);
  else for (let at = 0; at < length; at += 1) out.bytes[to + at] = piece[at] ?? 0;
}
