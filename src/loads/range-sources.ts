import { ShellError } from "../errors.ts";
import type { FileRanges } from "../formats/readers/parquet.ts";
import type { OpenFile } from "./open-file.ts";
import { openRanges } from "./parquet-ranges.ts";
import { readWish } from "./range-wish.ts";

/** Files that worker threads ask for range by range. */
export class RangeSources {
  readonly #files: readonly OpenFile[];
  readonly #signal: AbortSignal;
  readonly #open = new Map<number, Promise<FileRanges>>();

  constructor(files: readonly OpenFile[], signal: AbortSignal) {
    this.#files = files;
    this.#signal = signal;
  }

  /** Throws what reading files throws. */
  async answer(wish: string): Promise<Uint8Array> {
    const { file, range } = readWish(wish);
    const ranges = await this.of(file);
    if (range === undefined) return new Uint8Array(Buffer.from(String(ranges.byteLength)));
    return new Uint8Array(await ranges.slice(range.start, range.end));
  }

  of(file: number): Promise<FileRanges> {
    const open = this.#files[file];
    if (open === undefined) throw new ShellError("bug/invariant", `there is no file ${file}`);
    const ranges = this.#open.get(file) ?? openRanges(open, this.#signal);
    this.#open.set(file, ranges);
    return ranges;
  }
}
