import { ShellError } from "../errors.ts";
import type { CopyInTarget, Engine } from "../engines/engine.ts";
import { SEGMENT_SIZES } from "../formats/segment-cut.ts";
import { Crew, workerFile } from "./crew.ts";
import type { ImportWorkerData } from "./import-worker.ts";
import { loadTask, type LoadTask, type PartLoaded, type SegmentLoaded } from "./load.ts";
import type { SegmentKeys } from "./segment-id.ts";
import type { SegmentFacts } from "./segment.ts";

/** Below this a table is not worth a second connection. */
const PART_BYTES_MIN = 128 * 1024 * 1024;
/**
 * How many parts each connection gets of what is split, so that they finish together. Only a table that is more than one
 * connection's share is split: two connections in one table wait for each other, and its rows cannot be frozen.
 */
const PARTS_PER_JOB = 3;

/** A table and the segments that make up its rows. */
export interface TableLoad {
  /**
   * With `freeze`, the table is this restore's own: it is loaded frozen in one transaction, or, when it is large,
   * over several connections unfrozen, each part in a transaction of its own. Otherwise it is always one transaction.
   */
  readonly target: CopyInTarget;
  readonly segments: readonly SegmentFacts[];
}

export interface ImportOptions {
  /** What the segments were sealed under. */
  readonly keys?: SegmentKeys | undefined;
  /** Connections, each with a worker thread of its own, where the engine allows it. */
  readonly jobs: number;
  /** A stored segment's bytes, whole, in an array that the giver does not keep. Called for as many segments ahead as there are jobs, twice over. */
  readonly read: (id: string) => Promise<Uint8Array>;
  readonly signal?: AbortSignal;
}

/** All of a table's rows are committed. */
export interface TableLoaded {
  readonly type: "table";
  readonly load: number;
  readonly rows: bigint;
  /** How many tables and parts of tables are not yet committed: fewer than `jobs` leave connections with nothing to do. */
  readonly tasksLeft: number;
}

export type Imported = SegmentLoaded | TableLoaded;

/**
 * Loads tables from stored segments; `load` is the index in `loads`. After a failure nothing goes on, but tables loaded
 * before stay, and so do parts of a large one: the caller removes what it created.
 * @throws ShellError naming table and segment: `integrity/…` when a segment is not what the manifest says,
 * `engine/failed`, `engine/lost`, what `read` throws, `job/interrupted`
 */
export async function* importTables(
  engine: Engine,
  loads: readonly TableLoad[],
  options: ImportOptions,
): AsyncGenerator<Imported> {
  const tasks = planTasks(engine, loads, options.jobs);
  const progress = loads.map(() => ({ parts: 0, rows: 0n }));
  for (const { load } of tasks) {
    const table = progress[load];
    if (table !== undefined) table.parts += 1;
  }
  let tasksLeft = tasks.length;
  for await (const item of loaded(engine, tasks, options)) {
    if (item.type === "segment") {
      yield item;
      continue;
    }
    tasksLeft -= 1;
    const table = progress[item.load];
    if (table === undefined) continue;
    table.parts -= 1;
    table.rows += item.rows;
    if (table.parts === 0) yield { type: "table", load: item.load, rows: table.rows, tasksLeft };
  }
  const left = loads.find((_, load) => progress[load]?.parts !== 0);
  if (left !== undefined) {
    throw new ShellError("bug/invariant", `${left.target.schema}.${left.target.name} was not loaded to its end`);
  }
}

function bytesOf(segments: readonly SegmentFacts[]): number {
  return segments.reduce((sum, segment) => sum + segment.bytes, 0);
}

/** Largest first. A table without segments is a task too: loading it truncates and says so. */
function planTasks(engine: Engine, loads: readonly TableLoad[], jobs: number): readonly LoadTask[] {
  const total = loads.reduce((sum, load) => sum + bytesOf(load.segments), 0);
  const splits = engine.share !== undefined && jobs > 1;
  const share = splits ? Math.max(PART_BYTES_MIN, total / jobs) : Number.POSITIVE_INFINITY;
  const partBytes = Math.max(PART_BYTES_MIN, total / (jobs * PARTS_PER_JOB));
  return loads
    .flatMap(({ target, segments }, load): LoadTask[] => {
      if (!target.freeze || bytesOf(segments) <= share) return [{ load, target, segments }];
      return partsOf(segments, partBytes).map((part) => ({
        load,
        target: { ...target, freeze: false },
        segments: part,
      }));
    })
    .toSorted((a, b) => bytesOf(b.segments) - bytesOf(a.segments) || a.load - b.load);
}

/** Neighbouring segments stay together. */
function partsOf(segments: readonly SegmentFacts[], partBytes: number): readonly (readonly SegmentFacts[])[] {
  const parts: SegmentFacts[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const segment of segments) {
    if (size + segment.bytes > partBytes) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(segment);
    size += segment.bytes;
  }
  return parts;
}

async function* loaded(
  engine: Engine,
  tasks: readonly LoadTask[],
  options: ImportOptions,
): AsyncGenerator<SegmentLoaded | PartLoaded> {
  const { keys } = options;
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const bytes = tasks.reduce((sum, task) => sum + bytesOf(task.segments), 0);
  // What fits one segment is loaded before a thread would have started.
  if (engine.share === undefined || bytes < SEGMENT_SIZES.minBytes) {
    yield* loadedHere(engine, tasks, options);
    return;
  }
  const workerData: ImportWorkerData = { share: engine.share, keys };
  await using crew = new Crew<LoadTask, SegmentLoaded | PartLoaded>(tasks, {
    entry: workerFile("import-worker", import.meta.url),
    workerData,
    size: options.jobs,
    fetch: options.read,
    ...signal,
  });
  yield* crew.items();
}

async function* loadedHere(
  engine: Engine,
  tasks: readonly LoadTask[],
  options: ImportOptions,
): AsyncGenerator<SegmentLoaded | PartLoaded> {
  for (const task of tasks) {
    const sent: SegmentLoaded[] = [];
    const part = await loadTask(engine, task, {
      keys: options.keys,
      fetch: options.read,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      loaded: async (segment) => void sent.push(segment),
    });
    yield* sent;
    yield part;
  }
}
