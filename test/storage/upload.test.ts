import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ByteStream } from "../../src/std/bytes.ts";
import { growingPartBytes, PART_BYTES, type Part } from "../../src/storage/parts.ts";
import { uploadStream, type Upload } from "../../src/storage/upload.ts";

const MEBIBYTE = 1_048_576;
const GIBIBYTE = 1_073_741_824;

/** Counts what is held instead of sending it. */
class CountingUpload implements Upload {
  readonly partsInFlight = 4;
  readonly buffers = new Set<ArrayBufferLike>();
  readonly did: string[] = [];
  togetherMax = 0;
  failsAtPart = Infinity;
  #together = 0;

  partBytes(): number {
    return PART_BYTES;
  }

  async putWhole(bytes: Uint8Array): Promise<void> {
    this.did.push(`whole ${bytes.length}`);
  }

  async begin(): Promise<void> {
    this.did.push("begin");
  }

  async putPart(part: Part): Promise<void> {
    this.buffers.add(part.bytes.buffer);
    this.#together += 1;
    this.togetherMax = Math.max(this.togetherMax, this.#together);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    this.#together -= 1;
    if (part.number >= this.failsAtPart) throw new Error(`part ${part.number} was refused`);
  }

  async publish(): Promise<void> {
    this.did.push("publish");
  }

  async abandon(): Promise<void> {
    this.did.push(`abandon with ${this.#together} under way`);
    throw new Error("not even that");
  }
}

async function* flow(bytes: number, pieceBytes = MEBIBYTE): ByteStream {
  const piece = new Uint8Array(pieceBytes);
  for (let left = bytes; left > 0; left -= pieceBytes) yield left < pieceBytes ? piece.subarray(0, left) : piece;
}

describe("uploading a stream", () => {
  it("holds as much for a gibibyte as for five parts", async () => {
    const upload = new CountingUpload();
    assert.equal(await uploadStream(flow(GIBIBYTE), upload), GIBIBYTE);
    assert.ok(upload.togetherMax <= 4, `${upload.togetherMax} parts together`);
    assert.ok(upload.buffers.size <= 6, `${upload.buffers.size} buffers for 128 parts`);
    assert.deepEqual(upload.did, ["begin", "publish"]);
  });

  it("sends what fits one part whole", async () => {
    for (const bytes of [0, 1, PART_BYTES]) {
      const upload = new CountingUpload();
      await uploadStream(flow(bytes, 100_000), upload);
      assert.deepEqual(upload.did, [`whole ${bytes}`]);
    }
  });

  it("reports the first failure, waits for the other parts, and takes back what was begun", async () => {
    const upload = new CountingUpload();
    upload.failsAtPart = 3;
    await assert.rejects(uploadStream(flow(GIBIBYTE), upload), { message: "part 3 was refused" });
    assert.deepEqual(upload.did, ["begin", "abandon with 0 under way"]);
  });

  it("lets parts grow late, so that 10,000 of them hold 2 TiB", () => {
    const sizes = Array.from({ length: 10_000 }, (_, index) => growingPartBytes(index + 1));
    assert.ok(sizes.slice(0, 5000).every((size) => size === PART_BYTES));
    const whole = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(whole > 2 * 1024 * GIBIBYTE, `${whole}`);
    assert.ok(Math.max(...sizes) < 5 * GIBIBYTE, "the largest part S3 takes");
    assert.ok(sizes.every((size, index) => index === 0 || size >= (sizes[index - 1] ?? 0)));
  });
});
