// The files of one COPY as blocks of rows. What takes time is done in worker threads, a file in each; rows come in the
// order of the files nevertheless.
import type { LoadBlock } from "../formats/columns/row-writer.ts";
import type { CopyFormat } from "../plan/copy-plan.ts";
import type { ByteStream } from "../std/bytes.ts";
import { Crew, workerFile } from "../transfer/crew.ts";
import { convertFile, type LoadFileName, type LoadRecipe, type RowsRead } from "./convert.ts";
import type { LoadErrors } from "./load-errors.ts";
import { readFile, type OpenFile, type UnprovenFiles } from "./open-file.ts";

type ParquetFormat = Extract<CopyFormat, { readonly type: "parquet" | "orc" }>;

export interface RowsOptions {
  readonly recipe: Omit<LoadRecipe, "format"> & { readonly format: LoadRecipe["format"] | ParquetFormat };
  readonly errors: LoadErrors;
  /** Worker threads, at the most. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly progress: LoadProgress;
}

/** Grows while files are read. */
export interface LoadProgress {
  files: number;
  storedBytes: bigint;
  /** Files whose lines end in CR LF. */
  carriageReturns: number;
  /** Values in which ACCEPTINVCHARS replaced something. */
  replacements: number;
  readonly unproven: UnprovenFiles;
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
    if (read.isLast) progress.files += 1;
    errors.throwIfOver();
    yield* read.blocks;
  }
}

async function* partsOf(files: readonly OpenFile[], options: RowsOptions): AsyncGenerator<RowsRead> {
  const { recipe, signal, progress } = options;
  const { format } = recipe;
  if ("serializeToJson" in format) {
    const { parquetRows } = await import("./parquet-rows.ts");
    for (const [at, file] of files.entries()) yield* parquetRows(file, { file: at, format, recipe, signal, progress });
    return;
  }
  const streamed: LoadRecipe = { ...recipe, format };
  const bytes = files.reduce((sum, { file }) => sum + file.bytes, 0);
  if (bytes < HERE_BYTES) {
    for (const [file, open] of files.entries()) {
      const stored = counted(readFile(open, signal, progress.unproven), progress);
      yield* convertFile(stored, { file, label: open.file.label }, streamed);
    }
    return;
  }
  await using sources = new Sources(files, options);
  const names = files.map(({ file: { label } }, file): LoadFileName => ({ file, label }));
  await using crew = new Crew<LoadFileName, RowsRead>(names, {
    entry: workerFile("convert-worker", import.meta.url),
    workerData: streamed,
    size: threadsFor(format, options.jobs),
    ordered: true,
    fetch: (file) => sources.next(Number(file)),
    signal,
  });
  yield* crew.items();
}

/**
 * All rows go over one connection. One thread reads text quicker than a server takes it, and a second one would only take
 * the processor from the server; documents are slower to read.
 */
function threadsFor(format: LoadRecipe["format"], jobs: number): number {
  return format.type === "json" || format.type === "avro" ? jobs : Math.max(1, Math.floor(jobs / 2));
}

async function* counted(source: ByteStream, progress: LoadProgress): ByteStream {
  for await (const piece of source) {
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
    const source = counted(readFile(open, signal, progress.unproven), progress)[Symbol.asyncIterator]();
    this.#open.set(file, source);
    return source;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const source of this.#open.values()) await source.return?.();
  }
}
