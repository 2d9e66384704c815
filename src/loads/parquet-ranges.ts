// PARQUET is read from its end, so a file is asked for in ranges; an encrypted one is read through once beforehand, for
// only its whole shows that nobody changed it.
import { openEnvelopeRange } from "../crypto/s3-envelope-range.ts";
import type { FileRanges } from "../formats/readers/parquet.ts";
import { readAll } from "../std/bytes.ts";
import { readFile, type OpenFile } from "./open-file.ts";

/**
 * The decrypted bytes of a file, by ranges.
 * @throws ShellError what reading files throws
 */
export async function openRanges(file: OpenFile, signal: AbortSignal): Promise<FileRanges> {
  return file.sealed === undefined ? plainRanges(file, signal) : sealedRanges(file, file.sealed, signal);
}

async function readRange({ file }: OpenFile, fromByte: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
  return readAll(await file.store.get(file.key, { fromByte, maxBytes: end - fromByte, signal }));
}

function plainRanges(file: OpenFile, signal: AbortSignal): FileRanges {
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
): Promise<FileRanges> {
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
