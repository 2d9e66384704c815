import assert from "node:assert/strict";
import { test } from "node:test";
import type { TableInfo } from "../../src/engines/engine.ts";
import { ShellError } from "../../src/errors.ts";
import type { RowBlock } from "../../src/formats/rows.ts";
import { packTasks, type ExportTask, type PackOptions } from "../../src/transfer/pack.ts";
import { openSegment } from "../../src/transfer/segment.ts";

const INFO: TableInfo = {
  schema: "public",
  name: "made up",
  oid: 1,
  columns: ["n"],
  rowFormat: "text",
  blocks: 1,
  estimatedRows: -1,
  estimatedBytes: 0,
};
const OPTIONS: PackOptions = { keys: undefined, level: 1, known: new Map() };
const ROW_BYTES = 1024;
const BLOCK: RowBlock = {
  bytes: new Uint8Array(256 * ROW_BYTES),
  ends: Uint32Array.from({ length: 256 }, (_, row) => (row + 1) * ROW_BYTES),
  rows: 256,
};

async function* tasksOf(...ranges: readonly number[]): AsyncGenerator<ExportTask> {
  for (const range of ranges) yield { table: 0, range, info: INFO };
}

void test("no more is read than the segments that are underway hold", async () => {
  let blocks = 0;
  const endless = async function* (): AsyncGenerator<RowBlock> {
    for (;;) {
      blocks += 1;
      yield BLOCK;
    }
  };
  const packed = packTasks(tasksOf(0), { copyOut: endless }, OPTIONS);
  await packed.next();
  // All rows are alike, so every segment has the largest size, 32 blocks: one given out, one being compressed or full.
  assert.ok(blocks <= 2 * 32 + 1, `${blocks} blocks were read for one segment`);
  const before = blocks;
  await packed.next();
  assert.ok(blocks - before <= 32 + 1);
  await packed.return(undefined);
});

void test("ranges are told in order, each after its segments, and a range without rows has none", async () => {
  const copyOut = async function* (): AsyncGenerator<RowBlock> {
    ranges += 1;
    if (ranges !== 2) for (let count = 0; count < 24; count += 1) yield BLOCK;
  };
  let ranges = 0;
  const told: unknown[] = [];
  for await (const item of packTasks(tasksOf(0, 1, 2), { copyOut }, OPTIONS)) {
    told.push([item.type, item.range, Number(item.rows)]);
    if (item.type !== "segment") continue;
    const rows = await openSegment(item.stored ?? new Uint8Array(), item, undefined);
    assert.equal(rows.length, 24 * BLOCK.bytes.length);
  }
  assert.deepEqual(told, [
    ["segment", 0, 6_144],
    ["range", 0, 6_144],
    ["range", 1, 0],
    ["segment", 2, 6_144],
    ["range", 2, 6_144],
  ]);
});

void test("a failing reader is told with its table and blocks", async () => {
  const copyOut = async function* (): AsyncGenerator<RowBlock> {
    yield BLOCK;
    throw new ShellError("engine/lost", "the server closed the connection");
  };
  const tasks = async function* (): AsyncGenerator<ExportTask> {
    yield { table: 0, range: 1, info: INFO, blocks: { fromBlock: 16_384 } };
  };
  await assert.rejects(packTasks(tasks(), { copyOut }, OPTIONS).next(), {
    code: "engine/lost",
    detail: ["while reading table public.made up, blocks 16384 to the end"],
  });
});
