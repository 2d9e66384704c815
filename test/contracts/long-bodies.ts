import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { readAll, type ByteStream } from "../../src/std/bytes.ts";
import type { ObjectStore } from "../../src/storage/store.ts";
import { keysOf } from "./object-listing.ts";

const MEBIBYTE = 1_048_576;
/** A body longer than this goes in parts. */
export const PART_BYTES = 8 * MEBIBYTE;
export const LARGE_BYTES = 3 * PART_BYTES + 12_345;
const PIECE = Uint8Array.from({ length: 100_003 }, (_, index) => (index * 7 + (index >> 8)) % 256);

/** A stream of the repeated piece. */
export async function* flow(bytes: number): ByteStream {
  for (let left = bytes; left > 0; left -= PIECE.length) yield PIECE.subarray(0, Math.min(left, PIECE.length));
}

export async function assertWhole(stream: ByteStream, bytes: number): Promise<void> {
  const back = await readAll(stream);
  const wanted = await readAll(flow(bytes));
  assert.equal(Buffer.compare(back, wanted), 0);
}

/**
 * What every store does with bodies that go in parts, as tests that need nothing but the store.
 * @param open a store with nothing in it, a new one for each case.
 */
export function longBodiesContract(name: string, open: () => Promise<ObjectStore>): void {
  describe(`long bodies: ${name}`, () => {
    let store: ObjectStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => store[Symbol.asyncDispose]());
    kept(() => store);
    notKept(() => store);
  });
}

function kept(store: () => ObjectStore): void {
  it("keeps a body of several parts, and reads across their seams", async () => {
    assert.equal((await store().put("large", flow(LARGE_BYTES))).bytes, LARGE_BYTES);
    await assertWhole(await store().get("large"), LARGE_BYTES);
    assert.equal((await store().head("large"))?.bytes, LARGE_BYTES);
    const range = await readAll(await store().get("large", { fromByte: PART_BYTES - 5, maxBytes: 10 }));
    const wanted = (await readAll(flow(PART_BYTES + 10))).subarray(PART_BYTES - 5, PART_BYTES + 5);
    assert.deepEqual(Buffer.from(range), Buffer.from(wanted));
  });

  it("keeps a body of exactly one part, and of exactly two", async () => {
    for (const parts of [1, 2]) {
      await store().put(`exact/${parts}`, flow(parts * PART_BYTES));
      await assertWhole(await store().get(`exact/${parts}`), parts * PART_BYTES);
    }
  });

  it("keeps metadata of a long body", async () => {
    if (!store().capabilities.metadata) return;
    await store().put("large", flow(PART_BYTES + 1), { metadata: { "X-Amz-Key": "a+b/c=" } });
    assert.deepEqual((await store().head("large"))?.metadata, { "x-amz-key": "a+b/c=" });
  });
}

function notKept(store: () => ObjectStore): void {
  it("keeps nothing of a long body whose source breaks", async () => {
    const breaking = async function* (): ByteStream {
      yield* flow(2 * PART_BYTES + 1000);
      throw new Error("the source broke");
    };
    await assert.rejects(store().put("broken", breaking()), { message: "the source broke" });
    assert.deepEqual(await keysOf(store()), []);
  });

  it("keeps nothing of a long body that is aborted on its way", async () => {
    const controller = new AbortController();
    const endless = async function* (): ByteStream {
      yield* flow(2 * PART_BYTES + 1000);
      controller.abort(new Error("stopped"));
      for (;;) yield* flow(PART_BYTES);
    };
    await assert.rejects(store().put("aborted", endless(), { signal: controller.signal }), { message: "stopped" });
    assert.deepEqual(await keysOf(store()), []);
  });

  it("does not replace a long body with ifAbsent", async () => {
    await store().put("once", flow(PART_BYTES + 5), { ifAbsent: true });
    await assert.rejects(store().put("once", flow(PART_BYTES + 7), { ifAbsent: true }), { code: "storage/exists" });
    await assertWhole(await store().get("once"), PART_BYTES + 5);
    assert.deepEqual(await keysOf(store()), ["once"]);
  });
}
