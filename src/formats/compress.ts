// What UNLOAD writes files through: gzip and zstd by node:zlib, bzip2 by its WebAssembly build, block by block: each
// block is a stream of its own, and bzip2 reads streams end to end as one file (bzip2 manual, 2, "DESCRIPTION").
import type { Transform } from "node:stream";
import { constants, createGzip, createZstdCompress } from "node:zlib";
import type { ByteStream } from "../std/bytes.ts";

export type Compression = "none" | "gzip" | "bzip2" | "zstd";

/** What is put behind a file's name. */
export const COMPRESSION_SUFFIX: Readonly<Record<Compression, string>> = {
  none: "",
  gzip: ".gz",
  bzip2: ".bz2",
  zstd: ".zst",
};

/** How many bytes of input may be held back by the compressor without a byte of output. */
export const HELD_BYTES: Readonly<Record<Compression, number>> = {
  none: 0,
  gzip: 262_144,
  bzip2: 1_048_576,
  zstd: 1_048_576,
};

const BZIP2_BLOCK_BYTES = 900_000;
const CHUNK_BYTES = 131_072;

/** Compresses a stream. A piece of the source is done with when the next one is pulled. */
export function compress(source: ByteStream, compression: Compression): ByteStream {
  switch (compression) {
    case "none":
      return source;
    case "gzip":
      return throughTransform(source, createGzip({ level: 1, chunkSize: CHUNK_BYTES }));
    case "zstd": {
      const params = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 };
      return throughTransform(source, createZstdCompress({ chunkSize: CHUNK_BYTES, params }));
    }
    case "bzip2":
      return bzip2(source);
  }
  return compression satisfies never;
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

async function* bzip2(source: ByteStream): ByteStream {
  const encode = await loadBzip2();
  const block = new Uint8Array(BZIP2_BLOCK_BYTES);
  let used = 0;
  let blocks = 0;
  for await (const piece of source) {
    for (let at = 0; at < piece.length;) {
      const taken = Math.min(block.length - used, piece.length - at);
      block.set(piece.subarray(at, at + taken), used);
      used += taken;
      at += taken;
      if (used < block.length) continue;
      yield encode(block);
      blocks += 1;
      used = 0;
    }
  }
  if (used > 0 || blocks === 0) yield encode(block.subarray(0, used));
}

/** libbz2's bound on what a block can grow to: 1 % and 600 bytes (bzip2 manual, BZ2_bzBuffToBuffCompress). */
const bzip2Room = (bytes: number): number => Math.ceil(bytes * 1.01) + 600;
const BZIP2_LEVEL = 9;

async function loadBzip2(): Promise<(bytes: Uint8Array) => Uint8Array> {
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
