import type { FilePiece } from "../formats/compress.ts";
import type { EncodedBatch } from "./encoders.ts";
import { Series, type SeriesOptions } from "./series.ts";

/**
 * Files of records. Those that are not compressed are cut at the record that would make them too long; the others at the
 * batch, of which they hold at least one.
 */
export class RecordSeries extends Series<EncodedBatch> {
  readonly #header: FilePiece | undefined;

  constructor(options: SeriesOptions, header: FilePiece | undefined) {
    super(options);
    this.#header = header;
  }

  /** A copy, as a file frees what it took. */
  protected override get header(): FilePiece | undefined {
    if (this.#header === undefined) return undefined;
    const { plain, packed } = this.#header;
    return { plain: plain.slice(), ...(packed === undefined ? {} : { packed: packed.slice() }) };
  }

  async write(batch: EncodedBatch): Promise<void> {
    const { plain, packed, rows, ends } = batch;
    if (ends !== undefined) {
      await this.#writeExactly(plain, ends);
      return;
    }
    const bytes = (packed ?? plain).length;
    if (this.file !== undefined && this.file.bytesMax + bytes > this.options.fileBytesMax) await this.close();
    await this.hand(packed === undefined ? { plain } : { plain, packed }, rows);
  }

  async #writeExactly(plain: Uint8Array, ends: Uint32Array): Promise<void> {
    let [from, start] = [0, 0];
    while (from < ends.length) {
      const to = this.#fitting(ends, from, start);
      if (to > from) {
        const end = ends[to - 1] ?? 0;
        const isWhole = from === 0 && to === ends.length;
        await this.hand({ plain: isWhole ? plain : plain.slice(start, end) }, to - from);
        [from, start] = [to, end];
      }
      if (from < ends.length) await this.close();
    }
  }

  /** The record before which the file has to end. A record that no file has room for gets one of its own. */
  #fitting(ends: Uint32Array, from: number, start: number): number {
    const written = this.file?.plainBytes ?? this.#header?.plain.length ?? 0;
    const fits = (to: number): boolean => this.#storedBytes(written + (ends[to - 1] ?? 0) - start) <= this.#limit;
    if (fits(ends.length)) return ends.length;
    let to = from;
    while (fits(to + 1)) to += 1;
    return to === from && this.file === undefined ? from + 1 : to;
  }

  get #limit(): number {
    return this.options.fileBytesMax;
  }

  #storedBytes(plainBytes: number): number {
    return this.options.upload.seal === undefined ? plainBytes : plainBytes - (plainBytes % 16) + 16;
  }
}
