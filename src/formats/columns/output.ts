/** A growing piece of memory that rows are written into. */
export class Output {
  bytes: Uint8Array;
  /** How much of `bytes` counts. */
  length = 0;

  constructor(capacityBytes: number) {
    // What is not written yet is never read, so it need not be zeroed.
    this.bytes = Buffer.allocUnsafeSlow(capacityBytes);
  }

  /** Makes room for `more` bytes behind `length`. */
  reserve(more: number): void {
    const wanted = this.length + more;
    if (wanted <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(wanted, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length] = value;
    this.length += 1;
  }

  /** Copies bytes as they are. */
  raw(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    const { bytes } = this;
    let at = this.length;
    for (let from = start; from < end; from += 1) {
      bytes[at] = source[from] ?? 0;
      at += 1;
    }
    this.length = at;
  }

  /** Text of ASCII characters. */
  ascii(text: string): void {
    this.reserve(text.length);
    for (let at = 0; at < text.length; at += 1) this.bytes[this.length + at] = text.charCodeAt(at);
    this.length += text.length;
  }
}
