// LZO1X: the one method lzop writes. Source: the Linux kernel's Documentation/staging/lzo.rst.
//
// An instruction byte says where to copy from what is decompressed already and how much; its last two bits are the
// number of bytes that follow as they are. What an instruction below 16 means depends on that number of the one before.

/** A compressed block that no compressor writes. */
export class LzoError extends Error {
  override readonly name = "LzoError";
}

class Decoder {
  readonly #source: Uint8Array;
  readonly #target: Uint8Array;
  #from = 0;
  #to = 0;

  constructor(source: Uint8Array, target: Uint8Array) {
    this.#source = source;
    this.#target = target;
  }

  run(): number {
    let state = this.#first();
    for (;;) {
      const code = this.#byte();
      if (code < 16 && state === 0) {
        this.#literals(3 + this.#length(code, 15));
        state = 4;
        continue;
      }
      const next = this.#match(code, state);
      if (next < 0) break;
      state = next;
    }
    if (this.#from !== this.#source.length) throw new LzoError("something follows the end of a block");
    return this.#to;
  }

  /** A block may begin with bytes as they are. */
  #first(): number {
    const code = this.#source[0] ?? 0;
    if (code <= 17) return 0;
    this.#from = 1;
    const count = code - 17;
    this.#literals(count);
    return count < 4 ? count : 4;
  }

  /** Copies one match and the bytes behind it. Returns their number, or -1 at the end of the block. */
  #match(code: number, state: number): number {
    if (code >= 64) {
      const distance = (this.#byte() << 3) + ((code >> 2) & 7) + 1;
      return this.#copy(distance, (code >> 5) + 1, code & 3);
    }
    if (code >= 32) {
      const length = 2 + this.#length(code & 31, 31);
      const low = this.#word();
      return this.#copy((low >> 2) + 1, length, low & 3);
    }
    if (code >= 16) {
      const length = 2 + this.#length(code & 7, 7);
      const low = this.#word();
      const distance = 16_384 + ((code & 8) << 11) + (low >> 2);
      return distance === 16_384 ? this.#end(length) : this.#copy(distance, length, low & 3);
    }
    const distance = (this.#byte() << 2) + (code >> 2) + 1;
    return state === 4 ? this.#copy(distance + 2048, 3, code & 3) : this.#copy(distance, 2, code & 3);
  }

  #end(length: number): -1 {
    if (length !== 3) throw new LzoError("the end mark is malformed");
    return -1;
  }

  /** A length that fills its bits goes on in bytes: every 0 is 255 more. */
  #length(bits: number, full: number): number {
    if (bits !== 0) return bits;
    let length = full;
    for (;;) {
      const byte = this.#byte();
      if (byte !== 0) return length + byte;
      length += 255;
    }
  }

  #byte(): number {
    const byte = this.#source[this.#from];
    if (byte === undefined) throw new LzoError("a block ends too soon");
    this.#from += 1;
    return byte;
  }

  #word(): number {
    return this.#byte() | (this.#byte() << 8);
  }

  #copy(distance: number, length: number, literals: number): number {
    const target = this.#target;
    let from = this.#to - distance;
    if (from < 0) throw new LzoError("a match lies before the block");
    if (this.#to + length > target.length) throw new LzoError("a block is longer than it says");
    // Byte by byte, for a match may overlap what it makes.
    for (const stop = this.#to + length; this.#to < stop; this.#to += 1) {
      target[this.#to] = target[from] ?? 0;
      from += 1;
    }
    this.#literals(literals);
    return literals;
  }

  #literals(count: number): void {
    if (this.#from + count > this.#source.length) throw new LzoError("a block ends too soon");
    if (this.#to + count > this.#target.length) throw new LzoError("a block is longer than it says");
    this.#target.set(this.#source.subarray(this.#from, this.#from + count), this.#to);
    this.#from += count;
    this.#to += count;
  }
}

/**
 * Decompresses one block.
 * @param bytes how many it holds decompressed.
 * @throws LzoError when it is damaged or holds another number of bytes.
 */
export function decompressLzo1x(block: Uint8Array, bytes: number): Uint8Array {
  const target = new Uint8Array(bytes);
  const written = new Decoder(block, target).run();
  if (written !== bytes) throw new LzoError(`a block holds ${written} bytes and says ${bytes}`);
  return target;
}
