import type { Compression, FilePiece } from "../formats/compress.ts";
import { openPacker, type Pack } from "../formats/compress.ts";
import { ByteSink } from "../formats/byte-sink.ts";
import { CsvEncoder } from "../formats/csv-encoder.ts";
import { DelimitedEncoder } from "../formats/delimited-encoder.ts";
import { FixedWidthEncoder } from "../formats/fixed-width-encoder.ts";
import { JsonLinesEncoder } from "../formats/json-lines-encoder.ts";
import type { RecordEncoder } from "../formats/record-encoder.ts";
import type { SourceColumn } from "../formats/source-column.ts";
import type { UnloadFormat } from "../plan/unload-plan.ts";
import type { BatchPlace, RowBatch } from "./batches.ts";

/** Formats whose files are records, one after another. */
export type RecordFormat = Exclude<UnloadFormat, { readonly type: "parquet" }>;

/** What has to be known to turn rows into records; can be sent to worker threads. */
export interface Encoding {
  readonly columns: readonly SourceColumn[];
  readonly format: RecordFormat;
  readonly compression: Compression;
}

/** Records of a batch of rows. */
export interface EncodedBatch extends BatchPlace, FilePiece {
  /** Just past each record, where files are cut exactly: in those that are not compressed. */
  readonly ends: Uint32Array | undefined;
  /** Values that read back as NULL. */
  readonly nullLookalikes: number;
}

/** Encodes batches, each by itself. */
export class BatchEncoder {
  readonly #encoder: RecordEncoder;
  readonly #pack: Pack | undefined;
  readonly #isCutExactly: boolean;
  readonly #out = new ByteSink();

  /** @throws ShellError `option/value` for clauses that do not go with the columns */
  constructor({ columns, format, compression }: Encoding, pack: Pack | undefined) {
    this.#encoder = encoderOf(columns, format);
    this.#pack = pack;
    this.#isCutExactly = compression === "none";
  }

  /** @throws ShellError `option/value` for clauses that do not go with the columns */
  static async open(encoding: Encoding): Promise<BatchEncoder> {
    return new BatchEncoder(encoding, await openPacker(encoding.compression));
  }

  /** What every file begins with. */
  get header(): FilePiece | undefined {
    const { header } = this.#encoder;
    return header.length === 0 ? undefined : this.#piece(header);
  }

  /** @throws ShellError `option/value` for a value that the format has no room for */
  encode({ bytes, ends, ...place }: RowBatch): EncodedBatch {
    const [encoder, out] = [this.#encoder, this.#out];
    const before = encoder.nullLookalikes;
    const recordEnds = this.#isCutExactly ? new Uint32Array(place.rows) : undefined;
    encoder.encodeRows(bytes, ends, out, recordEnds);
    const nullLookalikes = encoder.nullLookalikes - before;
    return { ...place, ...this.#piece(out.copy()), ends: recordEnds, nullLookalikes };
  }

  #piece(plain: Uint8Array): FilePiece {
    return this.#pack === undefined ? { plain } : { plain, packed: this.#pack(plain) };
  }
}

function encoderOf(columns: readonly SourceColumn[], format: RecordFormat): RecordEncoder {
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
