// The files of one COPY as blocks of rows.
import { ShellError } from "../errors.ts";
import type { LoadBlock, RowWriter } from "../formats/columns/row-writer.ts";
import { decodeText } from "../formats/decode-text.ts";
import { clauseFor, decompress } from "../formats/decompress/decompress.ts";
import { CsvReader } from "../formats/readers/csv.ts";
import { DelimitedReader } from "../formats/readers/delimited.ts";
import type { DocumentMapping } from "../formats/readers/documents.ts";
import { FixedWidthReader } from "../formats/readers/fixed-width.ts";
import { JsonReader } from "../formats/readers/json.ts";
import type { RecordOptions, RowReader } from "../formats/readers/record-reader.ts";
import type { CopyFormat, CopyPlan } from "../plan/copy-plan.ts";
import type { ByteStream } from "../std/bytes.ts";
import type { LoadErrors } from "./load-errors.ts";
import { readFile, type OpenFile } from "./open-file.ts";

/** Pieces are read in at most these portions, so that blocks leave before too many wait. */
const PIECE_BYTES = 256 * 1024;

export interface RowsOptions {
  readonly plan: Pick<CopyPlan, "format" | "conversion" | "compression">;
  /** Where the parts of documents go; for JSON and AVRO. */
  readonly mapping: DocumentMapping;
  readonly writer: RowWriter;
  readonly errors: LoadErrors;
  readonly signal: AbortSignal;
  readonly progress: LoadProgress;
}

/** Grows while files are read. */
export interface LoadProgress {
  files: number;
  storedBytes: bigint;
  /** Files whose lines end in CR LF. */
  carriageReturns: number;
}

/** Throws `load/rows`, `load/file`, and what reading files throws. */
export async function* readRows(files: readonly OpenFile[], options: RowsOptions): AsyncGenerator<LoadBlock> {
  const { writer, errors, progress, signal } = options;
  for (const file of files) {
    signal.throwIfAborted();
    writer.file = errors.addFile(file.file.label);
    yield* fileRows(file, options);
    writer.flush();
    yield* writer.take();
    progress.files += 1;
  }
}

async function* fileRows(file: OpenFile, options: RowsOptions): AsyncGenerator<LoadBlock> {
  const { format } = options.plan;
  switch (format.type) {
    case "parquet":
      return yield* (await import("./parquet-rows.ts")).parquetRows(file, format, options);
    case "avro":
      return yield* (await import("./avro-rows.ts")).avroRows(file, options);
    default:
      yield* textRows(file, options);
  }
}

async function* textRows(file: OpenFile, options: RowsOptions): AsyncGenerator<LoadBlock> {
  const { writer, errors } = options;
  const reader = readerOf(file, options);
  for await (const piece of contentOf(file, options)) {
    for (let at = 0; at < piece.length; at += PIECE_BYTES) {
      reader.push(piece.subarray(at, at + PIECE_BYTES));
      errors.throwIfOver();
      yield* writer.take();
    }
  }
  reader.end();
  errors.throwIfOver();
}

/** Decrypted, decompressed, and in UTF-8. */
async function* contentOf(file: OpenFile, options: RowsOptions): ByteStream {
  const { plan, progress, signal } = options;
  const { label } = file.file;
  const stored = counted(readFile(file, signal), progress);
  const plain = decompress(stored, plan.compression, label);
  const checked = plan.compression === "none" ? notCompressed(plain, label) : plain;
  yield* decodeText(checked, plan.conversion.encoding, label);
}

export async function* counted(source: ByteStream, progress: LoadProgress): ByteStream {
  for await (const piece of source) {
    progress.storedBytes += BigInt(piece.length);
    yield piece;
  }
}

/** Says what a file is that is no text. */
async function* notCompressed(source: ByteStream, label: string): ByteStream {
  let isFirst = true;
  for await (const piece of source) {
    const clause = isFirst && piece.length > 3 ? clauseFor(piece) : undefined;
    isFirst = false;
    if (clause !== undefined) {
      throw new ShellError("load/file", `${label} looks like ${clause}`, {
        hint: `add ${clause === "PARQUET" || clause === "AVRO" ? `FORMAT ${clause}` : clause}`,
        note: "nothing was loaded",
      });
    }
    yield piece;
  }
}

function readerOf(file: OpenFile, { plan, writer, mapping, progress }: RowsOptions): RowReader {
  const { conversion } = plan;
  const format: CopyFormat = plan.format;
  const record: RecordOptions = { label: file.file.label, headerLines: conversion.headerLines };
  const { ignoreBlankLines } = conversion;
  switch (format.type) {
    case "text": {
      const foundCarriageReturn = (): void => {
        progress.carriageReturns += 1;
      };
      const { delimiter, escape, removeQuotes } = format;
      const how = { delimiter, escape, removeQuotes, ignoreBlankLines, foundCarriageReturn };
      return new DelimitedReader(writer, conversion, { ...record, ...how });
    }
    case "csv":
      return new CsvReader(writer, conversion, { ...record, ...format, ignoreBlankLines });
    case "fixed-width": {
      const widths = format.columns.map(({ width }) => width);
      const { removeQuotes } = format;
      return new FixedWidthReader(writer, conversion, { ...record, widths, removeQuotes, ignoreBlankLines });
    }
    case "json": {
      const { invalidCharacter } = conversion;
      return new JsonReader(writer, { ...record, mapping, invalidCharacter });
    }
    default:
      throw new ShellError("bug/invariant", `${format.type} is not text`);
  }
}
