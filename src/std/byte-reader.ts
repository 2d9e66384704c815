import { concatBytes, type ByteStream } from "./bytes.ts";

/** Reads a stream in portions of the reader's own choosing. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);

  constructor(source: ByteStream) {
    this.#pieces = source[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes; fewer only at the end. */
  async read(wanted: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = wanted;
    while (missing > 0) {
      const part = await this.some(missing);
      if (part.length === 0) break;
      parts.push(Uint8Array.from(part));
      missing -= part.length;
    }
    return concatBytes(parts);
  }

  /** What is there, at least one byte and at most so many; empty at the end. Valid until the next call. */
  async some(most: number): Promise<Uint8Array> {
    while (this.#held.length === 0) {
      const { done, value } = await this.#pieces.next();
      if (done === true) return this.#held;
      this.#held = value;
    }
    const part = this.#held.subarray(0, most);
    this.#held = this.#held.subarray(part.length);
    return part;
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}
