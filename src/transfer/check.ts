import { asShellError, ShellError } from "../errors.ts";
import { countRows } from "../formats/count-rows.ts";
import type { RowFormat } from "../formats/rows.ts";
import { SEGMENT_SIZES } from "../formats/segment-cut.ts";
import { releaseBytes } from "../std/bytes.ts";
import type { CheckWorkerData } from "./check-worker.ts";
import { Crew, workerFile } from "./crew.ts";
import { errorOf, plainOf, type PlainError } from "./messages.ts";
import type { SegmentKeys } from "./segment-id.ts";
import { openSegment, type SegmentFacts } from "./segment.ts";

/** The next step after damage. */
export const RECOVER =
  "VERIFY BACKUP names every damaged file; bring it back from a copy or from the store's object versions";

/** A segment to read, open and count. */
export interface CheckTask {
  /** Index of the table in the order it was asked for. */
  readonly table: number;
  readonly segment: SegmentFacts;
  readonly rowFormat: RowFormat;
  /** What to call its file in errors. */
  readonly label: string;
}

export interface SegmentChecked {
  readonly table: number;
  readonly rows: number;
  readonly bytes: number;
  readonly storedBytes: number;
  /** That the segment should have: what is behind us, damaged or not. */
  readonly bytesStated: number;
  /** An `integrity/*` error; the counts are 0 then. */
  readonly failure?: ShellError;
}

/** As workers send it. */
export type PlainChecked = Omit<SegmentChecked, "failure"> & { readonly failure?: PlainError };

export interface CheckOptions {
  /** What the segments were sealed under. */
  readonly keys?: SegmentKeys | undefined;
  /** Worker threads. */
  readonly jobs: number;
  /** A stored segment's bytes, whole. */
  readonly read: (id: string) => Promise<Uint8Array>;
  readonly signal?: AbortSignal;
}

/**
 * Checks segments in worker threads and tells each as it is done. Memory holds a segment per thread, as stored and opened.
 * @throws ShellError what is no damage: what `read` throws besides `integrity/*`, `job/interrupted`
 */
export async function* checkSegments(
  tasks: readonly CheckTask[],
  options: CheckOptions,
): AsyncGenerator<SegmentChecked> {
  const { keys } = options;
  const bytes = tasks.reduce((sum, { segment }) => sum + segment.bytes, 0);
  // What fits one segment is checked before a thread would have started.
  if (bytes < SEGMENT_SIZES.minBytes) {
    for (const task of tasks) {
      options.signal?.throwIfAborted();
      yield plainToChecked(await checkTask(task, keys, async (id) => new Uint8Array(await options.read(id))));
    }
    return;
  }
  const workerData: CheckWorkerData = { keys };
  await using crew = new Crew<CheckTask, PlainChecked>(tasks, {
    entry: workerFile("check-worker", import.meta.url),
    workerData,
    size: options.jobs,
    fetch: options.read,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  for await (const checked of crew.items()) yield plainToChecked(checked);
}

function plainToChecked({ failure, ...counts }: PlainChecked): SegmentChecked {
  return { ...counts, ...(failure === undefined ? {} : { failure: errorOf(failure) }) };
}

/**
 * Checks one segment; damage is told, not thrown.
 * @param fetch gives bytes to keep and to release.
 */
export async function checkTask(
  { table, segment, rowFormat, label }: CheckTask,
  keys: SegmentKeys | undefined,
  fetch: (id: string) => Promise<Uint8Array>,
): Promise<PlainChecked> {
  try {
    const stored = await fetch(segment.id);
    const storedBytes = stored.length;
    const rows = await openCounted(stored, { segment, rowFormat, label }, keys);
    const checked = { table, rows: segment.rows, bytes: rows.length, storedBytes, bytesStated: segment.bytes };
    releaseBytes(rows);
    releaseBytes(stored);
    return checked;
  } catch (thrown) {
    const error = asShellError(thrown);
    if (!error.code.startsWith("integrity/")) throw error;
    return { table, rows: 0, bytes: 0, storedBytes: 0, bytesStated: segment.bytes, failure: plainOf(error) };
  }
}

/**
 * The rows of a stored segment, authenticated and counted.
 * @throws ShellError `integrity/*`, naming the file.
 */
export async function openCounted(
  stored: Uint8Array,
  { segment, rowFormat, label }: Omit<CheckTask, "table">,
  keys: SegmentKeys | undefined,
): Promise<Uint8Array> {
  const rows = await openSegment(stored, segment, keys, label);
  const found = countRows(rows, rowFormat);
  if (found === segment.rows) return rows;
  throw new ShellError("integrity/rows", `${label} holds ${found} rows, the manifest says ${segment.rows}`, {
    hint: RECOVER,
  });
}
