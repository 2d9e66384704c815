import type { Part } from "../events.ts";
import type { LoadFile } from "./files.ts";

/** Files that are told of at a time. */
const SHOWN_MAX = 6;

/** How far the files are that are being read. Memory is that of the files under way, however many there are. */
export class ActiveFiles {
  readonly #reading = new Map<number, { bytes: number; rows: number }>();

  /** Some of a file was read; `at` is its place among all. */
  read(at: number, bytes: number): void {
    this.#at(at).bytes += bytes;
  }

  /** Some of a file became rows. */
  took(at: number, rows: number): void {
    this.#at(at).rows += rows;
  }

  end(at: number): void {
    this.#reading.delete(at);
  }

  parts(files: readonly { readonly file: LoadFile }[]): readonly Part[] {
    return [...this.#reading].slice(0, SHOWN_MAX).flatMap(([at, { bytes, rows }]): readonly Part[] => {
      const file = files[at]?.file;
      if (file === undefined) return [];
      const done = { rows: BigInt(rows), storedBytes: BigInt(Math.min(bytes, file.bytes)) };
      return [{ kind: "file", name: file.key, done, total: { storedBytes: BigInt(file.bytes) } }];
    });
  }

  #at(at: number): { bytes: number; rows: number } {
    const known = this.#reading.get(at) ?? { bytes: 0, rows: 0 };
    this.#reading.set(at, known);
    return known;
  }
}
