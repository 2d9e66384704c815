import { BINARY_HEADER } from "../../formats/rows.ts";
import type { RowFormat } from "../../formats/rows.ts";

/** Blocks are handed on at this size; a longer row makes a block of its own. */
const BLOCK_BYTES = 1024 * 1024;
const FIRST_ENDS = 4096;

export interface FilledBlock {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
  readonly rows: number;
}

/**
 * Gathers the payloads of a COPY … TO STDOUT into blocks of whole rows. The server sends one CopyData message per row;
 * in binary form the first one also carries the signature, and the trailer comes in one of its own (or behind the
 * signature when there is no row).
 */
export class RowBlocks {
  readonly #emit: (block: FilledBlock) => void;
  #header: number;
  #bytes = new Uint8Array(BLOCK_BYTES);
  #used = 0;
  #ends = new Uint32Array(FIRST_ENDS);
  #rows = 0;

  constructor(rowFormat: RowFormat, emit: (block: FilledBlock) => void) {
    this.#emit = emit;
    this.#header = rowFormat === "binary" ? BINARY_HEADER.length : 0;
    this.#binary = rowFormat === "binary";
  }

  readonly #binary: boolean;

  /** One CopyData payload, `bytes[start, end)`. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const from = start + this.#header;
    this.#header = 0;
    if (this.#binary && end - from === 2 && bytes[from] === 0xff && bytes[from + 1] === 0xff) return;
    const length = end - from;
    if (this.#used + length > this.#bytes.length) {
      this.flush();
      if (length > this.#bytes.length) this.#bytes = new Uint8Array(length);
    }
    this.#bytes.set(bytes.subarray(from, end), this.#used);
    this.#used += length;
    if (this.#rows === this.#ends.length) {
      const longer = new Uint32Array(2 * this.#ends.length);
      longer.set(this.#ends);
      this.#ends = longer;
    }
    this.#ends[this.#rows] = this.#used;
    this.#rows += 1;
  }

  flush(): void {
    if (this.#rows === 0) return;
    this.#emit({ bytes: this.#bytes.subarray(0, this.#used), ends: this.#ends.slice(0, this.#rows), rows: this.#rows });
    this.#bytes = new Uint8Array(BLOCK_BYTES);
    this.#used = 0;
    this.#rows = 0;
  }
}
