import type { FileHandle } from "node:fs/promises";
import type { ByteStream } from "../std/bytes.ts";

/** One system call for some sixteen sealed chunks. */
const BUFFER_BYTES = 1_048_576;
/** A piece as large as this is worth a system call of its own, and no copy. */
const DIRECT_BYTES = 131_072;

/**
 * Writes a stream at the handle's position, gathering small pieces.
 * @returns how many bytes were written.
 */
export async function writePieces(handle: Pick<FileHandle, "write">, body: ByteStream): Promise<number> {
  let buffer: Buffer | undefined;
  let filled = 0;
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (buffer !== undefined) await writeWhole(handle, buffer.subarray(0, filled));
    filled = 0;
  };
  for await (const piece of body) {
    bytes += piece.length;
    if (piece.length >= DIRECT_BYTES || filled + piece.length > BUFFER_BYTES) await flush();
    if (piece.length >= DIRECT_BYTES) {
      await writeWhole(handle, piece);
      continue;
    }
    buffer ??= Buffer.allocUnsafeSlow(BUFFER_BYTES);
    buffer.set(piece, filled);
    filled += piece.length;
  }
  await flush();
  return bytes;
}

/** A full disk may take a part before it refuses: `write` says how much it took. */
async function writeWhole(handle: Pick<FileHandle, "write">, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at);
    at += bytesWritten;
  }
}
