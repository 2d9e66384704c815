// What Node decodes itself. Its zstd decoder loses bytes where two frames meet in one piece, so a file is cut at its
// frames (RFC 8878, 3.1) and each frame has a decoder of its own.
import { Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { ShellError } from "../../errors.ts";
import { ByteReader } from "../../std/byte-reader.ts";
import { concatBytes, streamOf, type ByteStream } from "../../std/bytes.ts";
import { notCompressed } from "./decompress.ts";

const CHUNK_BYTES = 256 * 1024;

export async function* gunzip(source: ByteStream, label: string): ByteStream {
  const reader = new ByteReader(source);
  const first = await reader.read(2);
  if (first[0] !== 0x1f || first[1] !== 0x8b) throw notCompressed(label, "GZIP", "it does not begin as one does");
  const whole = (async function* (): ByteStream {
    yield first;
    yield* rest(reader);
  })();
  yield* through(whole, createGunzip({ chunkSize: CHUNK_BYTES }), { label, clause: "GZIP" });
}

async function* rest(reader: ByteReader): ByteStream {
  for (let part = await reader.some(CHUNK_BYTES); part.length > 0; part = await reader.some(CHUNK_BYTES)) yield part;
}

async function* through(
  source: ByteStream,
  decoder: Transform,
  { label, clause }: { readonly label: string; readonly clause: string },
): ByteStream {
  const input = Readable.from(owned(source), { objectMode: false });
  input.on("error", (thrown) => decoder.destroy(thrown));
  input.pipe(decoder);
  try {
    for await (const piece of decoder as AsyncIterable<Uint8Array>) yield piece;
  } catch (thrown) {
    if (thrown instanceof ShellError || !isDecoderError(thrown)) throw thrown;
    throw notCompressed(label, clause, thrown.message, thrown);
  } finally {
    input.destroy();
    decoder.destroy();
  }
}

function isDecoderError(thrown: unknown): thrown is Error {
  return thrown instanceof Error && "code" in thrown && /^(?:Z_|ZSTD_|ERR_)/u.test(String(thrown.code));
}

/** Streams keep what they are given; a source may use a piece's memory again. */
async function* owned(source: ByteStream): AsyncGenerator<Buffer> {
  for await (const piece of source) yield Buffer.from(piece);
}

const FRAME = 0xfd2fb528;
/** 0x184D2A50 to 0x184D2A5F: data for others. */
const SKIPPABLE = 0x184d2a5;

export async function* unzstd(source: ByteStream, label: string): ByteStream {
  const reader = new ByteReader(source);
  const cut: FrameReading = { reader, label };
  for (let frames = 0; ; frames += 1) {
    const magic = await reader.read(4);
    if (magic.length === 0 && frames > 0) return;
    const number = magic.length < 4 ? 0 : viewOf(magic).getUint32(0, true);
    if (number >>> 4 === SKIPPABLE) await skip(cut);
    else if (number === FRAME) {
      yield* through(frame(cut, magic), createZstdDecompress({ chunkSize: CHUNK_BYTES }), { label, clause: "ZSTD" });
    } else if (frames === 0) throw notCompressed(label, "ZSTD", "it does not begin as one does");
    else throw notCompressed(label, "ZSTD", "something else follows a frame");
  }
}

interface FrameReading {
  readonly reader: ByteReader;
  readonly label: string;
}

async function skip(cut: FrameReading): Promise<void> {
  for await (const _ of bytesOf(cut, viewOf(await exactly(cut, 4)).getUint32(0, true))) continue;
}

const DICTIONARY_BYTES = [0, 1, 2, 4];
const SIZE_BYTES = [0, 2, 4, 8];

/** One frame, as it stands. */
async function* frame(cut: FrameReading, magic: Uint8Array): ByteStream {
  const descriptor = await exactly(cut, 1);
  const flags = descriptor[0] ?? 0;
  const isSingleSegment = (flags & 0x20) !== 0;
  const sizeBytes = flags >>> 6 === 0 ? (isSingleSegment ? 1 : 0) : (SIZE_BYTES[flags >>> 6] ?? 0);
  const headerBytes = (isSingleSegment ? 0 : 1) + (DICTIONARY_BYTES[flags & 3] ?? 0) + sizeBytes;
  yield concatBytes([magic, descriptor, await exactly(cut, headerBytes)]);
  for (let isLast = false; !isLast;) {
    const header = await exactly(cut, 3);
    const bits = (header[0] ?? 0) | ((header[1] ?? 0) << 8) | ((header[2] ?? 0) << 16);
    isLast = (bits & 1) === 1;
    yield header;
    // A block of one repeated byte holds that byte only.
    const isRepeated = ((bits >>> 1) & 3) === 1;
    yield* bytesOf(cut, isRepeated ? 1 : bits >>> 3);
  }
  if ((flags & 4) !== 0) yield await exactly(cut, 4);
}

async function exactly(cut: FrameReading, bytes: number): Promise<Uint8Array> {
  const read = await cut.reader.read(bytes);
  if (read.length < bytes) throw notCompressed(cut.label, "ZSTD", "it ends within a frame");
  return read;
}

async function* bytesOf(cut: FrameReading, bytes: number): ByteStream {
  for (let left = bytes; left > 0;) {
    const part = await cut.reader.some(left);
    if (part.length === 0) throw notCompressed(cut.label, "ZSTD", "it ends within a frame");
    left -= part.length;
    yield* streamOf(part);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
