import type { FileHandle } from "node:fs/promises";
import type { ByteStream } from "../std/bytes.ts";

/** One system call for some sixteen sealed chunks. */
const BUFFER_BYTES = 1_048_576;

/**
 * Writes a stream at the handle's position, gathering small pieces.
 * @returns how many bytes were written.
 */
export async function writePieces(handle: Pick<FileHandle, "write">, body: ByteStream): Promise<number> {
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let filled = 0;
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (filled + piece.length > BUFFER_BYTES) {
      await writeWhole(handle, buffer.subarray(0, filled));
      filled = 0;
    }
    if (piece.length >= BUFFER_BYTES) {
      await writeWhole(handle, piece);
      continue;
    }
    buffer.set(piece, filled);
    filled += piece.length;
  }
  await writeWhole(handle, buffer.subarray(0, filled));
  return bytes;
}

/** A full disk may take a part before it refuses: `write` says how much it took. */
async function writeWhole(handle: Pick<FileHandle, "write">, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at);
    at += bytesWritten;
  }
}
