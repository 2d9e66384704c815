// What UNLOAD's files are compressed with. gzip and bzip2 pack a file's pieces apart, in any thread, as blocks of one gzip
// member and as bzip2 streams, which bzip2 reads end to end as one file (bzip2 manual, 2, "DESCRIPTION"). zstd is one
// frame over the whole file: not every reader goes on to a second one.
import type { Transform } from "node:stream";
import { constants, createZstdCompress } from "node:zlib";
import { concatBytes, type ByteStream } from "../std/bytes.ts";
import { deflateBlock, GZIP_FRAME_BYTES, GzipMember } from "./gzip-blocks.ts";

export type Compression = "none" | "gzip" | "bzip2" | "zstd";

/** What is put behind a file's name. */
export const COMPRESSION_SUFFIX: Readonly<Record<Compression, string>> = {
  none: "",
  gzip: ".gz",
  bzip2: ".bz2",
  zstd: ".zst",
};

/** A part of a file: `packed` where its compression packs parts apart. */
export interface FilePiece {
  readonly plain: Uint8Array;
  readonly packed?: Uint8Array;
}

/** How many bytes a file can come to have beyond those of its pieces as they are packed, or plain. */
export const HELD_BYTES: Readonly<Record<Compression, number>> = {
  none: 0,
  gzip: GZIP_FRAME_BYTES,
  bzip2: 0,
  zstd: 1_048_576,
};

const BZIP2_BLOCK_BYTES = 900_000;
const CHUNK_BYTES = 131_072;

export type Pack = (plain: Uint8Array) => Uint8Array;

/** What packs the pieces of files apart; `undefined` for a compression that does not. */
export async function openPacker(compression: Compression): Promise<Pack | undefined> {
  switch (compression) {
    case "none":
    case "zstd":
      return undefined;
    case "gzip":
      return deflateBlock;
    case "bzip2":
      return bzip2Packer();
  }
  return compression satisfies never;
}

/** The bytes of a file. A piece is done with when the next one is pulled. */
export function joinPieces(pieces: AsyncIterable<FilePiece>, compression: Compression): ByteStream {
  switch (compression) {
    case "none":
      return plainOf(pieces);
    case "gzip":
      return gzipMember(pieces);
    case "zstd": {
      const params = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 };
      return throughTransform(plainOf(pieces), createZstdCompress({ chunkSize: CHUNK_BYTES, params }));
    }
    case "bzip2":
      return packedOf(pieces);
  }
  return compression satisfies never;
}

async function* plainOf(pieces: AsyncIterable<FilePiece>): ByteStream {
  for await (const { plain } of pieces) yield plain;
}

async function* packedOf(pieces: AsyncIterable<FilePiece>): ByteStream {
  for await (const { plain, packed = plain } of pieces) yield packed;
}

async function* gzipMember(pieces: AsyncIterable<FilePiece>): ByteStream {
  const member = new GzipMember();
  let isBegun = false;
  for await (const { plain, packed = deflateBlock(plain) } of pieces) {
    member.add(plain);
    if (!isBegun) yield member.header;
    isBegun = true;
    yield packed;
  }
  if (!isBegun) yield member.header;
  yield member.end();
}

async function* throughTransform(source: ByteStream, transform: Transform): ByteStream {
  const feeding = feed(source, transform);
  // Seen where it is awaited; until then the stream's own end tells of it.
  feeding.catch((thrown: unknown) => transform.destroy(thrown instanceof Error ? thrown : new Error(String(thrown))));
  try {
    for await (const piece of transform) yield piece as Uint8Array;
    await feeding;
  } finally {
    transform.destroy();
    await feeding.catch(() => undefined);
  }
}

async function feed(source: ByteStream, transform: Transform): Promise<void> {
  for await (const piece of source) {
    await new Promise<void>((resolve, reject) => {
      const abandoned = (): void => reject(new Error("the compressor was abandoned"));
      transform.once("close", abandoned);
      transform.write(piece, (error) => {
        transform.off("close", abandoned);
        if (error === null || error === undefined) resolve();
        else reject(error);
      });
    });
  }
  transform.end();
}

async function bzip2Packer(): Promise<Pack> {
  const encode = await loadBzip2();
  return (plain) => {
    const streams: Uint8Array[] = [];
    for (let at = 0; at < plain.length; at += BZIP2_BLOCK_BYTES) {
      streams.push(encode(plain.subarray(at, at + BZIP2_BLOCK_BYTES)));
    }
    return concatBytes(streams);
  };
}

/** libbz2's bound on what a block can grow to: 1 % and 600 bytes (bzip2 manual, BZ2_bzBuffToBuffCompress). */
const bzip2Room = (bytes: number): number => Math.ceil(bytes * 1.01) + 600;
const BZIP2_LEVEL = 9;

async function loadBzip2(): Promise<Pack> {
  const { default: BZip2 } = await import("bzip2-wasm");
  const encoder = new BZip2();
  // Its loader leaves CommonJS names among the globals.
  const held = new Map(
    ["require", "__dirname"].map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]),
  );
  await encoder.init();
  for (const [name, property] of held) {
    if (property === undefined) Reflect.deleteProperty(globalThis, name);
    else Object.defineProperty(globalThis, name, property);
  }
  return (bytes) => encoder.compress(bytes, BZIP2_LEVEL, bzip2Room(bytes.length));
}
