import { ByteSink } from "../formats/byte-sink.ts";
import { ParquetFile } from "../formats/parquet-file.ts";
import type { SourceColumn } from "../formats/source-column.ts";
import type { RowBatch } from "./batches.ts";
import { Series, type SeriesOptions } from "./series.ts";

/** Files of PARQUET, cut after the row group that fills them. */
export class ParquetSeries extends Series<RowBatch> {
  readonly #columns: readonly SourceColumn[];
  readonly #rowGroupBytes: number;
  readonly #out = new ByteSink();
  #body: ParquetFile | undefined;
  #records = 0;

  constructor(options: SeriesOptions, columns: readonly SourceColumn[], rowGroupBytes: number) {
    super(options);
    this.#columns = columns;
    this.#rowGroupBytes = rowGroupBytes;
  }

  async write({ bytes, ends, rows }: RowBatch): Promise<void> {
    let start = 0;
    for (let row = 0; row < rows; row += 1) {
      const end = ends[row] ?? 0;
      this.#body ??= new ParquetFile(this.#columns, this.#rowGroupBytes);
      const isGroup = this.#body.add(bytes, start, end - 1, this.#out);
      this.#records += 1;
      start = end;
      if (isGroup) await this.#endGroup();
    }
  }

  override async finish(): Promise<void> {
    if (this.#body !== undefined) await this.#endFile();
  }

  async #endGroup(): Promise<void> {
    await this.#handOut();
    // What the file's end may add: another row group.
    if ((this.file?.bytesMax ?? 0) + this.#rowGroupBytes > this.options.fileBytesMax) await this.#endFile();
  }

  async #endFile(): Promise<void> {
    this.#body?.end(this.#out);
    await this.#handOut();
    this.#body = undefined;
    await this.close();
  }

  async #handOut(): Promise<void> {
    const records = this.#records;
    this.#records = 0;
    if (this.#out.used > 0) await this.hand({ plain: this.#out.take() }, records);
  }
}
