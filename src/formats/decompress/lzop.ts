// The container of lzop: a header, then blocks of at most 256 KiB, each with checksums; all numbers big-endian. Source:
// what lzop 1.04 writes and its manual page describes.
//
//   magic 9 · version 2 · library 2 · needed 2 · method 1 · level 1 · flags 4 · [filter 4] · mode 4 · mtime 8
//   · name 1+n · checksum 4 · [extra 4+n · checksum 4]
//   block: bytes 4 (0 ends the member) · stored 4 · [adler32 4] [crc32 4] of the bytes · the same of the stored · data
import { crc32 } from "node:zlib";
import { ShellError } from "../../errors.ts";
import { ByteReader } from "../../std/byte-reader.ts";
import { bytesEqual, concatBytes, type ByteStream } from "../../std/bytes.ts";
import { notCompressed } from "./decompress.ts";
import { decompressLzo1x } from "./lzo1x.ts";

const MAGIC = Uint8Array.of(0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a);
const FLAGS = {
  adlerPlain: 0x1,
  adlerStored: 0x2,
  extra: 0x40,
  crcPlain: 0x100,
  crcStored: 0x200,
  filter: 0x800,
  crcHeader: 0x1000,
};
/** Versions before have no level, no needed version and half of the time. */
const MODERN = 0x0940;
/** lzop's own bound; anything above is damage. */
const BLOCK_BYTES_MAX = 64 * 1024 * 1024;

export async function* unlzop(source: ByteStream, label: string): ByteStream {
  const reader = new ByteReader(source);
  for (let members = 0; ; members += 1) {
    const magic = await reader.read(MAGIC.length);
    if (magic.length === 0 && members > 0) return;
    if (!bytesEqual(magic, MAGIC)) {
      throw notCompressed(
        label,
        "LZOP",
        members === 0 ? "it does not begin as one does" : "something else follows its end",
      );
    }
    yield* new Member(reader, label).blocks();
  }
}

class Member {
  readonly #reader: ByteReader;
  readonly #label: string;
  /** What the header's checksum is over; absent behind it. */
  #header: Uint8Array[] | undefined = [];

  constructor(reader: ByteReader, label: string) {
    this.#reader = reader;
    this.#label = label;
  }

  async *blocks(): ByteStream {
    const flags = await this.#flags();
    for (;;) {
      const plainBytes = await this.#number(4);
      if (plainBytes === 0) return;
      const storedBytes = await this.#number(4);
      if (plainBytes > BLOCK_BYTES_MAX || storedBytes > plainBytes)
        throw this.#damaged("a block's length is impossible");
      const plainSums = await this.#sums(flags, FLAGS.adlerPlain, FLAGS.crcPlain);
      const isStored = storedBytes === plainBytes;
      const storedSums = isStored ? [] : await this.#sums(flags, FLAGS.adlerStored, FLAGS.crcStored);
      const stored = await this.#read(storedBytes);
      for (const sum of storedSums) this.#check(sum, stored);
      const plain = isStored ? stored : this.#decompress(stored, plainBytes);
      for (const sum of plainSums) this.#check(sum, plain);
      yield plain;
    }
  }

  async #flags(): Promise<number> {
    const version = await this.#number(2);
    const isModern = version >= MODERN;
    await this.#read(isModern ? 4 : 2);
    const method = await this.#number(1);
    if (method < 1 || method > 3) throw this.#damaged(`it is compressed by an unknown method (${method})`);
    if (isModern) await this.#read(1);
    const flags = await this.#number(4);
    if ((flags & FLAGS.filter) !== 0) {
      throw new ShellError("load/file", `${this.#label} was made with lzop's filter option, which COPY does not read`, {
        hint: "compress it again without --filter",
        note: "nothing was loaded",
      });
    }
    await this.#read(isModern ? 12 : 8);
    await this.#read(await this.#number(1));
    const header = concatBytes(this.#header ?? []);
    this.#header = undefined;
    const sum = await this.#number(4);
    if (sum !== ((flags & FLAGS.crcHeader) === 0 ? adler32(header) : crc32(header)))
      throw this.#damaged("its header's checksum is wrong");
    if ((flags & FLAGS.extra) !== 0) {
      await this.#read(await this.#number(4));
      await this.#read(4);
    }
    return flags;
  }

  async #sums(flags: number, adler: number, crc: number): Promise<readonly Sum[]> {
    const sums: Sum[] = [];
    if ((flags & adler) !== 0) sums.push({ of: adler32, value: await this.#number(4) });
    if ((flags & crc) !== 0) sums.push({ of: crc32, value: await this.#number(4) });
    return sums;
  }

  #check(sum: Sum, bytes: Uint8Array): void {
    if (sum.of(bytes) !== sum.value) throw this.#damaged("a block's checksum is wrong");
  }

  #decompress(stored: Uint8Array, bytes: number): Uint8Array {
    try {
      return decompressLzo1x(stored, bytes);
    } catch (thrown) {
      throw this.#damaged(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  async #read(bytes: number): Promise<Uint8Array> {
    const read = await this.#reader.read(bytes);
    if (read.length < bytes) throw this.#damaged("it ends too soon");
    this.#header?.push(read);
    return read;
  }

  async #number(bytes: number): Promise<number> {
    return (await this.#read(bytes)).reduce((number, byte) => number * 256 + byte, 0);
  }

  #damaged(why: string): ShellError {
    return notCompressed(this.#label, "LZOP", why);
  }
}

interface Sum {
  readonly of: (bytes: Uint8Array) => number;
  readonly value: number;
}

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (let at = 0; at < bytes.length;) {
    // So many bytes cannot overflow 32 bits (RFC 1950).
    for (const stop = Math.min(at + 3800, bytes.length); at < stop; at += 1) {
      a += bytes[at] ?? 0;
      b += a;
    }
    a %= 65_521;
    b %= 65_521;
  }
  return b * 65_536 + a;
}
