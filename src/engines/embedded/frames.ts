import { concatBytes } from "../../std/bytes.ts";

/** Backend messages that this engine looks at, by the byte that opens them (PostgreSQL manual, "Message Formats"). */
export const BACKEND = {
  notification: 0x41,
  commandComplete: 0x43,
  dataRow: 0x44,
  error: 0x45,
  copyInResponse: 0x47,
  notice: 0x4e,
  rowDescription: 0x54,
  readyForQuery: 0x5a,
  copyData: 0x64,
} as const;

/** Type byte plus a length of four bytes, which counts itself but not the type. */
export const FRAME_HEADER_BYTES = 5;

/** What a frame reader tells: the body is `bytes[start, end)`, valid during the call only. */
export type FrameVisitor = (type: number, bytes: Uint8Array, start: number, end: number) => void;

/** Cuts a stream of backend bytes into messages, whatever the pieces are. A message that lies whole in a piece is not copied. */
export class FrameReader {
  readonly #visit: FrameVisitor;
  #partial: Uint8Array[] = [];
  #partialBytes = 0;

  constructor(visit: FrameVisitor) {
    this.#visit = visit;
  }

  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    let at = this.#partialBytes > 0 ? this.#finishPartial(piece) : 0;
    while (at < piece.length) {
      const end = frameEnd(piece, at);
      if (end === undefined || end > piece.length) {
        this.#keep(piece.subarray(at));
        return;
      }
      this.#visit(byteAt(piece, at), piece, at + FRAME_HEADER_BYTES, end);
      at = end;
    }
  }

  /** Completes a message that earlier pieces began; returns how much of `piece` that took. */
  #finishPartial(piece: Uint8Array): number {
    let taken = 0;
    if (this.#partialBytes < FRAME_HEADER_BYTES) {
      taken = Math.min(FRAME_HEADER_BYTES - this.#partialBytes, piece.length);
      this.#keep(piece.subarray(0, taken));
      this.#partial = [concatBytes(this.#partial)];
      if (this.#partialBytes < FRAME_HEADER_BYTES) return taken;
    }
    const [first] = this.#partial;
    const length = first === undefined ? undefined : frameEnd(first, 0);
    if (length === undefined) return taken;
    const more = Math.min(length - this.#partialBytes, piece.length - taken);
    this.#keep(piece.subarray(taken, taken + more));
    if (this.#partialBytes === length) {
      const whole = concatBytes(this.#partial);
      this.#partial = [];
      this.#partialBytes = 0;
      this.#visit(byteAt(whole, 0), whole, FRAME_HEADER_BYTES, length);
    }
    return taken + more;
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#partial.push(new Uint8Array(bytes));
    this.#partialBytes += bytes.length;
  }
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function int32At(bytes: Uint8Array, at: number): number {
  return (
    (byteAt(bytes, at) << 24) | (byteAt(bytes, at + 1) << 16) | (byteAt(bytes, at + 2) << 8) | byteAt(bytes, at + 3)
  );
}

/** Offset just past the message at `at`; undefined while its header is not whole. */
function frameEnd(bytes: Uint8Array, at: number): number | undefined {
  if (bytes.length - at < FRAME_HEADER_BYTES) return undefined;
  return at + 1 + int32At(bytes, at + 1);
}
