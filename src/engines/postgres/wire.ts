// The message layer of PostgreSQL's protocol (manual, "Message Formats"): one type byte, a length of four bytes that
// counts itself, a body. Bytes are pulled: between two calls of `more` nothing is read from the socket, so a slow
// reader slows the server down instead of filling memory.
import type { Duplex } from "node:stream";
import { ShellError } from "../../errors.ts";

const HEADER_BYTES = 5;
const EMPTY = Buffer.alloc(0);
const TERMINATE = Buffer.from("X\0\0\0\u0004", "latin1");
/** A read below this is a sign that the server sends faster in total than it wakes us for: worth waiting a moment. */
const SMALL_READ_BYTES = 128 * 1024;
const PACE_MS = 0.5;

/** `body` is a view into the read buffer: valid until the next call of `next` or `more`. */
export interface Message {
  /** The type byte as a character: "D" is a row. */
  readonly type: string;
  readonly body: Buffer;
}

/** Takes message bytes before they are split into messages, for COPY's sake. */
export interface Tap {
  /** Has no room: `feed` takes nothing more. */
  readonly full: boolean;
  /** Takes what it can from `from` on; returns where it stopped: at a message that is not its own, or at the end. */
  feed(chunk: Buffer, from: number): number;
}

export interface WireOptions {
  /** Wait a moment after small reads while a tap is on. Blocks the thread: for worker threads only. */
  readonly pace: boolean;
}

/** One connection's messages, after authentication. */
export class Wire {
  tap: Tap | undefined;
  readonly #stream: Duplex;
  readonly #paceCell: Int32Array | undefined;
  #chunk: Buffer = EMPTY;
  #at = 0;
  #partial: { bytes: Buffer; filled: number } | undefined;
  #failure: ShellError | undefined;
  #activity: PromiseWithResolvers<void> | undefined;

  /** The caller sees to it that bytes arrive at `receive` and that the stream is paused when it says false. */
  constructor(stream: Duplex, options: WireOptions) {
    this.#stream = stream;
    if (options.pace) this.#paceCell = new Int32Array(new SharedArrayBuffer(4));
    stream.on("error", (cause) => this.#fail(cause));
    stream.on("close", () => this.#fail(undefined));
    stream.on("end", () => this.#fail(undefined));
  }

  /** Whether so much is unsent that a writer should wait. */
  get congested(): boolean {
    return this.#stream.writableNeedDrain;
  }

  /** Whether anything sent is still on its way out of this process. */
  get unsent(): boolean {
    return this.#stream.writableLength > 0;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * Bytes from the server. False: keep `chunk` as it is and send nothing more until the stream is resumed.
   * A stream that does not obey loses nothing, but is then buffered here.
   */
  receive(chunk: Buffer): boolean {
    if (this.#at < this.#chunk.length) {
      this.#chunk = Buffer.concat([this.#chunk.subarray(this.#at), chunk]);
      this.#at = 0;
      return false;
    }
    this.#chunk = chunk;
    this.#at = 0;
    this.#feedTap();
    if (this.#at === chunk.length && this.tap?.full === false) {
      if (this.#paceCell !== undefined && chunk.length < SMALL_READ_BYTES) Atomics.wait(this.#paceCell, 0, 0, PACE_MS);
      return true;
    }
    this.#wakeUp();
    return false;
  }

  /** The next message that has wholly arrived, or undefined: then `more` waits for bytes. */
  next(): Message | undefined {
    if (this.#partial !== undefined) return this.#complete(this.#partial);
    this.#feedTap();
    if (this.tap?.full === true) return undefined;
    const left = this.#chunk.length - this.#at;
    if (left === 0) return undefined;
    const length = left < HEADER_BYTES ? HEADER_BYTES : this.#chunk.readUInt32BE(this.#at + 1) + 1;
    if (left < length || left < HEADER_BYTES) {
      this.#partial = { bytes: Buffer.allocUnsafe(length), filled: 0 };
      return this.#complete(this.#partial);
    }
    const start = this.#at;
    this.#at += length;
    return messageOf(this.#chunk.subarray(start, this.#at));
  }

  /** Waits until bytes have arrived or the unsent ones have gone out. @throws ShellError `engine/lost` */
  async more(): Promise<void> {
    if (this.#at < this.#chunk.length) return;
    if (this.#failure !== undefined) throw this.#failure;
    this.#activity ??= Promise.withResolvers();
    this.#stream.resume();
    await this.#activity.promise;
  }

  /** Sends the parts in one write where the system can. The parts must not change until they are sent. */
  send(...parts: readonly Uint8Array[]): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#stream.cork();
    for (const part of parts) this.#stream.write(part, () => this.#wakeUp());
    this.#stream.uncork();
  }

  /** Says goodbye and closes. */
  async end(): Promise<void> {
    if (this.#stream.destroyed) return;
    const closed = new Promise<void>((resolve) => {
      this.#stream.once("close", resolve);
    });
    if (this.congested) this.#stream.destroy();
    else this.#stream.end(TERMINATE, () => this.#stream.destroy());
    await closed;
  }

  /** Gives the connection up at once. */
  destroy(): void {
    this.#fail(undefined);
    this.#stream.destroy();
  }

  #feedTap(): void {
    if (this.tap === undefined || this.#partial !== undefined || this.#at === this.#chunk.length) return;
    this.#at = this.tap.feed(this.#chunk, this.#at);
  }

  /** Fills a message that began in an earlier chunk: first its header, which says how long it is. */
  #complete(partial: { bytes: Buffer; filled: number }): Message | undefined {
    for (;;) {
      const { bytes } = partial;
      const taken = this.#chunk.copy(bytes, partial.filled, this.#at);
      partial.filled += taken;
      this.#at += taken;
      if (partial.filled < bytes.length) return undefined;
      const length = bytes.readUInt32BE(1) + 1;
      if (length <= bytes.length) {
        this.#partial = undefined;
        return messageOf(bytes);
      }
      partial.bytes = Buffer.allocUnsafe(length);
      bytes.copy(partial.bytes);
    }
  }

  #fail(cause: Error | undefined): void {
    this.#failure ??= new ShellError("engine/lost", "the server closed the connection", {
      hint: "the server's log says why; connect again and repeat the statement",
      ...(cause === undefined ? {} : { cause, detail: [cause.message] }),
    });
    this.#wakeUp();
  }

  #wakeUp(): void {
    const activity = this.#activity;
    this.#activity = undefined;
    activity?.resolve();
  }
}

function messageOf(bytes: Buffer): Message {
  return { type: String.fromCharCode(bytes[0] ?? 0), body: bytes.subarray(HEADER_BYTES) };
}
