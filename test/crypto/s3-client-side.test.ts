import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { DataKey } from "../../src/crypto/data-key.ts";
import { openEnvelope, parseMasterKey, sealEnvelope } from "../../src/crypto/s3-client-side.ts";
import {
  hasEnvelope,
  instructionKey,
  isInstructionKey,
  parseEnvelope,
  parseInstruction,
  printEnvelope,
  printInstruction,
} from "../../src/crypto/s3-envelope.ts";
import { hexOf, readAll, streamOf, type ByteStream } from "../../src/std/bytes.ts";
import { readVectors } from "../harness/byte-vectors.ts";

const MASTER_TEXT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const METADATA = {
  "x-amz-key": "o37fP5dauu+Te2LHjVuxV5dLQSc45Q9Fx/nbJUE/J0ufO3UEkm+L024xGOkDpM1K",
  "x-amz-iv": "oKGio6SlpqeoqaqrrK2urw==",
};
const iv = Buffer.from("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf", "hex");

function keyFrom(first: number): DataKey {
  return DataKey.take(Uint8Array.from({ length: 32 }, (_, index) => first + index));
}

function seal(plain: Uint8Array, plainBytes: number = plain.length): ReturnType<typeof sealEnvelope> {
  return sealEnvelope(inPieces(plain, 777), keyFrom(0), { contentKey: keyFrom(0x40), iv, plainBytes });
}

