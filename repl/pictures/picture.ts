import type { Column, Row } from "../../src/index.ts";
import { paintLine, type Style } from "../app/style.ts";
import type { Layout, Surface } from "../layout/layout.ts";
import { keyLines } from "./keys.ts";
import { planLines } from "./plan.ts";
import { timelineLines } from "./timeline.ts";

/** Another way to draw a result than as a table; undefined when the surface is no terminal or the result is not its kind. */
export type CreatePicture = (name: string, surface: Surface) => Layout | undefined;

/** A row by the names of its columns; null and absent alike are the empty text. */
export type Fields = (name: string) => string;

export interface Canvas {
  readonly columns: number;
  readonly footers: readonly string[];
  /** The text in a style, or as it is where there are no colours. Widths are to be taken before. */
  readonly paint: (style: Style, text: string) => string;
}

/** Rows as lines no wider than the canvas. */
type Draw = (rows: readonly Fields[], canvas: Canvas) => readonly string[];

const DRAWERS: Readonly<Record<string, Draw>> = { timeline: timelineLines, keys: keyLines, plan: planLines };

/** Narrower than this nothing can be drawn. */
const COLUMNS_MIN = 30;

export const createPicture: CreatePicture = (name, { columns: width, footers = [], colour = false }) => {
  const draw = DRAWERS[name];
  if (draw === undefined || width === undefined || width < COLUMNS_MIN) return undefined;
  const paint = (style: Style, text: string): string => paintLine([{ text, style }], colour);
  let names: readonly string[] = [];
  const rows: Row[] = [];
  return {
    begin(columns: readonly Column[]) {
      names = columns.map((column) => column.name);
      return "";
    },
    rows(more) {
      rows.push(...more);
      return "";
    },
    *end() {
      const fields = rows.map(
        (row): Fields =>
          (wanted) =>
            row[names.indexOf(wanted)] ?? "",
      );
      for (const line of draw(fields, { columns: width, footers, paint })) yield `${line}\n`;
      yield "\n";
    },
  };
};
