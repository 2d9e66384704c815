// PARQUET is read from its end, so a file is asked for in ranges; an encrypted one is read through once beforehand, for
// only its whole shows that nobody changed it.
import { openEnvelopeRange } from "../crypto/s3-envelope-range.ts";
import { readParquet } from "../formats/readers/parquet.ts";
import type { CopyFormat } from "../plan/copy-plan.ts";
import { readAll } from "../std/bytes.ts";
import { RowGathering, type LoadRecipe, type RowsRead } from "./convert.ts";
import { readFile, type OpenFile } from "./open-file.ts";

type ParquetFormat = Extract<CopyFormat, { type: "parquet" | "orc" }>;

interface Ranges {
  readonly byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

interface ParquetRowsOptions {
  /** What its rows call it. */
  readonly file: number;
  readonly format: ParquetFormat;
  readonly recipe: Pick<LoadRecipe, "columns" | "conversion">;
  readonly signal: AbortSignal;
  readonly progress: { storedBytes: bigint };
}

/** The rows of a file, part by part; the last one says so. */
export async function* parquetRows(open: OpenFile, options: ParquetRowsOptions): AsyncGenerator<RowsRead> {
  const { file, format, recipe, signal, progress } = options;
  const gathering = new RowGathering(recipe, file);
  const ranges = open.sealed === undefined ? plainRanges(open, signal) : await sealedRanges(open, open.sealed, signal);
  const { fillRecord } = recipe.conversion;
  const how = { label: open.file.label, fillRecord, serializeToJson: format.serializeToJson };
  for await (const _ of readParquet(ranges, gathering.writer, how)) yield gathering.take(false);
  progress.storedBytes += BigInt(open.file.bytes);
  yield gathering.take(true);
}

async function readRange({ file }: OpenFile, fromByte: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
  return readAll(await file.store.get(file.key, { fromByte, maxBytes: end - fromByte, signal }));
}

function plainRanges(file: OpenFile, signal: AbortSignal): Ranges {
  const byteLength = file.file.bytes;
  return {
    byteLength,
    slice: async (start, end = byteLength) =>
      ownBuffer(await readRange(file, start, Math.min(end, byteLength), signal)),
  };
}

async function sealedRanges(
  file: OpenFile,
  { envelope, key }: NonNullable<OpenFile["sealed"]>,
  signal: AbortSignal,
): Promise<Ranges> {
  let byteLength = 0;
  for await (const piece of readFile(file, signal)) byteLength += piece.length;
  const read = async (start: number, end: number): Promise<Uint8Array> => readRange(file, start, end, signal);
  return {
    byteLength,
    slice: async (start, end = byteLength) => {
      const range = { start, end: Math.min(end, byteLength) };
      return ownBuffer(await openEnvelopeRange(read, range, { envelope, master: key, label: file.file.label }));
    },
  };
}

function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  const own = new ArrayBuffer(bytes.length);
  new Uint8Array(own).set(bytes);
  return own;
}
