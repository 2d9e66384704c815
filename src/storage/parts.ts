import type { ByteStream } from "../std/bytes.ts";

/** What is uploaded in one request. */
export interface Part {
  /** From 1. */
  readonly number: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isLast: boolean;
}

/** Of the parts of an object of ordinary size. */
export const PART_BYTES = 8_388_608;

const UNIFORM_PARTS = 5000;
const PARTS_PER_STEP = 50;

/**
 * How large the part with this number is. S3 takes 10,000 parts at the most and the length of a stream is not known
 * before its end, so parts grow once an object has passed 39 GiB: 10,000 of them hold 2 TiB.
 */
export function growingPartBytes(number: number): number {
  return PART_BYTES * (1 + Math.ceil(Math.max(0, number - UNIFORM_PARTS) / PARTS_PER_STEP));
}

const FIRST_BUFFER_BYTES = 65_536;

/**
 * Gathers a stream into parts, each in a buffer of its own; a buffer that is given back is used again.
 * There is always a last part, empty when the stream is.
 */
export class PartCutter {
  readonly #partBytes: (number: number) => number;
  readonly #free: Uint8Array<ArrayBuffer>[] = [];

  constructor(partBytes: (number: number) => number) {
    this.#partBytes = partBytes;
  }

  async *cut(source: ByteStream): AsyncIterable<Part> {
    let number = 1;
    let size = this.#partBytes(number);
    // Most objects are small: the first buffer grows with what comes.
    let buffer = new Uint8Array(Math.min(size, FIRST_BUFFER_BYTES));
    let filled = 0;
    for await (const piece of source) {
      for (let at = 0; at < piece.length;) {
        if (filled === size) {
          yield { number, bytes: buffer, isLast: false };
          number += 1;
          size = this.#partBytes(number);
          buffer = this.#take(size);
          filled = 0;
        }
        const taken = Math.min(size - filled, piece.length - at);
        if (filled + taken > buffer.length) buffer = grown(buffer, filled, Math.min(size, (filled + taken) * 2));
        buffer.set(piece.subarray(at, at + taken), filled);
        filled += taken;
        at += taken;
      }
    }
    yield { number, bytes: buffer.subarray(0, filled), isLast: true };
  }

  /** Says that nobody reads the part any more. */
  release(part: Part): void {
    this.#free.push(new Uint8Array(part.bytes.buffer));
  }

  #take(size: number): Uint8Array<ArrayBuffer> {
    const free = this.#free.pop();
    return free?.length === size ? free : new Uint8Array(size);
  }
}

function grown(buffer: Uint8Array<ArrayBuffer>, filled: number, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(buffer.subarray(0, filled));
  return larger;
}
