// AVRO object container files (Avro 1.11 specification, "Object Container Files"):
//
//   "Obj" 1 · metadata map (avro.schema, avro.codec) · sync 16 · blocks: records · bytes · data · sync 16
//
// A record becomes a JSON document, which finds its columns as JSON's do.
import avro from "avsc";
import { inflateRawSync, zstdDecompressSync } from "node:zlib";
import { snappyUncompress } from "hyparquet";
import { ShellError } from "../../errors.ts";
import { ByteReader } from "../../std/byte-reader.ts";
import { bytesEqual, textOf, type ByteStream } from "../../std/bytes.ts";
import type { RowWriter } from "../columns/row-writer.ts";
import { parseAvroSchema, recordToJson } from "./avro-values.ts";
import { DocumentRows, type DocumentMapping } from "./documents.ts";

const MAGIC = Uint8Array.of(0x4f, 0x62, 0x6a, 0x01);
/** Redshift's bounds are 1 MB for the header and 4 MB for a block; these only keep damage from taking all memory. */
const HEADER_BYTES_MAX = 16 * 1024 * 1024;
const BLOCK_BYTES_MAX = 256 * 1024 * 1024;

type Codec = (data: Uint8Array) => Uint8Array;

const CODECS: Readonly<Record<string, Codec>> = {
  null: (data) => data,
  deflate: (data) => inflateRawSync(data),
  // Behind a snappy block stand four bytes of checksum; in front of it, its length.
  snappy: (data) => {
    const output = new Uint8Array(snappyLength(data));
    snappyUncompress(data.subarray(0, -4), output);
    return output;
  },
  zstandard: (data) => zstdDecompressSync(data),
};

function snappyLength(data: Uint8Array): number {
  let length = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = data[at] ?? 0;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) break;
  }
  if (length > BLOCK_BYTES_MAX) throw new RangeError(`a block of ${length} bytes`);
  return length;
}

/** Records between two turns of whoever takes them. */
const RECORDS_AT_ONCE = 100;

export class AvroReader {
  readonly #writer: RowWriter;
  readonly #mapping: DocumentMapping;
  readonly #label: string;

  constructor(writer: RowWriter, mapping: DocumentMapping, label: string) {
    this.#writer = writer;
    this.#mapping = mapping;
    this.#label = label;
  }

  /** Reads one file into the writer; gives way now and then. */
  async *read(source: ByteStream): AsyncGenerator<void> {
    const rows = new DocumentRows(this.#writer, this.#mapping, this.#label);
    await using reader = new ByteReader(source);
    const header = await this.#header(reader);
    let line = 0;
    for (;;) {
      const count = await this.#long(reader, true);
      if (count === undefined) return;
      const data = await this.#block(reader, header);
      let offset = 0;
      for (let left = count; left > 0; left -= 1) {
        const decoded = this.#decoding(() => header.type.decode(data, offset));
        if (decoded.offset < 0) throw this.#unreadable("a block holds fewer records than it says");
        offset = decoded.offset;
        line += 1;
        const text = recordToJson(decoded.value);
        const bytes = Buffer.from(text);
        rows.row({ line, bytes, start: 0, end: bytes.length }, text);
        if (line % RECORDS_AT_ONCE === 0) yield;
      }
    }
  }

  async #header(reader: ByteReader): Promise<Header> {
    if (!bytesEqual(await reader.read(MAGIC.length), MAGIC)) throw this.#unreadable("it does not begin as one does");
    const metadata = new Map<string, Uint8Array>();
    for (let count = await this.#long(reader); count !== 0; count = await this.#long(reader)) {
      // A negative count is followed by the bytes of its part.
      if (count < 0) await this.#long(reader);
      for (let left = Math.abs(count); left > 0; left -= 1) {
        metadata.set(textOf(await this.#bytes(reader)), await this.#bytes(reader));
      }
    }
    const codecName = textOf(metadata.get("avro.codec") ?? Buffer.from("null"));
    const codec = CODECS[codecName];
    if (codec === undefined) throw this.#unreadable(`its codec ${JSON.stringify(codecName)} is not known here`);
    const type = this.#decoding(() => parseAvroSchema(textOf(metadata.get("avro.schema") ?? new Uint8Array(0))));
    if (type.typeName !== "record") throw this.#unreadable("its schema is not a record");
    return { type, codec, sync: await this.#exactly(reader, 16) };
  }

  async #block(reader: ByteReader, { codec, sync }: Header): Promise<Buffer> {
    const bytes = await this.#long(reader);
    if (bytes < 0 || bytes > BLOCK_BYTES_MAX) throw this.#unreadable("a block's length is impossible");
    const stored = await this.#exactly(reader, bytes);
    if (!bytesEqual(await this.#exactly(reader, 16), sync))
      throw this.#unreadable("a block's sync marker is another one");
    return Buffer.from(this.#decoding(() => codec(stored)));
  }

  /** A zig-zag number; `undefined` where the file ends instead, if it may. */
  async #long(reader: ByteReader): Promise<number>;
  async #long(reader: ByteReader, mayEnd: true): Promise<number | undefined>;
  async #long(reader: ByteReader, mayEnd = false): Promise<number | undefined> {
    let number = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const [byte] = await reader.read(1);
      if (byte === undefined && mayEnd && shift === 0n) return undefined;
      if (byte === undefined) throw this.#unreadable("it ends too soon");
      number |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return Number((number >> 1n) ^ -(number & 1n));
  }

  async #bytes(reader: ByteReader): Promise<Uint8Array> {
    const bytes = await this.#long(reader);
    if (bytes < 0 || bytes > HEADER_BYTES_MAX) throw this.#unreadable("its header's length is impossible");
    return this.#exactly(reader, bytes);
  }

  async #exactly(reader: ByteReader, bytes: number): Promise<Uint8Array> {
    const read = await reader.read(bytes);
    if (read.length < bytes) throw this.#unreadable("it ends too soon");
    return read;
  }

  #decoding<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw this.#unreadable(cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  #unreadable(why: string, cause?: unknown): ShellError {
    return new ShellError("load/file", `${this.#label} cannot be read as AVRO`, {
      detail: [why],
      note: "nothing was loaded",
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

interface Header {
  readonly type: avro.Type;
  readonly codec: Codec;
  readonly sync: Uint8Array;
}
