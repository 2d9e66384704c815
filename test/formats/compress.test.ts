import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { crc32, gunzipSync, zstdDecompressSync } from "node:zlib";
import { joinPieces, openPacker, type Compression, type FilePiece } from "../../src/formats/compress.ts";
import { concatBytes, readAll, streamOf, type ByteStream } from "../../src/std/bytes.ts";

const DECOMPRESS: Readonly<Record<Compression, (bytes: Uint8Array) => Uint8Array>> = {
  none: (bytes) => bytes,
  gzip: (bytes) => gunzipSync(bytes),
  zstd: (bytes) => zstdDecompressSync(bytes),
  bzip2: (bytes) => execFileSync("bzip2", ["-dc"], { input: bytes, maxBuffer: 1 << 26 }),
};

/** One buffer that is written over for every piece, as sources are free to do. */
async function* reused(pieces: readonly Uint8Array[]): ByteStream {
  const buffer = new Uint8Array(Math.max(...pieces.map(({ length }) => length)));
  for (const piece of pieces) {
    buffer.set(piece);
    yield buffer.subarray(0, piece.length);
    buffer.fill(0x2a);
  }
}

/** As UNLOAD does it: pieces are packed apart where the compression does so. */
async function* compress(source: ByteStream, compression: Compression): ByteStream {
  const pack = await openPacker(compression);
  const pieces = async function* (): AsyncGenerator<FilePiece> {
    for await (const plain of source) yield pack === undefined ? { plain } : { plain, packed: pack(plain) };
  };
  yield* joinPieces(pieces(), compression);
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("compress", () => {
  for (const compression of ["none", "gzip", "zstd", "bzip2"] as const) {
    it(`${compression}: any pieces come back as they were`, async () => {
      const noise = [1, 899_999, 900_001, 65_536, 3].map((length) => randomBytes(length));
      const plain = [Buffer.from("a,b\n".repeat(500_000)), ...noise];
      const stored = [];
      for await (const piece of compress(reused(plain), compression)) stored.push(Uint8Array.from(piece));
      assert.equal(sha256(DECOMPRESS[compression](concatBytes(stored))), sha256(concatBytes(plain)));
    });

    // A bzip2 file is one stream at least, and UNLOAD writes no empty ones.
    it(
      `${compression}: nothing is a file of no bytes`,
      { skip: compression === "bzip2" && "runs for what packs nothing as nothing: bzip2 has a header" },
      async () => {
        assert.equal(DECOMPRESS[compression](await readAll(compress(streamOf(), compression))).length, 0);
      },
    );

    it(`${compression}: a source's failure is thrown, and one that is left is closed`, async () => {
      async function* failing(): ByteStream {
        yield Buffer.from("some");
        throw new Error("the source broke");
      }
      await assert.rejects(readAll(compress(failing(), compression)), /the source broke/);
      let closed = false;
      async function* endless(): ByteStream {
        try {
          for (;;) yield randomBytes(100_000);
        } finally {
          closed = true;
        }
      }
      for await (const _ of compress(endless(), compression)) break;
      assert.ok(closed);
    });
  }

  it("gzip: the blocks are one member, which says how long it is and ends in its checksum", async () => {
    const blocks = ["one,", "", "two,", "x".repeat(300_000)].map((text) => Buffer.from(text));
    const bytes = Buffer.from(await readAll(compress(streamOf(...blocks), "gzip")));
    const whole = Buffer.concat(blocks);
    assert.deepEqual([...bytes.subarray(0, 3)], [0x1f, 0x8b, 8]);
    assert.equal(bytes.indexOf(Buffer.from([0x1f, 0x8b, 8, 0]), 1), -1);
    assert.equal(bytes.readUInt32LE(bytes.length - 8), crc32(whole));
    assert.equal(bytes.readUInt32LE(bytes.length - 4), whole.length);
    assert.ok(execFileSync("gzip", ["-dc"], { input: bytes, maxBuffer: 1 << 24 }).equals(whole));
  });

  it("leaves no globals of bzip2's loader", async () => {
    await readAll(compress(streamOf(Buffer.from("x")), "bzip2"));
    assert.ok(!("__dirname" in globalThis) && !("require" in globalThis));
  });
});
