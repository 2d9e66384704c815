import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { ObjectStore } from "../../src/storage/store.ts";
import { folders } from "./folders.ts";
import { readAll, streamOf, utf8, type ByteStream } from "../../src/std/bytes.ts";
import { getText, keysOf, listing, putText, type ListingOrder } from "./object-listing.ts";

const LARGE_BYTES = 3_000_017;

/**
 * What every object store does, as tests.
 * @param name what the adapter is called.
 * @param open a store with nothing in it, a new one for each case.
 * @param order what the server is known to list by; an adapter cannot put right what comes in pages.
 */
export function objectStoreContract(
  name: string,
  open: () => Promise<ObjectStore>,
  order: ListingOrder = "bytes",
): void {
  describe(`object store contract: ${name}`, () => {
    let store: ObjectStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await store[Symbol.asyncDispose]();
    });
    bodies(() => store);
    existence(() => store);
    listing(() => store, order);
    folders(() => store);
    interruption(() => store);
  });
}

function filler(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (index * 31 + (index >> 9)) % 256);
}

async function* inPieces(bytes: Uint8Array, pieceBytes: number): ByteStream {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** Gives some bytes and then throws. */
async function* breaking(bytes: number): ByteStream {
  yield* inPieces(filler(bytes), 65_536);
  throw new Error("the source broke");
}

function bodies(store: () => ObjectStore): void {
  it("gives back what was put, byte for byte, in any pieces", async () => {
    const body = filler(LARGE_BYTES);
    for (const pieceBytes of [977, 65_536, 1_048_576, LARGE_BYTES]) {
      const info = await store().put(`bodies/${pieceBytes}`, inPieces(body, pieceBytes));
      assert.equal(info.bytes, LARGE_BYTES);
      assert.equal(info.key, `bodies/${pieceBytes}`);
      const back = await readAll(await store().get(`bodies/${pieceBytes}`));
      assert.equal(Buffer.compare(back, body), 0);
    }
  });

  it("takes a source that uses its buffer again", async () => {
    const buffer = Buffer.alloc(1000);
    await store().put(
      "reused",
      (async function* reusing(): ByteStream {
        for (let round = 0; round < 5; round += 1) yield buffer.fill(round);
      })(),
    );
    const back = await readAll(await store().get("reused"));
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((round) => back[round * 1000 + 999]),
      [0, 1, 2, 3, 4],
    );
  });

  it("keeps an empty object", async () => {
    await store().put("empty", streamOf());
    assert.equal((await store().head("empty"))?.bytes, 0);
    assert.equal(await getText(store(), "empty"), "");
    assert.deepEqual(await keysOf(store()), ["empty"]);
  });

  it("replaces an object whole", async () => {
    await putText(store(), "a", "a longer first text");
    await putText(store(), "a", "second");
    assert.equal(await getText(store(), "a"), "second");
  });

  it("reads ranges, also past the end", async () => {
    const body = filler(300_000);
    await store().put("ranges", streamOf(body));
    const ranges = [
      [0, 10],
      [65_535, 2],
      [0, undefined],
      [299_990, 100],
      [150_000, undefined],
      [300_000, 10],
      [5, 0],
    ] as const;
    for (const [fromByte, maxBytes] of ranges) {
      const options = { fromByte, ...(maxBytes === undefined ? {} : { maxBytes }) };
      const wanted = body.subarray(fromByte, maxBytes === undefined ? undefined : fromByte + maxBytes);
      const got = await readAll(await store().get("ranges", options));
      assert.deepEqual(Buffer.from(got), Buffer.from(wanted), `from ${fromByte}, at most ${maxBytes}`);
    }
  });

  it("keeps user metadata if it can", async () => {
    if (!store().capabilities.metadata) return;
    await store().put("described", streamOf(utf8("x")), { metadata: { "x-amz-IV": "abc=" } });
    assert.deepEqual((await store().head("described"))?.metadata, { "x-amz-iv": "abc=" });
  });
}

