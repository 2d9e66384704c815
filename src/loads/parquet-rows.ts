// PARQUET is read from its end, so a file is asked for in ranges; an encrypted one is read through once beforehand, for
// only its whole shows that nobody changed it.
import { openEnvelopeRange } from "../crypto/s3-envelope-range.ts";
import type { LoadBlock } from "../formats/columns/row-writer.ts";
import { readParquet } from "../formats/readers/parquet.ts";
import type { CopyFormat } from "../plan/copy-plan.ts";
import { readAll } from "../std/bytes.ts";
import { readFile, type OpenFile } from "./open-file.ts";
import type { RowsOptions } from "./rows.ts";

type ParquetFormat = Extract<CopyFormat, { type: "parquet" | "orc" }>;

interface Ranges {
  readonly byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

export async function* parquetRows(
  file: OpenFile,
  format: ParquetFormat,
  options: RowsOptions,
): AsyncGenerator<LoadBlock> {
  const { writer, errors, plan, signal, progress } = options;
  const ranges = file.sealed === undefined ? plainRanges(file, signal) : await sealedRanges(file, file.sealed, signal);
  const { fillRecord } = plan.conversion;
  const how = { label: file.file.label, fillRecord, serializeToJson: format.serializeToJson };
  for await (const _ of readParquet(ranges, writer, how)) {
    errors.throwIfOver();
    yield* writer.take();
  }
  errors.throwIfOver();
  progress.storedBytes += BigInt(file.file.bytes);
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
