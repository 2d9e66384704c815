import assert from "node:assert/strict";
import { createCipheriv, createHash, createSecretKey, randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import {
  CHUNK_BYTES,
  HEADER_BYTES,
  isSealed,
  openBytes,
  openStream,
  plainBytesOf,
  sealBytes,
  SealedFileError,
  sealStream,
  storedBytesOf,
  TAG_BYTES,
} from "../../src/crypto/cockroach-file.ts";
import { ShellError, type Code } from "../../src/errors.ts";
import { concatBytes, hexOf, readAll, streamOf, type ByteStream } from "../../src/std/bytes.ts";
import { readVectors } from "../harness/byte-vectors.ts";

const key = createSecretKey(Buffer.from(Array.from({ length: 32 }, (_, index) => index)));
const SEALED_CHUNK = CHUNK_BYTES + TAG_BYTES;
const BOUNDARIES = [
  0,
  1,
  CHUNK_BYTES - 1,
  CHUNK_BYTES,
  CHUNK_BYTES + 1,
  2 * CHUNK_BYTES - 1,
  2 * CHUNK_BYTES,
  2 * CHUNK_BYTES + 1,
];

/** The bytes in pieces of one size, so that no piece boundary is special. */
async function* inPieces(bytes: Uint8Array, pieceBytes: number): ByteStream {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** Opens both ways, as array and as stream, and insists that they agree. */
async function refusal(stored: Uint8Array, code: Code): Promise<SealedFileError> {
  let seen: unknown;
  assert.throws(
    () => openBytes(stored, key, "x"),
    (thrown: ShellError) => {
      seen = thrown;
      return thrown.code === code;
    },
  );
  await assert.rejects(readAll(openStream(inPieces(stored, 40_000), key, { label: "x" })), { code });
  assert.ok(seen instanceof SealedFileError);
  return seen;
}

function filler(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => index % 251);
}

describe("known answers", () => {
  for (const vector of readVectors("crypto/cockroach-file.txt")) {
    it(vector.name, async () => {
      const own = createSecretKey(vector.hex("key"));
      const plain = vector.bytes("plain");
      const stored = sealBytes(plain, own, vector.hex("iv"));
      const sha256 = createHash("sha256").update(stored).digest("hex");
      assert.equal(stored.length, vector.number("stored-bytes"));
      assert.equal(sha256.slice(0, 8), vector.text("checksum"));
      if (vector.has("stored")) assert.equal(hexOf(stored), vector.text("stored"));
      else assert.equal(sha256, vector.text("stored-sha256"));
      assert.deepEqual(await readAll(sealStream(inPieces(plain, 7777), own, vector.hex("iv"))), stored);
      assert.deepEqual(Buffer.from(openBytes(stored, own)), Buffer.from(plain));
      assert.equal(plainBytesOf(stored.length), plain.length);
      assert.equal(storedBytesOf(plain.length), stored.length);
    });
  }
});

describe("round trip at every boundary", () => {
  for (const bytes of [...BOUNDARIES, 300_000]) {
    it(`${bytes} bytes`, async () => {
      const plain = filler(bytes);
      const stored = await readAll(sealStream(inPieces(plain, 65_536 + 13), key));
      assert.ok(isSealed(stored));
      assert.deepEqual(Buffer.from(openBytes(stored, key)), Buffer.from(plain));
      for (const pieceBytes of [bytes < 100 ? 1 : 1021, 65_536, 1 << 20]) {
        const opened = await readAll(openStream(inPieces(stored, pieceBytes), key, { storedBytes: stored.length }));
        assert.deepEqual(Buffer.from(opened), Buffer.from(plain));
      }
    });
  }
});

describe("damage", () => {
  for (const bytes of BOUNDARIES) {
    it(`a flipped bit anywhere near a boundary of ${bytes} bytes is refused`, async () => {
      const stored = sealBytes(filler(bytes), key);
      const last = stored.length - 1;
      const spots = [
        HEADER_BYTES - 12,
        HEADER_BYTES - 1,
        HEADER_BYTES,
        HEADER_BYTES + SEALED_CHUNK - 1,
        HEADER_BYTES + SEALED_CHUNK,
        last - TAG_BYTES,
        last,
      ];
      for (const spot of spots.filter((at) => at <= last)) {
        const flipped = Uint8Array.from(stored);
        flipped[spot] = (flipped[spot] ?? 0) ^ 0x10;
        const error = await refusal(flipped, "integrity/tampered");
        assert.match(error.message, /^x fails authentication at chunk \d+ of \d+ \(byte offset \d+\)$/u);
      }
    });

    it(`a file of ${bytes} bytes cut anywhere is refused`, async () => {
      const stored = sealBytes(filler(bytes), key);
      const cuts = [
        3,
        7,
        8,
        HEADER_BYTES - 1,
        HEADER_BYTES,
        HEADER_BYTES + 1,
        HEADER_BYTES + TAG_BYTES - 1,
        HEADER_BYTES + SEALED_CHUNK - 1,
        HEADER_BYTES + SEALED_CHUNK,
        HEADER_BYTES + SEALED_CHUNK + 1,
        stored.length - TAG_BYTES,
        stored.length - 1,
      ];
      for (const length of cuts.filter((at) => at < stored.length)) {
        const body = length - HEADER_BYTES;
        // What is left of a chunk with room for a tag cannot be told from a changed one by the file alone.
        const mayHoldTag = body >= 0 && body % SEALED_CHUNK >= TAG_BYTES;
        await refusal(stored.subarray(0, length), mayHoldTag ? "integrity/tampered" : "integrity/truncated");
        const known = openStream(inPieces(stored.subarray(0, length), 5000), key, { storedBytes: stored.length });
        await assert.rejects(readAll(known), { code: "integrity/truncated" });
      }
    });

    it(`anything behind the end of ${bytes} bytes is refused`, async () => {
      const stored = sealBytes(filler(bytes), key);
      for (const extra of [1, TAG_BYTES, SEALED_CHUNK]) {
        await refusal(concatBytes([stored, new Uint8Array(extra)]), "integrity/tampered");
      }
    });
  }

  it("chunks that change places are refused at the first of them", async () => {
    const stored = sealBytes(filler(3 * CHUNK_BYTES), key);
    const at = (index: number): Uint8Array =>
      stored.slice(HEADER_BYTES + index * SEALED_CHUNK, HEADER_BYTES + (index + 1) * SEALED_CHUNK);
    const swapped = concatBytes([stored.subarray(0, HEADER_BYTES), at(0), at(2), at(1), at(3)]);
    const error = await refusal(swapped, "integrity/tampered");
    assert.equal(error.message, "x fails authentication at chunk 2 of 4 (byte offset 65572)");
    assert.equal(error.chunksOpened, 1);
  });

  it("a dropped chunk in the middle is refused", async () => {
    const stored = sealBytes(filler(3 * CHUNK_BYTES), key);
    const cutOut = concatBytes([
      stored.subarray(0, HEADER_BYTES + SEALED_CHUNK),
      stored.subarray(HEADER_BYTES + 2 * SEALED_CHUNK),
    ]);
    assert.equal((await refusal(cutOut, "integrity/tampered")).chunksOpened, 1);
  });

  it("another key opens no chunk and says that it may be the key", async () => {
    const stored = sealBytes(filler(10), createSecretKey(randomBytes(32)));
    const error = await refusal(stored, "integrity/tampered");
    assert.equal(error.chunksOpened, 0);
    assert.match(error.detail[0] ?? "", /^either the key is another one/u);
  });

  it("a whole file of another size than the recorded one is refused", async () => {
    const stored = sealBytes(filler(10), key);
    const opened = openStream(streamOf(stored), key, { label: "x", storedBytes: 99 });
    await assert.rejects(readAll(opened), {
      code: "integrity/tampered",
      message: "x is not the file that was recorded",
    });
  });
});

describe("streaming", () => {
  it("gives out nothing of a chunk that does not authenticate, and what came before it", async () => {
    const stored = sealBytes(filler(2 * CHUNK_BYTES + 5), key);
    stored[HEADER_BYTES + SEALED_CHUNK] = (stored[HEADER_BYTES + SEALED_CHUNK] ?? 0) ^ 1;
    let opened = 0;
    await assert.rejects(async () => {
      for await (const piece of openStream(inPieces(stored, 1000), key)) opened += piece.length;
    }, SealedFileError);
    assert.equal(opened, CHUNK_BYTES);
  });

  it("closes its source when the reader stops early, and when the header is wrong", async () => {
    let closed = 0;
    async function* watched(bytes: Uint8Array): ByteStream {
      try {
        yield* inPieces(bytes, 100);
      } finally {
        closed += 1;
      }
    }
    for await (const piece of openStream(watched(sealBytes(filler(200_000), key)), key)) {
      assert.equal(piece.length, CHUNK_BYTES);
      break;
    }
    assert.equal(closed, 1);
    await assert.rejects(readAll(openStream(watched(Buffer.from("plain text, nothing else")), key)), {
      code: "key/not-encrypted",
    });
    assert.equal(closed, 2);
  });

  it("passes on what its source throws", async () => {
    async function* failing(): ByteStream {
      yield sealBytes(filler(100), key).subarray(0, 60);
      throw new ShellError("storage/unavailable", "gone");
    }
    await assert.rejects(readAll(openStream(failing(), key)), { code: "storage/unavailable" });
    await assert.rejects(readAll(sealStream(failing(), key)), { code: "storage/unavailable" });
  });
});

describe("headers", () => {
  it("version 1, one message, is read", async () => {
    const iv = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, iv);
    const plain = filler(100_000);
    const stored = concatBytes([
      Buffer.from("encrypt\u0001"),
      iv,
      cipher.update(plain),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    assert.deepEqual(Buffer.from(openBytes(stored, key)), Buffer.from(plain));
    assert.deepEqual(Buffer.from(await readAll(openStream(inPieces(stored, 999), key))), Buffer.from(plain));
    stored[50] = (stored[50] ?? 0) ^ 1;
    await refusal(stored, "integrity/tampered");
    await refusal(stored.subarray(0, HEADER_BYTES + 15), "integrity/truncated");
  });

  it("a higher version is refused", () => {
    const stored = sealBytes(filler(1), key);
    stored[7] = 3;
    assert.throws(() => openBytes(stored, key, "x"), { code: "backup/version", message: "x has encryption version 3" });
  });

  it("what does not begin with the preamble is not encrypted, however short", () => {
    for (const text of ["x", "encrypx", "encryPt\u0002 and more than twenty bytes"]) {
      assert.throws(() => openBytes(Buffer.from(text), key), { code: "key/not-encrypted" });
      assert.equal(isSealed(Buffer.from(text)), false);
    }
  });

  it("sizes that no file has have no plaintext size", () => {
    for (const bytes of [0, 20, 35, HEADER_BYTES + SEALED_CHUNK, HEADER_BYTES + SEALED_CHUNK + 15])
      assert.equal(plainBytesOf(bytes), undefined);
    assert.equal(plainBytesOf(HEADER_BYTES + SEALED_CHUNK + 16), CHUNK_BYTES);
  });
});
