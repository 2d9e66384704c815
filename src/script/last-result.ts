import type { Column, Row } from "../events.ts";

/** More of a result is not kept. */
export const KEPT_ROWS = 10_000;
const KEPT_CHARACTERS = 8_000_000;

/** The beginning of the last statement's result, so that it can be drawn again without running anything. */
export class LastResult {
  columns: readonly Column[] = [];
  rows: Row[] = [];
  /** Of the whole result. */
  total = 0;
  #characters = 0;

  begin(columns: readonly Column[]): void {
    this.columns = columns;
    this.rows = [];
    this.total = 0;
    this.#characters = 0;
  }

  add(rows: readonly Row[]): void {
    this.total += rows.length;
    for (const row of rows) {
      if (this.rows.length >= KEPT_ROWS || this.#characters >= KEPT_CHARACTERS) return;
      for (const value of row) this.#characters += value?.length ?? 0;
      this.rows.push(row);
    }
  }
}
