// At most so many rows of a result, and a line that says so. The rows behind them are counted, not kept.
import type { Display } from "../../src/index.ts";
import { createLayout, printCount, type Layout, type Surface } from "./layout.ts";

/** @param rowsMax at least 1. */
export function createCapped(display: Display, surface: Surface, rowsMax: number): Layout {
  let seen = 0;
  let told = false;
  const total = (): number => {
    told = true;
    return seen;
  };
  const layout = createLayout(display, { ...surface, total });
  return {
    begin: (columns) => layout.begin(columns),
    rows(rows) {
      const room = Math.max(0, rowsMax - seen);
      seen += rows.length;
      return room === 0 ? "" : layout.rows(room < rows.length ? rows.slice(0, room) : rows);
    },
    *end() {
      yield* layout.end();
      // Whatever lines were turned off: what is missing is said.
      if (seen > rowsMax && !told) yield `${printCount(rowsMax, seen)}\n`;
    },
  };
}
