// JSON: documents one after another, with or without white space between.
import { isUtf8 } from "node:buffer";
import { invalidUtf8, replaceInvalid } from "../columns/text.ts";
import type { RecordPlace, RowWriter } from "../columns/row-writer.ts";
import { DocumentRows, type DocumentMapping } from "./documents.ts";
import { RecordReader, type RecordOptions } from "./record-reader.ts";

const [LF, QUOTE, BACKSLASH, SPACE] = [0x0a, 0x22, 0x5c, 0x20];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

export interface JsonOptions extends RecordOptions {
  readonly mapping: DocumentMapping;
  /** What stands for each byte that is no UTF-8; `undefined` to refuse the document. */
  readonly invalidCharacter: string | undefined;
}

/** What matters when looking for a document's end. */
const MARKS = new Uint8Array(256);
for (const byte of [LF, QUOTE, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT]) MARKS[byte] = 1;

export class JsonReader extends RecordReader {
  readonly #rows: DocumentRows;
  readonly #writer: RowWriter;
  readonly #replacement: number | undefined;
  #lines = 0;

  constructor(writer: RowWriter, options: JsonOptions) {
    super(options);
    this.#writer = writer;
    this.#replacement = options.invalidCharacter?.charCodeAt(0);
    this.#rows = new DocumentRows(writer, options.mapping, options.label);
  }

  protected record(bytes: Uint8Array, from: number, end: number, isLast: boolean): number {
    let start = from;
    while (start < end && (bytes[start] ?? 0) <= SPACE) {
      if (bytes[start] === LF) this.line += 1;
      start += 1;
    }
    if (start >= end) return end;
    this.#lines = 0;
    const first = bytes[start];
    const stop =
      first === OPEN_OBJECT || first === OPEN_LIST
        ? this.#endOfDocument(bytes, start, end)
        : lineEnd(bytes, start, end);
    if (stop < 0 && !isLast) {
      return this.#wait(start, from);
    }
    const documentEnd = stop < 0 ? end : stop;
    this.line += this.#lines;
    // The line of a document is its last one.
    this.#row({ line: this.line, bytes, start, end: documentEnd });
    return documentEnd;
  }

  #row(record: RecordPlace): void {
    const given = record.bytes.subarray(record.start, record.end);
    const isValid = isUtf8(given);
    if (!isValid && this.#replacement === undefined) {
      this.#writer.begin(record);
      this.#writer.refuse(invalidUtf8(given));
      return;
    }
    if (!isValid) this.#writer.replacements += 1;
    const part = isValid || this.#replacement === undefined ? given : replaceInvalid(given, this.#replacement);
    this.#rows.row(record, Buffer.from(part.buffer, part.byteOffset, part.length).toString());
  }

  /** White space in front that was counted must not be counted again. */
  #wait(start: number, from: number): number {
    return start === from ? -1 : start;
  }

  /** Behind the bracket that closes the document; -1 when it is not there yet. */
  #endOfDocument(bytes: Uint8Array, start: number, end: number): number {
    let depth = 0;
    for (let at = start; at < end; at += 1) {
      if (MARKS[bytes[at] ?? 0] === 0) continue;
      const byte = bytes[at];
      if (byte === LF) this.#lines += 1;
      else if (byte === QUOTE) {
        at = endOfString(bytes, at, end);
        if (at < 0) return -1;
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth += 1;
      else {
        depth -= 1;
        if (depth === 0) return at + 1;
      }
    }
    return -1;
  }
}

function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  const found = bytes.indexOf(LF, start);
  return found < 0 || found >= end ? -1 : found;
}

function endOfString(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + 1; at < end; at += 1) {
    if (bytes[at] === BACKSLASH) at += 1;
    else if (bytes[at] === QUOTE) return at;
  }
  return -1;
}
