// Rows to files: dealt out in batches, encoded and packed in worker threads, stored here.
import type { Compression } from "../formats/compress.ts";
import type { RowBlock } from "../formats/rows.ts";
import type { SourceColumn } from "../formats/source-column.ts";
import type { UnloadFormat } from "../plan/unload-plan.ts";
import { dealRows, type BatchPlace, type RowBatch } from "./batches.ts";
import { encodeBatches } from "./encode.ts";
import { BatchEncoder, type EncodedBatch, type Encoding } from "./encoders.ts";
import { ParquetSeries } from "./parquet-series.ts";
import { RecordSeries } from "./record-series.ts";
import { UnloadSink, type SinkOptions } from "./sink.ts";

export interface ExportOptions {
  /** Those that files hold. */
  readonly columns: readonly SourceColumn[];
  /** Those that name folders: the last ones of every row. */
  readonly keys: readonly SourceColumn[];
  readonly format: UnloadFormat;
  readonly compression: Compression;
  /** False for one series of files in the rows' order. */
  readonly parallel: boolean;
  /** Threads, and series of files at once. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly sink: Omit<SinkOptions<BatchPlace>, "openSeries">;
}

export interface OpenExport {
  readonly sink: UnloadSink<BatchPlace>;
  /** Values so far that read back as NULL. */
  readonly nullLookalikes: number;
  /** Writes all rows; yields now and then. */
  write(rows: (signal: AbortSignal) => AsyncIterable<RowBlock>): AsyncGenerator<void>;
}

/** Series of PARQUET written at once: each holds a row group's values. */
const PARQUET_SLICES_MAX = 2;
const BATCH_BYTES = 256 * 1024;
/** About one of bzip2's blocks. */
const BZIP2_BATCH_BYTES = 768 * 1024;

/** @throws ShellError `option/value` for clauses that do not go with the columns */
export async function openExport(options: ExportOptions): Promise<OpenExport> {
  const { format, columns, compression } = options;
  if (format.type === "parquet") return new ParquetExport(options, format.rowGroupBytes);
  const encoding: Encoding = { columns, format, compression };
  return new RecordExport(options, encoding, await BatchEncoder.open(encoding));
}

class RecordExport implements OpenExport {
  readonly sink: UnloadSink<EncodedBatch>;
  nullLookalikes = 0;
  readonly #options: ExportOptions;
  readonly #encoding: Encoding;
  readonly #encoder: BatchEncoder;

  constructor(options: ExportOptions, encoding: Encoding, encoder: BatchEncoder) {
    this.#options = options;
    this.#encoding = encoding;
    this.#encoder = encoder;
    const { header } = encoder;
    this.sink = new UnloadSink({ ...options.sink, openSeries: (series) => new RecordSeries(series, header) });
  }

  async *write(rows: (signal: AbortSignal) => AsyncIterable<RowBlock>): AsyncGenerator<void> {
    const { keys, parallel, jobs, compression } = this.#options;
    const batchBytes = compression === "bzip2" ? BZIP2_BATCH_BYTES : BATCH_BYTES;
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, stop.signal]);
    const batches = dealRows(rows(signal), { keys, slices: parallel ? jobs : 1, batchBytes });
    const encoded = encodeBatches(batches, {
      encoding: this.#encoding,
      encoder: this.#encoder,
      jobs,
      signal: this.#options.signal,
      stopSource: () => stop.abort(),
    });
    for await (const batch of encoded) {
      this.nullLookalikes += batch.nullLookalikes;
      await this.sink.write(batch);
      yield;
    }
  }
}

class ParquetExport implements OpenExport {
  readonly sink: UnloadSink<RowBatch>;
  readonly nullLookalikes = 0;
  readonly #options: ExportOptions;

  constructor(options: ExportOptions, rowGroupBytes: number) {
    this.#options = options;
    const { columns } = options;
    const openSeries = (series: ConstructorParameters<typeof ParquetSeries>[0]): ParquetSeries =>
      new ParquetSeries(series, columns, rowGroupBytes);
    this.sink = new UnloadSink({ ...options.sink, openSeries });
  }

  async *write(rows: (signal: AbortSignal) => AsyncIterable<RowBlock>): AsyncGenerator<void> {
    const { keys, parallel, jobs, signal } = this.#options;
    const slices = parallel ? Math.min(jobs, PARQUET_SLICES_MAX) : 1;
    for await (const batch of dealRows(rows(signal), { keys, slices, batchBytes: BATCH_BYTES })) {
      await this.sink.write(batch);
      yield;
    }
  }
}
