// psql's default table: headers in the middle, numbers to the right, `+` where a cell goes on in the next line.
import type { Column, Display } from "../../src/index.ts";
import { cellOf, pieces, widthOf, type Cell } from "./cells.ts";
import { expandedLines } from "./expanded.ts";
import { footerLines, type Layout, type Surface } from "./layout.ts";

export interface Table {
  readonly columns: readonly Column[];
  readonly headers: readonly Cell[];
  readonly rows: readonly (readonly Cell[])[];
}

const RULES = {
  0: { left: "", cross: " ", right: "" },
  1: { left: "-", cross: "-+-", right: "-" },
  2: { left: "+-", cross: "-+-", right: "-+" },
} as const;

export function createAligned(display: Display, surface: Surface): Layout {
  let columns: readonly Column[] = [];
  const rows: (readonly Cell[])[] = [];
  const nullCell = cellOfNull(display, surface);
  return {
    begin(named) {
      columns = named;
      return "";
    },
    rows(more) {
      for (const row of more) rows.push(row.map((value) => (value === null ? nullCell : cellOf(value))));
      return "";
    },
    *end() {
      const table: Table = { columns, headers: columns.map((column) => cellOf(column.name)), rows };
      const footers = footerLines(display, surface, rows.length);
      const expanded = isExpanded(display, surface, table);
      yield* pieces(expanded ? expandedLines(table, display, surface) : alignedLines(table, display, footers));
    },
  };
}

function cellOfNull({ nullText, visibleNull }: Display, { columns, colour }: Surface): Cell {
  if (nullText !== "" || !visibleNull || columns === undefined) return cellOf(nullText);
  const cell = cellOf("NULL");
  return colour === true ? { ...cell, lines: cell.lines.map((line) => `\u001b[2m${line}\u001b[22m`) } : cell;
}

function isExpanded(display: Display, surface: Surface, table: Table): boolean {
  if (display.expanded !== "auto") return display.expanded === "on";
  return surface.columns !== undefined && totalWidth(widthsOf(table), display.border) > surface.columns;
}

function widthsOf({ headers, rows }: Table): number[] {
  const widths = headers.map((header) => header.width);
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      if (cell.width > (widths[index] ?? 0)) widths[index] = cell.width;
    }
  }
  return widths;
}

function totalWidth(widths: readonly number[], border: Display["border"]): number {
  const around = border === 0 ? widths.length : widths.length * 3 + (border === 1 ? -Math.sign(widths.length) : 1);
  return widths.reduce((sum, width) => sum + width, around);
}

function* alignedLines(table: Table, display: Display, footers: readonly string[]): Generator<string> {
  const widths = widthsOf(table);
  const { border } = display;
  if (!display.tuplesOnly) {
    if (display.title !== undefined) yield titleLine(display.title, totalWidth(widths, border));
    if (border === 2) yield ruleLine(widths, border);
    yield* headerLines(table.headers, widths, border);
    yield ruleLine(widths, border);
  } else if (border === 2) {
    yield ruleLine(widths, border);
  }
  const rightAligned = table.columns.map((column) => column.kind === "number");
  for (const row of table.rows) yield* rowLines(row, { widths, rightAligned, border });
  if (border === 2) yield ruleLine(widths, border);
  for (const footer of footers) yield `${footer}\n`;
  yield "\n";
}

function titleLine(title: string, width: number): string {
  const indent = Math.max(0, Math.floor((width - widthOf(title)) / 2));
  return `${" ".repeat(indent)}${title}\n`;
}

function ruleLine(widths: readonly number[], border: Display["border"]): string {
  const { left, cross, right } = RULES[border];
  return `${left}${widths.map((width) => "-".repeat(width)).join(cross)}${right}\n`;
}

function* headerLines(
  headers: readonly Cell[],
  widths: readonly number[],
  border: Display["border"],
): Generator<string> {
  const height = Math.max(1, ...headers.map((header) => header.lines.length));
  for (let at = 0; at < height; at++) {
    const parts = headers.map((header, index) => {
      const space = (widths[index] ?? 0) - (header.widths[at] ?? 0);
      const text = `${" ".repeat(Math.floor(space / 2))}${header.lines[at] ?? ""}${" ".repeat(Math.ceil(space / 2))}`;
      return `${border === 0 ? "" : " "}${text}${at + 1 < header.lines.length ? "+" : " "}`;
    });
    const line = parts.join(border === 0 ? "" : "|");
    yield border === 2 ? `|${line}|\n` : `${line}\n`;
  }
}

interface Frame {
  readonly widths: readonly number[];
  readonly rightAligned: readonly boolean[];
  readonly border: Display["border"];
}

function* rowLines(row: readonly Cell[], { widths, rightAligned, border }: Frame): Generator<string> {
  let height = 1;
  for (const cell of row) height = Math.max(height, cell.lines.length);
  const last = row.length - 1;
  const divider = border === 0 ? "" : "|";
  for (let at = 0; at < height; at++) {
    let line = border === 2 ? "|" : "";
    for (const [index, cell] of row.entries()) {
      const text = cell.lines[at];
      const goesOn = at + 1 < cell.lines.length;
      const space = " ".repeat((widths[index] ?? 0) - (cell.widths[at] ?? 0));
      // The last column has no space behind it, unless a mark stands there.
      const closed = index < last || border === 2;
      if (border !== 0) line += " ";
      if (text === undefined) line += closed ? space : "";
      else if (rightAligned[index] === true) line += space + text;
      else line += closed || goesOn ? text + space : text;
      line += goesOn ? "+" : closed ? " " : "";
      if (index < last) line += divider;
    }
    yield `${line}${border === 2 ? "|" : ""}\n`;
  }
}
