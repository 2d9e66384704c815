import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { RowStore, type PackedRows } from "../../src/script/row-store.ts";

const value = fc.oneof(
  fc.constant(null),
  fc.string({ unit: "grapheme" }),
  fc.integer({ min: 0, max: 90_000 }).map((length) => "x".repeat(length)),
);

suite("RowStore", () => {
  test("gives rows back as they were, whatever was freed meanwhile", () => {
    const batches = fc.array(fc.record({ rows: fc.array(fc.array(value), { maxLength: 6 }), store: fc.boolean() }));
    fc.assert(
      fc.property(batches, fc.infiniteStream(fc.nat(9)), (all, lots) => {
        const stores = [new RowStore(), new RowStore()] as const;
        const kept: { rows: readonly (readonly (string | null)[])[]; packed: PackedRows }[] = [];
        for (const { rows, store } of all) {
          kept.push({ rows, packed: stores[store ? 0 : 1].pack(rows) });
          if ((lots.next().value ?? 0) < 4) kept.splice((lots.next().value ?? 0) % kept.length, 1)[0]?.packed.free();
          for (const one of kept) assert.deepEqual(one.packed.rows, one.rows);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("uses the same memory for result after result", () => {
    const store = new RowStore();
    const rows = Array.from({ length: 1000 }, (_, at) => [String(at), "v".repeat(100)]);
    const before = process.memoryUsage().arrayBuffers;
    const most = Math.max(
      ...Array.from({ length: 300 }, () => {
        store.pack(rows).free();
        return process.memoryUsage().arrayBuffers;
      }),
    );
    assert.ok(most - before < 2_000_000, `${most - before} bytes for batches that were freed at once`);
  });
});
