// One Parquet file, row group by row group: SNAPPY, every column OPTIONAL, as Redshift writes them. A group's values are
// the only rows ever held.
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { VERSION } from "../version.ts";
import type { ByteSink } from "./byte-sink.ts";
import { decodeField, fieldEnd, isNullAt, unpaddedEnd } from "./copy-text.ts";
import { parquetColumn, type ParquetColumn, type ParquetValue } from "./parquet-values.ts";
import { kindOf, type SourceColumn } from "./source-column.ts";

/** What a value takes in memory beside its bytes, so that a group of many small values is bounded too. */
const VALUE_BYTES = 64;

export class ParquetFile {
  readonly #columns: readonly ParquetColumn[];
  readonly #padded: readonly boolean[];
  readonly #groupBytes: number;
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  #group: (ParquetValue | null)[][];
  #groupSize = 0;

  constructor(columns: readonly SourceColumn[], groupBytes: number) {
    this.#columns = columns.map(parquetColumn);
    this.#padded = columns.map((column) => kindOf(column) === "padded");
    this.#groupBytes = groupBytes;
    this.#group = columns.map(() => []);
    const schema = [{ name: "schema", num_children: columns.length }, ...this.#columns.map(({ element }) => element)];
    this.#writer = new ParquetWriter({ writer: this.#bytes, schema, codec: "SNAPPY", createdBy: `Sealift ${VERSION}` });
  }

  /** Takes a row `[start, end)` of COPY's text; when that completes a group, appends it. Tells whether it did. */
  add(source: Uint8Array, start: number, end: number, out: ByteSink): boolean {
    let at = start;
    for (const [index, column] of this.#columns.entries()) {
      const last = fieldEnd(source, at, end);
      const isNull = isNullAt(source, at);
      const to = this.#padded[index] === true ? unpaddedEnd(source, at, last) : last;
      this.#group[index]?.push(isNull ? null : column.read(decodeField(source, at, to)));
      at = last + 1;
    }
    this.#groupSize += end - start + this.#columns.length * VALUE_BYTES;
    if (this.#groupSize < this.#groupBytes) return false;
    this.#flush(out);
    return true;
  }

  /** Appends the last group and the footer. */
  end(out: ByteSink): void {
    if (this.#groupSize > 0) this.#flush(out);
    void this.#writer.finish();
    this.#move(out);
  }

  #flush(out: ByteSink): void {
    const columnData = this.#columns.map(({ element }, index) => ({
      name: element.name,
      data: this.#group[index] ?? [],
    }));
    void this.#writer.write({ columnData, rowGroupSize: Math.max(1, this.#group[0]?.length ?? 0) });
    this.#group = this.#columns.map(() => []);
    this.#groupSize = 0;
    this.#move(out);
  }

  /** The writer's offsets go on counting while its buffer starts again. */
  #move(out: ByteSink): void {
    out.append(this.#bytes.getBytes());
    this.#bytes.index = 0;
  }
}
