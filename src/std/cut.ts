import type { ByteStream } from "./bytes.ts";

/**
 * Cuts a stream into pieces of exactly `pieceBytes`. The last piece is always shorter, and empty when the length is
 * a multiple, so a consumer knows the end by the piece itself. Each piece is valid until the next pull: the buffer
 * that joins source pieces is used again.
 */
export async function* cut(source: ByteStream, pieceBytes: number): ByteStream {
  const held = new Uint8Array(pieceBytes);
  let filled = 0;
  for await (const piece of source) {
    let at = 0;
    if (filled > 0) {
      at = Math.min(pieceBytes - filled, piece.length);
      held.set(piece.subarray(0, at), filled);
      filled += at;
      if (filled < pieceBytes) continue;
      yield held;
      filled = 0;
    }
    for (; piece.length - at >= pieceBytes; at += pieceBytes) yield piece.subarray(at, at + pieceBytes);
    filled = piece.length - at;
    held.set(piece.subarray(at));
  }
  yield held.subarray(0, filled);
}
