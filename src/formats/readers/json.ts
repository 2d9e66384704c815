// JSON: documents one after another, with or without white space between.
import { isUtf8 } from "node:buffer";
import { invalidUtf8, replaceInvalid } from "../columns/text.ts";
import type { RecordPlace, RowWriter } from "../columns/row-writer.ts";
import { DocumentRows, type DocumentMapping } from "./documents.ts";
import { endOfString } from "./json-bytes.ts";
import { PlainDocuments } from "./plain-document.ts";
import { RecordReader, type RecordOptions } from "./record-reader.ts";

const [LF, QUOTE, SPACE] = [0x0a, 0x22, 0x20];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

export interface JsonOptions extends RecordOptions {
  readonly mapping: DocumentMapping;
  /** What stands for each byte that is no UTF-8; `undefined` to refuse the document. */
  readonly invalidCharacter: string | undefined;
}

/** What matters when looking for a document's end. */
const MARKS = new Uint8Array(256);
for (const byte of [LF, QUOTE, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT]) MARKS[byte] = 1;

/** After so many that were not plain in a row, so many are not asked. */
const REFUSALS_MAX = 8;
const UNASKED = 256;

export class JsonReader extends RecordReader {
  readonly #rows: DocumentRows;
  readonly #writer: RowWriter;
  readonly #replacement: number | undefined;
  readonly #plain: PlainDocuments | undefined;
  /** Documents that are not asked whether they are plain: those before them were not. */
  #unasked = 0;
  #refusals = 0;
  #lines = 0;

  constructor(writer: RowWriter, options: JsonOptions) {
    super(options);
    this.#writer = writer;
    this.#replacement = options.invalidCharacter?.charCodeAt(0);
    this.#rows = new DocumentRows(writer, options.mapping, options.label);
    const rows = this.#rows;
    if (options.mapping.type === "names") this.#plain = new PlainDocuments(writer, (name) => rows.columnOf(name));
  }

  protected record(bytes: Uint8Array, from: number, end: number, isLast: boolean): number {
    let start = from;
    while (start < end && (bytes[start] ?? 0) <= SPACE) {
      if (bytes[start] === LF) this.line += 1;
      start += 1;
    }
    if (start >= end) return end;
    const plainEnd = bytes[start] === OPEN_OBJECT ? this.#readPlain(bytes, start, end) : -1;
    if (plainEnd >= 0) return plainEnd;
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

  /** Behind a document that was plain, and of which the row is written; -1 for any other. */
  #readPlain(bytes: Uint8Array, start: number, end: number): number {
    if (this.#plain === undefined) return -1;
    if (this.#unasked > 0) {
      this.#unasked -= 1;
      return -1;
    }
    const stop = this.#plain.read(bytes, start, end);
    if (stop < 0) {
      this.#refusals += 1;
      if (this.#refusals >= REFUSALS_MAX) [this.#refusals, this.#unasked] = [0, UNASKED];
      return -1;
    }
    this.#refusals = 0;
    this.line += this.#plain.lines;
    this.#plain.write({ line: this.line, bytes, start, end: stop });
    return stop;
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
        const stop = endOfString(bytes, at, end);
        if (stop < 0) return -1;
        at = stop - 1;
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
