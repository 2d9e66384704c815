import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { MemoryStore } from "../../src/storage/memory.ts";
import { BatchEncoder, type EncodedBatch } from "../../src/unload/encoders.ts";
import { OwnObjects } from "../../src/unload/own-objects.ts";
import { RecordSeries } from "../../src/unload/record-series.ts";
import { UnloadSink, type SinkOptions } from "../../src/unload/sink.ts";

const COLUMNS = [{ name: "t", typeOid: 25, typeModifier: -1 }];

const encoder = await BatchEncoder.open({
  columns: COLUMNS,
  format: { type: "csv", delimiter: 0x2c, nullText: "", header: false },
  compression: "none",
});

function batchOf(row: string, rows: number, slice = 0): EncodedBatch {
  const bytes = Buffer.from(`${row}\n`.repeat(rows));
  const length = bytes.length / rows;
  const ends = Uint32Array.from({ length: rows }, (_, index) => (index + 1) * length);
  return encoder.encode({ folder: "", slice, rows, sourceBytes: bytes.length, bytes, ends });
}

function sinkOf(
  store: MemoryStore | OwnObjects,
  more: Partial<SinkOptions<EncodedBatch>> = {},
): UnloadSink<EncodedBatch> {
  return new UnloadSink({
    names: {
      root: "",
      manifest: "manifest",
      encryptionInfo: "ENCRYPTION_INFO",
      fileOf: (folder, slice, part) => `${folder}${slice}_${part}`,
    },
    upload: {
      objects: store instanceof OwnObjects ? store : new OwnObjects(store),
      compression: "none",
      seal: undefined,
      ifAbsent: true,
      signal: new AbortController().signal,
    },
    fileBytesMax: 1 << 30,
    openSeries: (options) => new RecordSeries(options, undefined),
    beforeFolder: async () => undefined,
    ...more,
  });
}

/** A store that takes nothing in until it is let. */
class SlowStore extends MemoryStore {
  readonly gate = Promise.withResolvers<void>();

  override async put(...[key, body, options]: Parameters<MemoryStore["put"]>): ReturnType<MemoryStore["put"]> {
    await this.gate.promise;
    return super.put(key, body, options);
  }
}

describe("the sink", () => {
  it("takes no more in than a few pieces while the store takes nothing", async () => {
    const store = new SlowStore();
    const sink = sinkOf(store);
    let taken = 0;
    const filling = (async () => {
      for (; taken < 100; taken += 1) await sink.write(batchOf("x".repeat(1023), 256, taken % 2));
    })();
    for (let turns = 0; turns < 1000; turns += 1) await turn();
    // Two slices of two waiting pieces each, and one in hand.
    assert.ok(taken <= 5, `${taken} blocks of 256 KiB`);
    store.gate.resolve();
    await filling;
    const files = await sink.finish();
    assert.deepEqual(
      files.map(({ key, storedBytes }) => [key, storedBytes]),
      [0, 1].map((slice) => [`${slice}_0`, 50 * 256 * 1024]),
    );
  });

  it("hears of a store that fails before it reads, however much is still to come", async () => {
    const broken = new MemoryStore();
    broken.put = async () => Promise.reject(new Error("the store is away"));
    const sink = sinkOf(broken);
    await assert.rejects(async () => {
      for (let count = 0; count < 10; count += 1) await sink.write(batchOf("z".repeat(1023), 256));
    }, /the store is away/);
    await sink.abandon();
  });

  it("cuts files exactly at the limit, and gives a longer record a file of its own", async () => {
    const sizes = async (rows: readonly string[], fileBytesMax: number): Promise<readonly number[]> => {
      const sink = sinkOf(new MemoryStore(), { fileBytesMax });
      for (const row of rows) await sink.write(batchOf(row, 1));
      return (await sink.finish()).map(({ storedBytes }) => storedBytes);
    };
    assert.deepEqual(await sizes(["aaaa", "bbbb", "cccc", "d"], 10), [10, 7]);
    assert.deepEqual(await sizes(["aaaa", "bbbb"], 9), [5, 5]);
    assert.deepEqual(await sizes(["a", "x".repeat(50), "b"], 9), [2, 51, 2]);
    assert.deepEqual(await sizes([], 9), []);
  });

  it("throws what the store throws, and takes back everything of its own and nothing else", async () => {
    const store = new MemoryStore();
    await store.put("1_0", (async function* () {})());
    const objects = new OwnObjects(store);
    const sink = sinkOf(objects);
    await assert.rejects(async () => {
      for (let count = 0; count < 50; count += 1) await sink.write(batchOf("y".repeat(1023), 1024, count % 2));
      await sink.finish();
    }, /exists already/);
    await sink.abandon();
    assert.deepEqual(await objects.discard(), []);
    const left = [];
    for await (const { key } of store.list("")) left.push(key);
    assert.deepEqual(left, ["1_0"]);
  });
});
