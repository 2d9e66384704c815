import { asShellError, type ShellError } from "../errors.ts";
import type { BlockRange, Snapshot, TableInfo } from "../engines/engine.ts";
import { SegmentCutter, type CutSegment } from "../formats/segment-cut.ts";
import { segmentIdOf, type SegmentKeys } from "./segment-id.ts";
import { sealSegment, type SegmentFacts } from "./segment.ts";

/** Segments compressed at a time, beside the one being filled. Each holds up to 8 MiB. */
const IN_FLIGHT = 1;

/** One range of one table: segments never cross its ends. */
export interface ExportTask {
  /** Index of the table in the order it was asked for, and of the range within it. */
  readonly table: number;
  readonly range: number;
  readonly info: TableInfo;
  /** The whole table when absent. */
  readonly blocks?: BlockRange;
}

export interface SealedSegment extends SegmentFacts {
  readonly type: "segment";
  /** By these three, in this order, segments stand in a manifest. */
  readonly table: number;
  readonly range: number;
  readonly sequence: number;
  /** Absent when a segment of this id is stored already. */
  readonly stored?: Uint8Array;
}

export interface RangeDone {
  readonly type: "range";
  readonly table: number;
  readonly range: number;
  readonly rows: bigint;
  readonly bytes: bigint;
}

export interface PackOptions {
  readonly keys: SegmentKeys | undefined;
  readonly level: number;
  /** Segments that need not be stored again: id → stored bytes. */
  readonly known: ReadonlyMap<string, number>;
  readonly signal?: AbortSignal;
}

type Packed = SealedSegment | RangeDone;

/** Copies tasks out one after another, cuts, compresses and seals them: compression of one goes on beside the next. */
export async function* packTasks(
  tasks: AsyncIterable<ExportTask>,
  reader: Pick<Snapshot, "copyOut">,
  options: PackOptions,
): AsyncGenerator<Packed> {
  const cutter = new SegmentCutter();
  const pending: Promise<Packed>[] = [];
  for await (const task of tasks) {
    let [sequence, rows, bytes] = [0, 0n, 0n];
    for await (const segment of cutRange(task, reader, cutter, options.signal)) {
      rows += BigInt(segment.rows);
      bytes += BigInt(segment.bytes.length);
      if (pending.length >= IN_FLIGHT) yield* first(pending);
      pending.push(quietly(pack(task, sequence, segment, cutter, options)));
      sequence += 1;
    }
    pending.push(Promise.resolve({ type: "range", table: task.table, range: task.range, rows, bytes }));
  }
  while (pending.length > 0) yield* first(pending);
}

async function* cutRange(
  task: ExportTask,
  reader: Pick<Snapshot, "copyOut">,
  cutter: SegmentCutter,
  signal: AbortSignal | undefined,
): AsyncGenerator<CutSegment> {
  const { info, blocks } = task;
  try {
    const options = { rowFormat: info.rowFormat, ...(blocks && { range: blocks }), ...(signal && { signal }) };
    for await (const block of reader.copyOut(info, options)) yield* cutter.add(block);
  } catch (thrown) {
    throw located(asShellError(thrown), task);
  }
  const last = cutter.end();
  if (last !== undefined) yield last;
}

function located(error: ShellError, { info, blocks }: ExportTask): ShellError {
  const range = blocks === undefined ? "" : `, blocks ${blocks.fromBlock} to ${blocks.toBlock ?? "the end"}`;
  return error.with({ detail: [...error.detail, `while reading table ${info.schema}.${info.name}${range}`] });
}

async function pack(
  task: ExportTask,
  sequence: number,
  segment: CutSegment,
  cutter: SegmentCutter,
  options: PackOptions,
): Promise<SealedSegment> {
  const id = segmentIdOf(segment.bytes, options.keys);
  const known = options.known.get(id);
  const stored = known === undefined ? sealSegment(segment.bytes, options.keys, options.level) : undefined;
  const facts = { id, rows: segment.rows, bytes: segment.bytes.length, storedBytes: stored?.length ?? known ?? 0 };
  cutter.recycle(segment);
  return { type: "segment", table: task.table, range: task.range, sequence, ...facts, ...(stored && { stored }) };
}

/** A failure is told when its turn comes; until then nobody awaits it. */
function quietly<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

async function* first(pending: Promise<Packed>[]): AsyncGenerator<Packed> {
  const next = pending.shift();
  if (next !== undefined) yield await next;
}
