import { ShellError } from "../../errors.ts";
import { concatBytes, releaseBytes } from "../../std/bytes.ts";

/** Reads one file's text, piece by piece, into rows. */
export interface RowReader {
  /** The piece may change afterwards. */
  push(piece: Uint8Array): void;
  /** The file has ended. */
  end(): void;
}

/** Longer than any row PostgreSQL could hold well; a quote that never closes would otherwise swallow the file. */
const RECORD_BYTES_MAX = 64 * 1024 * 1024;
const LF = 0x0a;
const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

export interface RecordOptions {
  /** What to call the file in errors. */
  readonly label: string;
  /** Lines to skip at the beginning. */
  readonly headerLines: number;
  /** For a part of a file that begins in this line, which is not the file's first record; no mark is looked for. */
  readonly partLine?: number;
}

/**
 * Cuts a stream into records. A record that has not ended is scanned again only when twice as much of it is there, so
 * that a long one costs no more than a few times its length.
 */
export abstract class RecordReader implements RowReader {
  /** The line that the next record begins in, from 1. */
  protected line = 1;
  readonly #options: RecordOptions;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #scanAt = 0;
  #headersLeft: number;
  #isFirst = true;

  constructor(options: RecordOptions) {
    this.#options = options;
    this.#headersLeft = options.headerLines;
    if (options.partLine === undefined) return;
    this.line = options.partLine;
    this.#isFirst = false;
    this.#headersLeft = 0;
  }

  /**
   * Handles the record at `at`, which is before `end`.
   * @returns where the next one begins, or -1 when this one does not end before `end`; never that when `isLast`.
   */
  protected abstract record(bytes: Uint8Array, at: number, end: number, isLast: boolean): number;

  /** The bytes that records were read from go away. */
  protected leave(_pieceBytes: number): void {}

  push(piece: Uint8Array): void {
    this.#held.push(piece);
    this.#heldBytes += piece.length;
    if (this.#heldBytes >= this.#scanAt || this.#heldBytes > RECORD_BYTES_MAX) this.#scan(false);
    else this.#own(piece);
  }

  end(): void {
    this.#scan(true);
  }

  /** What is kept beyond the call must not be the caller's memory. */
  #own(piece: Uint8Array): void {
    this.#held[this.#held.length - 1] = Uint8Array.from(piece);
  }

  #scan(isLast: boolean): void {
    const { buffer, byteOffset, length } = concatBytes(this.#held);
    // Never a Buffer, whatever came: two kinds of array would make each access to a byte ask which it is.
    const bytes = new Uint8Array(buffer, byteOffset, length);
    let at = this.#begin(bytes, isLast);
    while (at >= 0 && at < bytes.length) {
      const next =
        this.#headersLeft > 0 ? this.#header(bytes, at, isLast) : this.record(bytes, at, bytes.length, isLast);
      if (next < 0) break;
      at = next;
    }
    this.leave(bytes.length);
    const isOwn = this.#held.length > 1;
    this.#keep(bytes, Math.max(at, 0));
    if (isOwn) releaseBytes(bytes);
  }

  #begin(bytes: Uint8Array, isLast: boolean): number {
    if (!this.#isFirst) return 0;
    if (bytes.length < BYTE_ORDER_MARK.length && !isLast) return -1;
    this.#isFirst = false;
    return BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte) ? BYTE_ORDER_MARK.length : 0;
  }

  #header(bytes: Uint8Array, at: number, isLast: boolean): number {
    const found = bytes.indexOf(LF, at);
    if (found < 0) return isLast ? bytes.length : -1;
    this.#headersLeft -= 1;
    this.line += 1;
    return found + 1;
  }

  #keep(bytes: Uint8Array, at: number): void {
    const rest = bytes.length - at;
    if (rest > RECORD_BYTES_MAX) {
      throw new ShellError(
        "load/file",
        `${this.#options.label}: the record in line ${this.line} is longer than 64 MB`,
        {
          hint: "look for a quote or a bracket that opens there and never closes",
        },
      );
    }
    this.#held = rest === 0 ? [] : [new Uint8Array(bytes.subarray(at))];
    this.#heldBytes = rest;
    this.#scanAt = rest * 2;
  }
}
