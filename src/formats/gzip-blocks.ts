// One gzip member made of blocks that were compressed apart, in whatever threads (RFC 1952; RFC 1951, 3.2.4):
//
//   1f 8b 08 00 00000000 00 ff    header: deflate, no name, no time, unknown system
//   deflated( block ) …           each ends at a byte with an empty stored block, as zlib's Z_SYNC_FLUSH writes it
//   03 00                         an empty last block
//   crc32, length modulo 2³²      of everything, uncompressed
//
// No block refers to bytes of the one before it, so each can be compressed without the others.
import { constants, crc32, deflateRawSync } from "node:zlib";

/**
 * zlib's fastest. On rows of numbers and dates files are a tenth longer than at gzip's own default, 6, for a fifth to a
 * third of the time.
 */
export const GZIP_LEVEL = 1;
const ROOM_BYTES = 64 * 1024;
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
const LAST_BLOCK = [3, 0] as const;
const TRAILER_BYTES = 10;
/** What a member has besides its blocks. */
export const GZIP_FRAME_BYTES: number = HEADER.length + TRAILER_BYTES;

/** A part of a member. */
export function deflateBlock(plain: Uint8Array): Uint8Array {
  return deflateRawSync(plain, {
    level: GZIP_LEVEL,
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: ROOM_BYTES + Math.ceil(plain.length / 2),
  });
}

/** What has to be known of the blocks of one member. */
export class GzipMember {
  readonly header: Uint8Array = HEADER;
  #crc = 0;
  #bytes = 0;

  /** Tells the member of its next block. */
  add(plain: Uint8Array): void {
    this.#crc = crc32(plain, this.#crc);
    this.#bytes += plain.length;
  }

  end(): Uint8Array {
    const trailer = new Uint8Array(TRAILER_BYTES);
    trailer.set(LAST_BLOCK);
    const view = new DataView(trailer.buffer);
    view.setUint32(2, this.#crc, true);
    view.setUint32(6, this.#bytes % 2 ** 32, true);
    return trailer;
  }
}
