/** Bytes move as pulled pieces: back-pressure is the language's, cleanup is `finally`, cancel is `return()`. */
export type ByteStream = AsyncIterable<Uint8Array>;

/**
 * Joins pieces into one array.
 * @param pieces the parts in order; a single part is returned as it is, without a copy.
 */
export function concatBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Reads a stream to its end into one array. For small objects only: manifests, key files. */
export async function readAll(source: ByteStream): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return concatBytes(pieces);
}

/** One array as a stream of one piece. */
export async function* streamOf(...pieces: readonly Uint8Array[]): ByteStream {
  for (const piece of pieces) yield piece;
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Decodes UTF-8; malformed input becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/**
 * Frees the memory of an array nobody needs any more, now instead of at some later collection: large buffers pile up to
 * 64 MiB a thread before one is worth it. The array, and every other view of its memory, is empty afterwards. A small
 * piece of a larger pool that others share is left alone.
 */
export function releaseBytes(bytes: Uint8Array): void {
  const { buffer } = bytes;
  const isOwn = bytes.byteLength === buffer.byteLength || buffer.byteLength > Buffer.poolSize;
  if (isOwn && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
