import type { ByteSink } from "../formats/byte-sink.ts";
import { CsvEncoder } from "../formats/csv-encoder.ts";
import { DelimitedEncoder } from "../formats/delimited-encoder.ts";
import { FixedWidthEncoder } from "../formats/fixed-width-encoder.ts";
import { JsonLinesEncoder } from "../formats/json-lines-encoder.ts";
import { ParquetFile } from "../formats/parquet-file.ts";
import type { RecordEncoder } from "../formats/record-encoder.ts";
import type { SourceColumn } from "../formats/source-column.ts";
import type { UnloadFormat } from "../plan/unload-plan.ts";

/** The content of one file, made from rows `[start, end)` of COPY's text. */
export interface FileBody {
  readonly header: Uint8Array;
  /** Tells whether a file may only be cut here: always for records, after a row group for PARQUET. */
  add(source: Uint8Array, start: number, end: number, out: ByteSink): boolean;
  end(out: ByteSink): void;
}

/** What makes the bodies of one series' files. */
export interface BodyMaker {
  /** Whether a record's bytes are known once it is added. */
  readonly byRecord: boolean;
  open(): FileBody;
  /** Values so far that read back as NULL. */
  readonly nullLookalikes: () => number;
}

export function bodyMaker(columns: readonly SourceColumn[], format: UnloadFormat): BodyMaker {
  if (format.type === "parquet") {
    const open = (): FileBody => {
      const file = new ParquetFile(columns, format.rowGroupBytes);
      return {
        header: new Uint8Array(0),
        add: (source, start, end, out) => file.add(source, start, end, out),
        end: (out) => file.end(out),
      };
    };
    return { byRecord: false, open, nullLookalikes: () => 0 };
  }
  const encoder = encoderOf(columns, format);
  const body: FileBody = {
    header: encoder.header,
    add: (source, start, end, out) => {
      encoder.encode(source, start, end, out);
      return true;
    },
    end: () => undefined,
  };
  return { byRecord: true, open: () => body, nullLookalikes: () => encoder.nullLookalikes };
}

function encoderOf(
  columns: readonly SourceColumn[],
  format: Exclude<UnloadFormat, { readonly type: "parquet" }>,
): RecordEncoder {
  switch (format.type) {
    case "text":
      return new DelimitedEncoder(columns, format);
    case "csv":
      return new CsvEncoder(columns, format);
    case "json":
      return new JsonLinesEncoder(columns);
    case "fixed-width":
      return new FixedWidthEncoder(columns, format);
  }
  return format satisfies never;
}
