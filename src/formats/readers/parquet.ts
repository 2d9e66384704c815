// PARQUET: columns are matched by their order. Numbers keep all their digits: hyparquet would make floats of decimals
// and lose microseconds, so it is shown raw integers and the text is made here.
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { parquetMetadataAsync, parquetRead, type FileMetaData } from "hyparquet";
import { ShellError } from "../../errors.ts";
import { momentOfDays, momentOfMicros, printDate, printTimestamp } from "../columns/moment.ts";
import type { RowWriter } from "../columns/row-writer.ts";
import { nestedJson, scalarText, shapesOf, type Shape } from "./parquet-shape.ts";

/** A file of which any part can be had. */
export interface FileRanges {
  readonly byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

export interface ParquetOptions {
  /** What to call the file in errors. */
  readonly label: string;
  readonly fillRecord: boolean;
  /** Columns whose nested values are written as JSON; `all` for every one. */
  readonly serializeToJson: "none" | "all" | readonly string[];
}

const parsers = {
  timestampFromMilliseconds: (millis: bigint) => printUtc(millis * 1000n),
  timestampFromMicroseconds: (micros: bigint) => printUtc(micros),
  timestampFromNanoseconds: (nanos: bigint) => printUtc(floorDivide(nanos, 1000n)),
  dateFromDays: (days: number) => printDate(momentOfDays(days)),
  // A map's keys become names of properties: printed, a Buffer is its text.
  stringFromBytes: (bytes: Uint8Array | undefined) =>
    bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
  jsonFromBytes: (bytes: Uint8Array | undefined) => bytes,
};

function printUtc(micros: bigint): string {
  return printTimestamp(momentOfMicros(micros), true);
}

function floorDivide(a: bigint, b: bigint): bigint {
  return a >= 0n ? a / b : -((-a + b - 1n) / b);
}

const compressors = {
  GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)),
  ZSTD: (input: Uint8Array) => new Uint8Array(zstdDecompressSync(input)),
  BROTLI: (input: Uint8Array) => new Uint8Array(brotliDecompressSync(input)),
};

/** Rows between two turns of whoever takes them. */
const ROWS_AT_ONCE = 1000;

/** Rows of one file into the writer; gives way now and then, so that no more blocks wait than needed. */
export async function* readParquet(file: FileRanges, writer: RowWriter, options: ParquetOptions): AsyncGenerator<void> {
  const metadata = await readable(options, () => parquetMetadataAsync(file));
  const columns = topColumns(metadata, writer, options);
  let line = 0;
  for (const group of metadata.row_groups) {
    const rows = await readable(options, () => readGroup(file, metadata, line, Number(group.num_rows)));
    for (const row of rows) {
      line += 1;
      writer.begin({ line, bytes: new Uint8Array(0), start: 0, end: 0 });
      if (columns.every((column, at) => writeValue(writer, row[at], column)) && fill(writer, columns.length))
        writer.end();
      if (line % ROWS_AT_ONCE === 0) yield;
    }
  }
}

async function readGroup(
  file: FileRanges,
  metadata: FileMetaData,
  rowStart: number,
  rows: number,
): Promise<readonly (readonly unknown[])[]> {
  let read: readonly (readonly unknown[])[] = [];
  const range = { rowStart, rowEnd: rowStart + rows };
  await parquetRead({
    file,
    metadata,
    ...range,
    compressors,
    parsers,
    utf8: false,
    geoparquet: false,
    onComplete: (complete: unknown[][]) => {
      read = complete;
    },
  });
  return read;
}

async function readable<T>({ label }: ParquetOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ShellError) throw cause;
    throw new ShellError("load/file", `${label} cannot be read as PARQUET`, {
      detail: [cause instanceof Error ? cause.message : String(cause)],
      hint: "check the file: another format, a part of one, or a compression that cannot be read here",
      note: "nothing was loaded",
      cause,
    });
  }
}

interface ParquetColumn {
  readonly name: string;
  readonly shape: Shape;
}

/** The file's columns, which must be as many as the table's. */
function topColumns(metadata: FileMetaData, writer: RowWriter, options: ParquetOptions): readonly ParquetColumn[] {
  const columns = shapesOf(metadata.schema).map(([name, shape]) => ({ name, shape }));
  checkColumns(columns, writer, options);
  return columns;
}

function checkColumns(columns: readonly ParquetColumn[], writer: RowWriter, options: ParquetOptions): void {
  const [table, data] = [writer.columns.length, columns.length];
  if (data > table || (data < table && !options.fillRecord)) {
    throw new ShellError("load/file", "Unmatched number of columns between table and file", {
      detail: [`${options.label}: Table columns: ${table}, Data columns: ${data}`],
      hint: "PARQUET goes by the order of columns: give a column list, or FILLRECORD if the last ones are missing",
      note: "nothing was loaded",
    });
  }
  const nested = columns.filter(({ shape }) => shape.kind !== "value");
  const { serializeToJson } = options;
  for (const { name } of nested) {
    if (serializeToJson === "all" || (serializeToJson !== "none" && serializeToJson.includes(name))) continue;
    throw new ShellError("load/file", "SUPER column in COPY query requires SERIALIZETOJSON option", {
      detail: [`${options.label}: ${name} holds lists or structures`],
      hint: `add SERIALIZETOJSON (${name})`,
      note: "nothing was loaded",
    });
  }
}

function fill(writer: RowWriter, from: number): boolean {
  for (let at = from; at < writer.columns.length; at += 1) if (!writer.null()) return false;
  return true;
}

function writeValue(writer: RowWriter, value: unknown, column: ParquetColumn): boolean {
  if (value === null || value === undefined) return writer.null();
  const bytes = bytesOf(writer, value, column);
  return writer.value(bytes, 0, bytes.length);
}

function bytesOf(writer: RowWriter, value: unknown, { shape }: ParquetColumn): Uint8Array {
  if (shape.kind !== "value") return Buffer.from(nestedJson(value, shape));
  const text = scalarText(value, shape);
  if (text !== undefined) return Buffer.from(text);
  if (!(value instanceof Uint8Array)) return Buffer.from(String(value));
  const isHex = writer.column?.kind.type === "bytes" && shape.element.converted_type !== "UTF8";
  return isHex ? Buffer.from(Buffer.from(value).toString("hex")) : value;
}
