// The files of one COPY as blocks of rows. What takes time is done in worker threads, a file in each; rows come in the
// order of the files nevertheless.
import type { LoadBlock } from "../formats/columns/row-writer.ts";
import type { ByteStream } from "../std/bytes.ts";
import { Crew, workerFile } from "../transfer/crew.ts";
import { convertFile, type LoadFileName, type LoadRecipe, type RowsRead } from "./convert.ts";
import type { ActiveFiles } from "./active-files.ts";
import type { LoadErrors } from "./load-errors.ts";
import { readFile, type OpenFile, type UnprovenFiles } from "./open-file.ts";
import type { ParquetRecipe } from "./parquet-rows.ts";
import type { RangeSources } from "./range-sources.ts";
import { readWish } from "./range-wish.ts";

export interface RowsOptions {
  readonly recipe: Omit<LoadRecipe, "format"> & { readonly format: LoadRecipe["format"] | ParquetRecipe["format"] };
  readonly errors: LoadErrors;
  /** Worker threads, at the most. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly progress: LoadProgress;
}

/** Grows while files are read. */
export interface LoadProgress {
  files: number;
  /** That were read; the database may not have them yet, and may refuse some. */
  rows: bigint;
  storedBytes: bigint;
  /** Files whose lines end in CR LF. */
  carriageReturns: number;
  /** Values in which ACCEPTINVCHARS replaced something. */
  replacements: number;
  readonly unproven: UnprovenFiles;
  readonly active: ActiveFiles;
}

/** Files that are shorter together are read before a thread would have started. */
const HERE_BYTES = 512 * 1024;

/** Throws `load/rows`, `load/file`, and what reading files throws. */
export async function* readRows(files: readonly OpenFile[], options: RowsOptions): AsyncGenerator<LoadBlock> {
  const { errors, progress, signal } = options;
  for (const { file } of files) errors.addFile(file.label);
  for await (const read of partsOf(files, options)) {
    signal.throwIfAborted();
    for (const row of read.refused) errors.add(row);
    progress.replacements += read.replacements;
    if (read.hasCarriageReturns) progress.carriageReturns += 1;
    const rows = read.blocks.reduce((sum, block) => sum + block.rows, 0);
    progress.rows += BigInt(rows);
    progress.active.took(progress.files, rows);
    if (read.isLast) progress.active.end(progress.files++);
    errors.throwIfOver();
    yield* read.blocks;
  }
}

async function* partsOf(files: readonly OpenFile[], options: RowsOptions): AsyncGenerator<RowsRead> {
  const { format } = options.recipe;
  if ("serializeToJson" in format) yield* parquetParts(files, { ...options.recipe, format }, options);
  else yield* streamedParts(files, { ...options.recipe, format }, options);
}

async function* streamedParts(
  files: readonly OpenFile[],
  recipe: LoadRecipe,
  options: RowsOptions,
): AsyncGenerator<RowsRead> {
  const { progress, signal } = options;
  if (areShort(files)) {
    for (const [file, open] of files.entries()) {
      const stored = counted(readFile(open, signal, progress.unproven), file, progress);
      yield* convertFile(stored, { file, label: open.file.label }, recipe);
    }
    return;
  }
  await using sources = new Sources(files, options);
  await using crew = createCrew(files, recipe, options, (file) => sources.next(Number(file)));
  yield* crew.items();
}

async function* parquetParts(
  files: readonly OpenFile[],
  recipe: ParquetRecipe,
  options: RowsOptions,
): AsyncGenerator<RowsRead> {
  const { signal } = options;
  const { RangeSources } = await import("./range-sources.ts");
  const sources = new RangeSources(files, signal);
  const count = countingRanges(files, options.progress);
  let file = 0;
  for await (const read of areShort(files)
    ? parquetHere(files, recipe, sources)
    : parquetCrew(files, recipe, options, { sources, count })) {
    if (read.isLast) count(file++, Number.POSITIVE_INFINITY);
    yield read;
  }
}

type CountRange = (file: number, bytes: number) => void;

/** Not all of a file is asked for, and some of it twice: it counts as read to its size, and at its end whole. */
function countingRanges(files: readonly OpenFile[], progress: LoadProgress): CountRange {
  const read = new Map<number, number>();
  return (file, bytes) => {
    const size = files[file]?.file.bytes ?? 0;
    const before = read.get(file) ?? 0;
    const after = Math.min(size, before + bytes);
    if (bytes === Number.POSITIVE_INFINITY) read.delete(file);
    else read.set(file, after);
    progress.active.read(file, after - before);
    progress.storedBytes += BigInt(after - before);
  };
}

async function* parquetHere(
  files: readonly OpenFile[],
  recipe: ParquetRecipe,
  sources: RangeSources,
): AsyncGenerator<RowsRead> {
  const { parquetRows } = await import("./parquet-rows.ts");
  for (const [
    file,
    {
      file: { label },
    },
  ] of files.entries()) {
    yield* parquetRows(await sources.of(file), { file, label }, recipe);
  }
}

async function* parquetCrew(
  files: readonly OpenFile[],
  recipe: ParquetRecipe,
  options: RowsOptions,
  { sources, count }: { readonly sources: RangeSources; readonly count: CountRange },
): AsyncGenerator<RowsRead> {
  await using crew = createCrew(files, recipe, options, async (wish) => {
    const bytes = await sources.answer(wish);
    count(readWish(wish).file, bytes.length);
    return bytes;
  });
  yield* crew.items();
}

function areShort(files: readonly OpenFile[]): boolean {
  return files.reduce((sum, { file }) => sum + file.bytes, 0) < HERE_BYTES;
}

function createCrew(
  files: readonly OpenFile[],
  recipe: LoadRecipe | ParquetRecipe,
  { jobs, signal }: RowsOptions,
  fetch: (wish: string) => Promise<Uint8Array>,
): Crew<LoadFileName, RowsRead> {
  const names = files.map(({ file: { label } }, file): LoadFileName => ({ file, label }));
  return new Crew<LoadFileName, RowsRead>(names, {
    entry: workerFile("convert-worker", import.meta.url),
    workerData: recipe,
    size: threadsFor(recipe.format, jobs),
    ordered: true,
    fetch,
    signal,
  });
}

/**
 * All rows go over one connection. One thread reads text quicker than a server takes it, and a second one would only take
 * the processor from the server; documents are slower to read. Of PARQUET each thread holds a group of rows.
 */
function threadsFor(format: (LoadRecipe | ParquetRecipe)["format"], jobs: number): number {
  if (format.type === "json" || format.type === "avro") return jobs;
  return "serializeToJson" in format ? Math.min(jobs, PARQUET_THREADS_MAX) : Math.max(1, Math.floor(jobs / 2));
}

const PARQUET_THREADS_MAX = 4;

async function* counted(source: ByteStream, file: number, progress: LoadProgress): ByteStream {
  for await (const piece of source) {
    progress.active.read(file, piece.length);
    progress.storedBytes += BigInt(piece.length);
    if (piece.length > 0) yield piece;
  }
}

/** Files that worker threads ask for piece by piece. */
class Sources implements AsyncDisposable {
  readonly #files: readonly OpenFile[];
  readonly #options: Pick<RowsOptions, "signal" | "progress">;
  readonly #open = new Map<number, AsyncIterator<Uint8Array>>();

  constructor(files: readonly OpenFile[], options: Pick<RowsOptions, "signal" | "progress">) {
    this.#files = files;
    this.#options = options;
  }

  /** The next piece of a file; an empty one at its end. */
  async next(file: number): Promise<Uint8Array> {
    const source = this.#open.get(file) ?? this.#begin(file);
    const piece = await source?.next();
    if (piece === undefined || piece.done === true) return new Uint8Array(0);
    // The array goes to the thread: what was decrypted is nobody else's, but a store may use its own again.
    return this.#files[file]?.sealed === undefined ? new Uint8Array(piece.value) : piece.value;
  }

  #begin(file: number): AsyncIterator<Uint8Array> | undefined {
    const open = this.#files[file];
    if (open === undefined) return undefined;
    const { signal, progress } = this.#options;
    const source = counted(readFile(open, signal, progress.unproven), file, progress)[Symbol.asyncIterator]();
    this.#open.set(file, source);
    return source;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const source of this.#open.values()) await source.return?.();
  }
}
