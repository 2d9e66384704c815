import { asShellError, ShellError } from "../errors.ts";
import type { CopyInTarget, Engine } from "../engines/engine.ts";
import { releaseBytes, type ByteStream } from "../std/bytes.ts";
import type { SegmentKeys } from "./segment-id.ts";
import { openSegment, type SegmentFacts } from "./segment.ts";

/** Segments of one table that are loaded in one transaction. */
export interface LoadTask {
  /** Index of the load in the order it was asked for. */
  readonly load: number;
  readonly target: CopyInTarget;
  readonly segments: readonly SegmentFacts[];
}

export interface SegmentLoaded extends SegmentFacts {
  /** Sent to the server, in a transaction that may still fail. */
  readonly type: "segment";
  readonly load: number;
}

export interface PartLoaded {
  /** Committed. */
  readonly type: "part";
  readonly load: number;
  readonly rows: bigint;
}

export interface LoadOptions {
  readonly keys: SegmentKeys | undefined;
  /** A stored segment's bytes, for the loader to keep and to release. */
  readonly fetch: (id: string) => Promise<Uint8Array>;
  readonly signal?: AbortSignal;
  readonly loaded: (segment: SegmentLoaded) => Promise<void>;
}

/**
 * Loads one task. No byte of a segment goes to the server before all of it was authenticated and its id was checked.
 * @throws ShellError what failed, naming table and segment; `integrity/rows` when the server took another number of rows
 */
export async function loadTask(engine: Engine, task: LoadTask, options: LoadOptions): Promise<PartLoaded> {
  const { target, segments } = task;
  const table = `table ${target.schema}.${target.name}`;
  let rows: bigint;
  try {
    rows = await engine.copyIn(target, openedSegments(task, options), options.signal);
  } catch (thrown) {
    const error = asShellError(thrown);
    throw error.with({ detail: [...error.detail, `while loading ${table}`] });
  }
  const expected = segments.reduce((sum, segment) => sum + BigInt(segment.rows), 0n);
  if (rows !== expected) {
    throw new ShellError("integrity/rows", `${table} took ${rows} rows where the backup holds ${expected}`, {
      hint: "a trigger or rule on the table may have turned rows away",
    });
  }
  return { type: "part", load: task.load, rows };
}

/** Rows segment by segment; the next one is fetched and opened while one is sent. */
async function* openedSegments({ load, segments }: LoadTask, options: LoadOptions): ByteStream {
  const open = (segment: SegmentFacts | undefined): Promise<Uint8Array> | undefined => {
    if (segment === undefined) return undefined;
    const opening = fetchAndOpen(segment, options);
    // Its failure is told when its turn comes.
    opening.catch(() => undefined);
    return opening;
  };
  let next = open(segments[0]);
  for (const [index, segment] of segments.entries()) {
    const rows = await next;
    next = open(segments[index + 1]);
    if (rows === undefined) continue;
    yield rows;
    releaseBytes(rows);
    await options.loaded({ type: "segment", load, ...segment });
  }
}

async function fetchAndOpen(segment: SegmentFacts, options: LoadOptions): Promise<Uint8Array> {
  try {
    const stored = await options.fetch(segment.id);
    const rows = await openSegment(stored, segment, options.keys);
    releaseBytes(stored);
    return rows;
  } catch (thrown) {
    const error = asShellError(thrown);
    throw error.message.includes(segment.id)
      ? error
      : error.with({ detail: [...error.detail, `while reading segment ${segment.id}`] });
  }
}
