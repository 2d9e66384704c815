import type { Column, Row } from "../events.ts";
import { RowStore, type PackedRows } from "./row-store.ts";

/** More of a result is not kept, in rows and in characters of their values. */
export const KEPT_ROWS = 10_000;
export const KEPT_CHARACTERS = 8_000_000;

/** The beginning of the last statement's result, so that it can be drawn again without running anything. */
export class LastResult {
  columns: readonly Column[] = [];
  /** Rows that are kept. */
  kept = 0;
  /** Of the whole result. */
  total = 0;
  readonly #store = new RowStore();
  #packed: PackedRows[] = [];
  #room = KEPT_CHARACTERS;

  begin(columns: readonly Column[]): void {
    this.columns = columns;
    this.kept = 0;
    for (const batch of this.#packed.splice(0)) batch.free();
    this.total = 0;
    this.#room = KEPT_CHARACTERS;
  }

  /** What is kept, in batches. */
  *batches(): Generator<readonly Row[]> {
    for (const batch of this.#packed) yield batch.rows;
  }

  add(rows: readonly Row[]): void {
    this.total += rows.length;
    // What is kept is a beginning: behind the first row that has no room there is none.
    if (this.kept < this.total - rows.length || this.#room <= 0) return;
    const some = rows.slice(0, this.#roomFor(rows));
    if (some.length === 0) return;
    this.kept += some.length;
    this.#packed.push(this.#store.pack(some));
  }

  #roomFor(rows: readonly Row[]): number {
    const most = Math.min(rows.length, KEPT_ROWS - this.kept);
    for (let count = 0; count < most; count++) {
      for (const value of rows[count] ?? []) this.#room -= value?.length ?? 0;
      if (this.#room < 0) return count;
    }
    return most;
  }
}
