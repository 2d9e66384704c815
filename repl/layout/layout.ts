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
  /** Styles may be used: NULL is faint, so that it differs from the same text as a value. */
  readonly colour?: boolean;
  /** Rows there are, where not all of them are drawn. */
  readonly total?: () => number;
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
  return display.footer ? [printCount(rowCount, surface.total?.() ?? rowCount)] : [];
}

/** `(3 rows)`, or how many are shown of how many. */
export function printCount(shown: number, total: number): string {
  if (total > shown) return `(${shown} of ${total} rows; \\pset maxrows 0 shows all)`;
  return shown === 1 ? "(1 row)" : `(${shown} rows)`;
}
