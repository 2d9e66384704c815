import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { RowBlock } from "../../src/formats/rows.ts";
import { SegmentCutter, type SegmentSizes } from "../../src/formats/segment-cut.ts";
import { concatBytes } from "../../src/std/bytes.ts";

const SIZES: SegmentSizes = { minBytes: 2000, expectedBytes: 1000, maxBytes: 5000 };

function blockOf(rows: readonly Uint8Array[]): RowBlock {
  let end = 0;
  const ends = Uint32Array.from(rows, (row) => (end += row.length));
  return { bytes: concatBytes([...rows, new Uint8Array(7)]), ends, rows: rows.length };
}

/** Cuts rows handed over in blocks of the given row counts, over and over. */
function cutAll(rows: readonly Uint8Array[], blockRows: readonly number[] = [17]): { bytes: Buffer; rows: number }[] {
  const cutter = new SegmentCutter(SIZES);
  const segments: { bytes: Buffer; rows: number }[] = [];
  let turn = 0;
  for (let at = 0; at < rows.length; turn += 1) {
    const count = blockRows[turn % blockRows.length] ?? 1;
    for (const segment of cutter.add(blockOf(rows.slice(at, at + count)))) {
      segments.push({ bytes: Buffer.from(segment.bytes), rows: segment.rows });
      // What the next segments are written into must not be what was given out and not returned.
      cutter.recycle(segment);
    }
    at += count;
  }
  const last = cutter.end();
  if (last !== undefined) segments.push({ bytes: Buffer.from(last.bytes), rows: last.rows });
  return segments;
}

/** Rows that a small generator makes from a seed: all different, of 20 to 80 bytes. */
function rowsFrom(seed: number, count: number): Uint8Array[] {
  let state = seed;
  const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
  return Array.from({ length: count }, () => {
    const row = new Uint8Array(20 + (random() % 61));
    for (let at = 0; at < row.length; at += 1) row[at] = random() >>> 24;
    return row;
  });
}

const someRows = fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 150, size: "max" });
const someBlocks = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

void test("segments end to end are the rows, whatever blocks they come in", () => {
  fc.assert(
    fc.property(someRows, someBlocks, someBlocks, (rows, blocks, others) => {
      const segments = cutAll(rows, blocks);
      assert.deepEqual(Buffer.concat(segments.map(({ bytes }) => bytes)), Buffer.from(concatBytes(rows)));
      assert.equal(
        segments.reduce((sum, segment) => sum + segment.rows, 0),
        rows.length,
      );
      assert.deepEqual(segments, cutAll(rows, others));
    }),
  );
});

void test("sizes keep their bounds, but a row longer than all is a segment's only one", () => {
  const rows = rowsFrom(1, 3000);
  const long = new Uint8Array(12_000).fill(7);
  rows.splice(1000, 0, long);
  const segments = cutAll(rows);
  for (const segment of segments.slice(0, -1)) {
    const isBeforeLong = segments[segments.indexOf(segment) + 1]?.bytes.equals(long) === true;
    assert.ok(segment.bytes.length <= SIZES.maxBytes || segment.bytes.equals(long));
    assert.ok(segment.bytes.length >= SIZES.minBytes || isBeforeLong);
  }
  assert.ok(segments.some((segment) => segment.bytes.equals(long)));
});

void test("most cuts are the content's, not the largest size's", () => {
  const segments = cutAll(rowsFrom(2, 20_000));
  const atMax = segments.filter((segment) => segment.bytes.length > SIZES.maxBytes - 100);
  assert.ok(segments.length > 200);
  assert.ok(atMax.length < segments.length / 8, `${atMax.length} of ${segments.length} cut by size`);
});

void test("rows all alike are cut by size", () => {
  const segments = cutAll(Array.from({ length: 1000 }, () => new Uint8Array(50)));
  assert.ok(segments.length >= 10);
});

void test("an edit in one place leaves the segments before it, and soon those after it, as they were", () => {
  for (const seed of [3, 4, 5, 6]) {
    const rows = rowsFrom(seed, 10_000);
    const before = cutAll(rows).map(({ bytes }) => bytes.toString("hex"));
    const edited = rows.toSpliced(1000, 1, ...rowsFrom(99, 2));
    const known = new Set(before);
    const fresh = cutAll(edited).filter(({ bytes }) => !known.has(bytes.toString("hex")));
    assert.ok(before.length > 100);
    assert.ok(fresh.length > 0 && fresh.length < 15, `${fresh.length} fresh segments of ${before.length}`);
  }
});

void test("a range begins afresh: what came before it does not move its cuts", () => {
  const [first, second] = [rowsFrom(7, 700), rowsFrom(8, 3000)];
  const cutter = new SegmentCutter(SIZES);
  const ranges = [first, second].map((rows) => {
    const segments = [...cutter.add(blockOf(rows))].map(({ bytes }) => Buffer.from(bytes));
    const last = cutter.end();
    return last === undefined ? segments : [...segments, Buffer.from(last.bytes)];
  });
  assert.deepEqual(
    ranges[1],
    cutAll(second).map(({ bytes }) => bytes),
  );
});