async function* inPieces(bytes: Uint8Array, pieceBytes: number): ByteStream {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

function open(
  stored: Uint8Array,
  metadata: Record<string, string> = METADATA,
  master = keyFrom(0),
): Promise<Uint8Array> {
  return readAll(openEnvelope(inPieces(stored, 999), parseEnvelope(metadata, "part"), master, "part"));
}

describe("known answers", () => {
  for (const vector of readVectors("crypto/s3-client-side.txt")) {
    it(vector.name, async () => {
      const plain = vector.hex("plain-hex");
      const { envelope, body } = seal(plain);
      const stored = await readAll(body);
      assert.equal(hexOf(stored), vector.text("stored"));
      if (vector.has("stored-sha256"))
        assert.equal(createHash("sha256").update(stored).digest("hex"), vector.text("stored-sha256"));
      const metadata = printEnvelope(envelope);
      assert.deepEqual(metadata, {
        ...METADATA,
        "x-amz-matdesc": "{}",
        "x-amz-unencrypted-content-length": String(plain.length),
      });
      assert.equal(hexOf(await open(stored, metadata)), vector.text("plain-hex"));
      assert.equal(hexOf(await open(stored)), vector.text("plain-hex"), "key and iv are enough");
    });
  }

  it("a stream of 1000003 bytes in any pieces", async () => {
    const plain = Uint8Array.from({ length: 1_000_003 }, (_, index) => index % 251);
    const stored = Buffer.from(await readAll(seal(plain).body));
    assert.equal(stored.length, 1_000_016);
    assert.equal(stored.subarray(0, 16).toString("hex"), "acc0871ad671cfd1e0039038f8e5182c");
    assert.equal(stored.subarray(-16).toString("hex"), "79b2dd9a2a9f9790586dd0e577700be7");
    assert.equal(
      createHash("sha256").update(stored).digest("hex"),
      "ff52cfeb44c5b3ddf8903acb0b2714b841410c215eabdb2330d31244c81ff83e",
    );
    assert.deepEqual(Buffer.from(await open(stored)), Buffer.from(plain));
  });
});

describe("what does not open", () => {
  const plain = Buffer.from("1|Ada\n2|Grace\n3|Zoë and more\n");
  const stored = async (): Promise<Uint8Array> => Uint8Array.from(await readAll(seal(plain).body));

  it("another master key, every time", async () => {
    const body = await stored();
    for (let trial = 0; trial < 600; trial += 1)
      await assert.rejects(open(body, METADATA, DataKey.generate()), {
        code: "key/mismatch",
        message: "the master symmetric key does not open part",
      });
  });

  it("metadata that is missing or malformed, each with its own words", () => {
    const cases: readonly [Record<string, string>, string, string][] = [
      [{}, "key/not-encrypted", "part is not client-side encrypted"],
      [{ "x-amz-key": METADATA["x-amz-key"] }, "integrity/missing", "part has no x-amz-iv metadata"],
      [{ "x-amz-iv": METADATA["x-amz-iv"] }, "integrity/missing", "part has no x-amz-key metadata"],
      [
        { ...METADATA, "x-amz-key": "A".repeat(42) + "A=" },
        "integrity/tampered",
        "x-amz-key of part has 32 bytes instead of 48",
      ],
      [
        { ...METADATA, "x-amz-key": METADATA["x-amz-key"].replaceAll("/", "_") },
        "integrity/tampered",
        "x-amz-key of part is not standard base64",
      ],
      [{ ...METADATA, "x-amz-iv": "oKGi" }, "integrity/tampered", "x-amz-iv of part has 3 bytes instead of 16"],
      [
        { ...METADATA, "x-amz-unencrypted-content-length": "-1" },
        "integrity/tampered",
        "x-amz-unencrypted-content-length of part is not a number of bytes",
      ],
      [
        { ...METADATA, "x-amz-key-v2": "x" },
        "engine/unsupported",
        "part has the second S3 client-side envelope (x-amz-key-v2)",
      ],
      [
        { "x-amz-c": "115", "x-amz-3": "x", "x-amz-d": "x", "x-amz-i": "x", "x-amz-w": "02" },
        "engine/unsupported",
        "part has the third S3 client-side envelope (x-amz-3)",
      ],
      [
        // Its key is beside it, in an instruction file.
        { "x-amz-c": "115", "x-amz-d": "x", "x-amz-i": "x" },
        "engine/unsupported",
        "part has the third S3 client-side envelope (x-amz-c)",
      ],
    ];
    for (const [metadata, code, message] of cases) {
      assert.throws(() => parseEnvelope(metadata, "part"), { code, message });
      assert.equal(hasEnvelope(metadata), code !== "key/not-encrypted", message);
    }
  });

  it("a body cut inside a block, to nothing, or at a block", async () => {
    const body = await stored();
    const known = { ...METADATA, "x-amz-unencrypted-content-length": String(plain.length) };
    for (const bytes of [0, 5, 17, body.length - 1])
      await assert.rejects(open(body.subarray(0, bytes)), {
        code: "integrity/truncated",
        message: "part ends too soon",
      });
    await assert.rejects(open(body.subarray(0, 16)), {
      code: "integrity/tampered",
      message: "the end of part does not decrypt",
    });
    await assert.rejects(open(body.subarray(0, 16), known), { code: "integrity/truncated" });
  });

  it("a body whose padding was changed, or that is longer than the envelope says", async () => {
    const body = await stored();
    const changed = Uint8Array.from(body);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 0x55;
    await assert.rejects(open(changed), { code: "integrity/tampered" });
    const shorter = { ...METADATA, "x-amz-unencrypted-content-length": "20" };
    await assert.rejects(open(body, shorter), {
      code: "integrity/tampered",
      message: "part has another length than its envelope says",
    });
  });
});

describe("master key text", () => {
  it("44 characters, or 43 without the padding", () => {
    for (const text of [MASTER_TEXT, MASTER_TEXT.slice(0, 43)]) {
      const key = parseMasterKey(text);
      assert.ok(key.ok);
      assert.equal(key.value.reveal(hexOf), keyFrom(0).reveal(hexOf));
    }
  });

  it("anything else is refused without repeating it", () => {
    const complaints = [
      ["A".repeat(32), "the master symmetric key has 24 bytes, and AES-256 takes 32"],
      ["", "the master symmetric key has 0 bytes, and AES-256 takes 32"],
      [`${"A".repeat(40)}_-A=`, "the master symmetric key is in the url-safe base64 alphabet, not the standard one"],
      ["not base64 at all", "the master symmetric key is not base64"],
    ] as const;
    for (const [text, error] of complaints) assert.deepEqual(parseMasterKey(text), { ok: false, error });
  });
});

describe("metadata and instruction objects", () => {
  it("names come in any case", () => {
    const shouted = Object.fromEntries(Object.entries(METADATA).map(([name, value]) => [name.toUpperCase(), value]));
    assert.deepEqual(parseEnvelope(shouted, "part"), parseEnvelope(METADATA, "part"));
    assert.ok(hasEnvelope(shouted));
    assert.equal(hasEnvelope({ owner: "me" }), false);
  });

  it("an instruction object holds the same envelope", async () => {
    const { envelope } = sealEnvelope(streamOf(), keyFrom(0));
    assert.deepEqual(parseInstruction(printInstruction(envelope), "i"), {
      wrappedKey: Buffer.from(envelope.wrappedKey),
      iv: envelope.iv,
    });
    assert.equal(instructionKey("a/0000_part_00"), "a/0000_part_00.instruction");
    assert.ok(isInstructionKey("a.instruction"));
    assert.throws(() => parseInstruction("{", "i"), { code: "integrity/tampered", message: "i is not JSON" });
    assert.throws(() => parseInstruction("[]", "i"), { code: "integrity/tampered", message: "i is not a JSON object" });
  });

  it("every object has a content key and iv of its own", async () => {
    const bodies = [sealEnvelope(streamOf(), keyFrom(0)), sealEnvelope(streamOf(), keyFrom(0))];
    assert.notDeepEqual(bodies[0]?.envelope.iv, bodies[1]?.envelope.iv);
    assert.notDeepEqual(bodies[0]?.envelope.wrappedKey, bodies[1]?.envelope.wrappedKey);
  });
});
