import { ShellError } from "../errors.ts";
import type { BlockRange, Snapshot, TableInfo } from "../engines/engine.ts";
import { lockForReading } from "../engines/sql.ts";
import { SEGMENT_SIZES } from "../formats/segment-cut.ts";
import { Crew, workerFile } from "./crew.ts";
import type { ExportWorkerData } from "./export-worker.ts";
import { packTasks, type ExportTask, type PackOptions, type RangeDone, type SealedSegment } from "./pack.ts";
import type { SegmentKeys } from "./segment-id.ts";

/** Segments begin afresh at every 128 MiB of heap: part of the backup format, for the sake of incremental backups. */
const RANGE_BLOCKS = 16_384;
/** Tables locked with one statement. */
const LOCK_BATCH = 200;

export interface ExportOptions {
  /** Segments are sealed under them; stored compressed only without. */
  readonly keys?: SegmentKeys | undefined;
  /** Connections, each with a worker thread of its own, where the engine allows it. */
  readonly jobs: number;
  /** zstd's, from 1. */
  readonly level?: number;
  /** Segments that the chain holds already: id → stored bytes. They are told without their bytes. */
  readonly known?: ReadonlyMap<string, number>;
  readonly signal?: AbortSignal;
}

/** All of a table's segments have been told. */
export interface TableDone {
  readonly type: "table";
  readonly table: number;
  readonly rows: bigint;
  readonly bytes: bigint;
}

export type Exported = SealedSegment | TableDone;

/**
 * Copies tables out of a snapshot as sealed segments, in the order they are ready. `table` is the index in `tables`;
 * a manifest lists segments by table, range and sequence. Memory is bounded as long as the reader keeps no segment:
 * one that is not yet dealt with holds its worker up.
 * @throws ShellError `engine/failed` `engine/lost` naming table and blocks; `job/interrupted`
 */
export async function* exportTables(
  snapshot: Snapshot,
  tables: readonly TableInfo[],
  options: ExportOptions,
): AsyncGenerator<Exported> {
  const locked = tables.filter(({ query }) => query === undefined);
  for (let at = 0; at < locked.length; at += LOCK_BATCH) {
    await snapshot.rows(lockForReading(locked.slice(at, at + LOCK_BATCH)));
  }
  const tasks = planTasks(snapshot, tables);
  const progress = new Map(tables.map((_, table) => [table, { ranges: 0, rows: 0n, bytes: 0n }]));
  for (const { table } of tasks) countRange(progress.get(table), 1);
  // A segment's content may occur twice; the second time it is stored already.
  const told = new Map(options.known);
  for await (const item of packed(snapshot, tasks, options)) {
    if (item.type === "segment") {
      yield withoutTwins(item, told);
    } else {
      const table = progress.get(item.table);
      countRange(table, -1, item);
      if (table?.ranges === 0) yield { type: "table", table: item.table, rows: table.rows, bytes: table.bytes };
    }
  }
  // A backup that lacks rows without saying so is the one failure nobody would notice.
  const left = tables.find((_, table) => progress.get(table)?.ranges !== 0);
  if (left !== undefined) throw new ShellError("bug/invariant", `${left.schema}.${left.name} was not read to its end`);
}

interface TableProgress {
  ranges: number;
  rows: bigint;
  bytes: bigint;
}

function countRange(table: TableProgress | undefined, ranges: number, done?: RangeDone): void {
  if (table === undefined) return;
  table.ranges += ranges;
  table.rows += done?.rows ?? 0n;
  table.bytes += done?.bytes ?? 0n;
}

function withoutTwins(segment: SealedSegment, told: Map<string, number>): SealedSegment {
  const storedBytes = told.get(segment.id);
  if (storedBytes === undefined) {
    told.set(segment.id, segment.storedBytes);
    return segment;
  }
  const { stored: _, ...facts } = segment;
  return { ...facts, storedBytes };
}

/** Largest tables first, so that the last connection to finish does not finish alone. */
function planTasks(snapshot: Snapshot, tables: readonly TableInfo[]): readonly ExportTask[] {
  return tables
    .flatMap((info, table) =>
      rangesOf(snapshot, info).map((blocks, range): ExportTask => ({
        table,
        range,
        info,
        ...(blocks === undefined ? {} : { blocks }),
      })),
    )
    .toSorted((a, b) => b.info.estimatedBytes - a.info.estimatedBytes || a.table - b.table || a.range - b.range);
}

function rangesOf(snapshot: Snapshot, info: TableInfo): readonly (BlockRange | undefined)[] {
  const count = snapshot.blockRanges ? Math.ceil(info.blocks / RANGE_BLOCKS) : 1;
  if (count <= 1) return [undefined];
  return Array.from({ length: count }, (_, index) => ({
    fromBlock: index * RANGE_BLOCKS,
    ...(index === count - 1 ? {} : { toBlock: (index + 1) * RANGE_BLOCKS }),
  }));
}

async function* packed(
  snapshot: Snapshot,
  tasks: readonly ExportTask[],
  options: ExportOptions,
): AsyncGenerator<SealedSegment | RangeDone> {
  const packing: Omit<PackOptions, "signal"> = {
    keys: options.keys,
    level: options.level ?? 1,
    known: options.known ?? new Map<string, number>(),
  };
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const bytes = tasks.reduce((sum, task) => sum + (task.range === 0 ? task.info.estimatedBytes : 0), 0);
  // What fits one segment is read before a thread would have started.
  if (snapshot.share === undefined || bytes < SEGMENT_SIZES.minBytes) {
    yield* packTasks(inOrder(tasks), snapshot, { ...packing, ...signal });
    return;
  }
  const workerData: ExportWorkerData = { share: snapshot.share, options: packing };
  await using crew = new Crew<ExportTask, SealedSegment | RangeDone>(tasks, {
    entry: workerFile("export-worker", import.meta.url),
    workerData,
    size: options.jobs,
    ...signal,
  });
  yield* crew.items();
}

async function* inOrder(tasks: readonly ExportTask[]): AsyncGenerator<ExportTask> {
  for (const task of tasks) yield task;
}
