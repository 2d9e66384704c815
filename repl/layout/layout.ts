import type { Column, Display, Row } from "../../src/index.ts";
import { createAligned } from "./aligned.ts";
import { createCsv } from "./csv.ts";
import { createJson } from "./json.ts";
import { createUnaligned } from "./unaligned.ts";

/** One result's rows as text. Pieces come as soon as the format allows: aligned text needs all rows first. */
export interface Layout {
  readonly begin: (columns: readonly Column[]) => string;
  readonly rows: (rows: readonly Row[]) => string;
  /** What is left, in pieces of moderate size. */
  readonly end: () => Iterable<string>;
}

export interface Surface {
  /** Width of the terminal in columns; absent off a terminal. */
  readonly columns?: number;
  /** Control characters in values could steer the terminal: show them as escapes. */
  readonly escapes: boolean;
  /** Lines below the result instead of `(3 rows)`, as \d prints. */
  readonly footers?: readonly string[];
}

export function createLayout(display: Display, surface: Surface): Layout {
  if (display.format === "aligned") return createAligned(display, surface);
  if (display.format === "unaligned") return createUnaligned(display, surface);
  if (display.format === "csv") return createCsv(display);
  return createJson(display.format);
}

/** The lines below a result: those given, else the count of rows. */
export function footerLines(display: Display, surface: Surface, rowCount: number): readonly string[] {
  if (display.tuplesOnly) return [];
  if (surface.footers !== undefined) return surface.footers;
  return display.footer ? [rowCount === 1 ? "(1 row)" : `(${rowCount} rows)`] : [];
}
