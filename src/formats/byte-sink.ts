const FIRST_BYTES = 320 * 1024;

/** Bytes that grow at their end. `bytes` is replaced when it has to grow: read it again after every `reserve`. */
export class ByteSink {
  bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  used = 0;

  /** Makes room for as many more bytes and gives the array, whose first `used` are taken. */
  reserve(more: number): Uint8Array {
    const needed = this.used + more;
    if (needed > this.bytes.length) {
      const longer = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
      longer.set(this.bytes.subarray(0, this.used));
      this.bytes = longer;
    }
    return this.bytes;
  }

  append(piece: Uint8Array): void {
    this.reserve(piece.length).set(piece, this.used);
    this.used += piece.length;
  }

  /** What was gathered, as an array of its own; the sink starts afresh with the memory it has. */
  copy(): Uint8Array {
    const copied = this.bytes.slice(0, this.used);
    this.used = 0;
    return copied;
  }

  /** What was gathered; the sink starts afresh with memory of its own, so the bytes stay as they are. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.used);
    this.bytes = new Uint8Array(FIRST_BYTES);
    this.used = 0;
    return taken;
  }
}