function existence(store: () => ObjectStore): void {
  it("says not found before the first byte", async () => {
    await assert.rejects(store().get("nothing/here"), { code: "storage/not-found" });
    assert.equal(await store().head("nothing/here"), undefined);
  });

  it("a folder is no object", async () => {
    await putText(store(), "folder/a", "x");
    assert.equal(await store().head("folder"), undefined);
    await assert.rejects(store().get("folder"), { code: "storage/not-found" });
    await store().delete("folder");
    assert.equal(await getText(store(), "folder/a"), "x");
  });

  it("deletes, and deletes again", async () => {
    await putText(store(), "a/b", "x");
    await store().delete("a/b");
    await store().delete("a/b");
    await store().delete("never/was");
    assert.deepEqual(await keysOf(store()), []);
    await assert.rejects(store().get("a/b"), { code: "storage/not-found" });
  });

  it("does not replace with ifAbsent", async () => {
    await store().put("once", streamOf(utf8("first")), { ifAbsent: true });
    await assert.rejects(store().put("once", streamOf(utf8("second")), { ifAbsent: true }), { code: "storage/exists" });
    assert.equal(await getText(store(), "once"), "first");
  });

  it("lets one of eight writers win with ifAbsent", async () => {
    const bodyOf = (writer: number): ByteStream => inPieces(filler(100_000).fill(writer), 10_000);
    const writers = Array.from({ length: 8 }, (_, writer) => store().put("race", bodyOf(writer), { ifAbsent: true }));
    const outcomes = await Promise.allSettled(writers);
    const won = outcomes.findIndex(({ status }) => status === "fulfilled");
    const lost = outcomes.filter(({ status }) => status === "rejected");
    assert.equal(lost.length, 7);
    for (const outcome of lost)
      assert.equal(outcome.status === "rejected" && (outcome.reason as { code: string }).code, "storage/exists");
    const back = await readAll(await store().get("race"));
    assert.deepEqual([back.length, new Set(back)], [100_000, new Set([won])]);
    assert.deepEqual(await keysOf(store()), ["race"]);
  });

  it("keeps nothing of a source that throws, and passes its error on", async () => {
    for (const bytes of [0, 10, LARGE_BYTES])
      await assert.rejects(store().put(`broken/${bytes}`, breaking(bytes)), { message: "the source broke" });
    assert.deepEqual(await keysOf(store()), []);
    await putText(store(), "kept", "before");
    await assert.rejects(store().put("kept", breaking(200_000)), { message: "the source broke" });
    assert.equal(await getText(store(), "kept"), "before");
  });

  it("refuses names that lead out or name nothing", async () => {
    for (const key of ["../x", "a/../../x", "", "/x", "a//b", "a/", ".", "a/./b", "a\u0000b"]) {
      await assert.rejects(store().put(key, streamOf(utf8("x"))), { code: "location/invalid" }, key);
    }
    await assert.rejects(keysOf(store(), "../"), { code: "location/invalid" });
  });

  it("does not show an object before it is whole", async () => {
    const midway = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const putting = store().put(
      "slow/object",
      (async function* slow(): ByteStream {
        yield filler(LARGE_BYTES);
        midway.resolve();
        await go.promise;
        yield filler(1);
      })(),
    );
    await midway.promise;
    assert.equal(await store().head("slow/object"), undefined);
    assert.deepEqual(await keysOf(store()), []);
    go.resolve();
    await putting;
    assert.equal((await store().head("slow/object"))?.bytes, LARGE_BYTES + 1);
  });
}

function interruption(store: () => ObjectStore): void {
  const aborted = (): AbortSignal => AbortSignal.abort(new Error("stopped"));

  it("does nothing once it is aborted", async () => {
    await putText(store(), "a", "x");
    const options = { signal: aborted() };
    await assert.rejects(store().put("b", streamOf(utf8("y")), options));
    await assert.rejects(async () => readAll(await store().get("a", options)));
    await assert.rejects(store().head("a", options.signal));
    await assert.rejects(store().delete("a", options.signal));
    await assert.rejects(async () => {
      for await (const info of store().list("", options.signal)) assert.fail(info.key);
    });
    assert.deepEqual(await keysOf(store()), ["a"]);
  });

  it("stops a put whose source is silent, and keeps nothing", async () => {
    const controller = new AbortController();
    const putting = store().put(
      "silent",
      (async function* silent(): ByteStream {
        yield filler(100);
        setTimeout(() => controller.abort(new Error("stopped")), 10);
        await new Promise(() => undefined);
      })(),
      { signal: controller.signal },
    );
    await assert.rejects(putting);
    assert.deepEqual(await keysOf(store()), []);
  });

  it("stops a get on the way", async () => {
    await store().put("large", streamOf(filler(LARGE_BYTES)));
    const controller = new AbortController();
    let bytes = 0;
    await assert.rejects(async () => {
      for await (const piece of await store().get("large", { signal: controller.signal })) {
        bytes += piece.length;
        controller.abort(new Error("stopped"));
      }
    });
    assert.ok(bytes < LARGE_BYTES);
  });
}
