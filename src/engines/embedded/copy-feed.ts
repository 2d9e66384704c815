import { asShellError } from "../../errors.ts";
import type { ByteStream } from "../../std/bytes.ts";
import type { CopyInput } from "./exchange.ts";

/** Smaller pieces of a source are gathered to this size: each one is a round trip between two threads. */
const PIECE_BYTES = 256 * 1024;

/** Gives the worker the data of each COPY … FROM STDIN as it asks for it. */
export class CopyFeed {
  #source: ByteStream | undefined;
  readonly #post: (input: CopyInput) => void;
  #copy = 0;
  #pieces: AsyncIterator<Uint8Array> | undefined;
  #failure: unknown;
  #aborted = false;
  #pulling: Promise<void> | undefined;

  constructor(source: ByteStream | undefined, post: (input: CopyInput) => void) {
    this.#source = source;
    this.#post = post;
  }

  /** The worker wants the next piece of the COPY it numbers `copy`. */
  supply(copy: number): void {
    this.#pulling = this.#supply(copy);
  }

  /** From here on every COPY is told to fail. */
  abort(): void {
    this.#aborted = true;
    if (this.#pulling !== undefined) this.#fail(this.#copy, "interrupted");
  }

  /** Lets go of a source that the server did not read to its end. */
  async close(): Promise<void> {
    const pieces = this.#pieces;
    this.#pieces = undefined;
    // A source that hangs in the middle of a pull cannot be waited for: it ends when its pull does.
    const closed = pieces?.return?.();
    if (this.#pulling === undefined) await closed;
  }

  /** Throws what the source threw: it says more than the server's echo of it. */
  throwFailure(): void {
    if (this.#failure !== undefined) throw asShellError(this.#failure);
  }

  async #supply(copy: number): Promise<void> {
    try {
      if (this.#aborted) return this.#fail(copy, "interrupted");
      if (copy !== this.#copy) {
        await this.close();
        this.#copy = copy;
        const source = this.#source;
        this.#source = undefined;
        if (source === undefined) return this.#fail(copy, "no data was given for COPY … FROM STDIN");
        this.#pieces = gather(source)[Symbol.asyncIterator]();
      }
      const piece = await this.#pieces?.next();
      if (this.#aborted) return;
      if (piece === undefined || piece.done === true) this.#post({ type: "end", copy });
      else this.#post({ type: "data", copy, bytes: piece.value });
    } catch (thrown) {
      this.#failure ??= thrown;
      this.#fail(copy, asShellError(thrown).message);
    } finally {
      this.#pulling = undefined;
    }
  }

  #fail(copy: number, reason: string): void {
    this.#post({ type: "fail", copy, reason });
  }
}

/** Pieces of at least PIECE_BYTES but for the last, each in memory of its own: what a source yields may be used again by it. */
async function* gather(source: ByteStream): AsyncGenerator<Uint8Array> {
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of source) {
    gathered.push(new Uint8Array(piece));
    bytes += piece.length;
    if (bytes < PIECE_BYTES) continue;
    yield Buffer.concat(gathered);
    gathered = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(gathered);
}
