// psql's default table: headers in the middle, numbers to the right, `+` where a cell goes on in the next line. Widths are
// those of all rows, as long as these can be held back; of a larger result rows are drawn while it arrives, as wide as
// everything that has come by then, as psql's FETCH_COUNT does.
import { RowStore, type PackedRows, type Column, type Display, type Row } from "../../src/index.ts";
import { cellOf, pieces, widestLine, widthOf, type Cell } from "./cells.ts";
import { expandedEnd, expandedRows } from "./expanded.ts";
import { linesOf, ruleLine, type Lines } from "./lines.ts";
import { footerLines, type Layout, type Surface } from "./layout.ts";

/** What is held back at the most before its first row is drawn. */
export const HELD_ROWS = 20_000;
const HELD_CHARACTERS = 4_000_000;

export interface Table {
  readonly columns: readonly Column[];
  readonly headers: readonly Cell[];
  /** Of the values and headers so far. */
  readonly widths: readonly number[];
  /** Of the values alone. */
  readonly dataWidth: number;
  readonly cellOf: (value: string | null) => Cell;
}

export function createAligned(display: Display, surface: Surface): Layout {
  const nullCell = cellOfNull(display, surface);
  const store = new RowStore();
  const held: PackedRows[] = [];
  const size = { rows: 0, characters: 0 };
  let table = tableOf([], nullCell);
  let count = 0;
  /** Rows that have been drawn; undefined before the first, when the table's form is decided. */
  let drawn: { rows: number; readonly expanded: boolean } | undefined;
  const oldest = function* (): Generator<string> {
    const batch = held.shift();
    if (batch === undefined) return;
    const { rows } = batch;
    batch.free();
    [size.rows, size.characters] = [size.rows - batch.count, size.characters - batch.characters];
    if (drawn === undefined) {
      drawn = { rows: 0, expanded: isExpanded(display, surface, table) };
      if (!drawn.expanded) yield* headLines(table, display);
    }
    yield* drawn.expanded ? expandedRows(table, rows, display, drawn.rows) : bodyLines(table, rows, display);
    drawn.rows += rows.length;
  };
  return {
    begin(columns) {
      table = tableOf(columns, nullCell);
      return "";
    },
    rows(more) {
      table = widened(table, more);
      const batch = store.pack(more);
      held.push(batch);
      size.rows += batch.count;
      size.characters += batch.characters;
      count += more.length;
      let text = "";
      while (held.length > 1 && (size.rows > HELD_ROWS || size.characters > HELD_CHARACTERS)) {
        for (const line of oldest()) text += line;
      }
      return text;
    },
    *end() {
      if (held.length === 0) held.push(store.pack([]));
      while (held.length > 0) yield* pieces(oldest());
      const footers = footerLines(display, surface, count);
      yield* pieces(
        drawn?.expanded === true ? expandedEnd(table, display, surface, count) : footLines(table, display, footers),
      );
    },
  };
}

function tableOf(columns: readonly Column[], nullCell: Cell): Table {
  const headers = columns.map((column) => cellOf(column.name));
  return {
    columns,
    headers,
    widths: headers.map((header) => header.width),
    dataWidth: 0,
    cellOf: (value) => (value === null ? nullCell : cellOf(value)),
  };
}

/** The table with room for these rows as well. */
function widened(table: Table, rows: readonly Row[]): Table {
  const widths = [...table.widths];
  let { dataWidth } = table;
  const nullWidth = table.cellOf(null).width;
  for (const row of rows) {
    for (let index = 0; index < row.length; index++) {
      const value = row[index] ?? null;
      const width = value === null ? nullWidth : widestLine(value);
      if (width > (widths[index] ?? 0)) widths[index] = width;
      if (width > dataWidth) dataWidth = width;
    }
  }
  return { ...table, widths, dataWidth };
}

function cellOfNull({ nullText, visibleNull }: Display, { columns, colour }: Surface): Cell {
  if (nullText !== "" || !visibleNull || columns === undefined) return cellOf(nullText);
  const cell = cellOf("NULL");
  return colour === true ? { ...cell, lines: cell.lines.map((line) => `\u001b[2m${line}\u001b[22m`) } : cell;
}

function isExpanded(display: Display, surface: Surface, { widths }: Table): boolean {
  if (display.expanded !== "auto") return display.expanded === "on";
  return surface.columns !== undefined && totalWidth(widths, display.border) > surface.columns;
}

function totalWidth(widths: readonly number[], border: Display["border"]): number {
  const around = border === 0 ? widths.length : widths.length * 3 + (border === 1 ? -Math.sign(widths.length) : 1);
  return widths.reduce((sum, width) => sum + width, around);
}

function* headLines({ headers, widths }: Table, display: Display): Generator<string> {
  const { border } = display;
  if (!display.tuplesOnly) {
    if (display.title !== undefined) yield titleLine(display.title, totalWidth(widths, border));
    if (border === 2) yield ruleLine(widths, display, "top");
    // As in psql: of a table without columns only the rules are left.
    if (widths.length > 0) yield* headerLines(headers, widths, display);
    yield ruleLine(widths, display, "middle");
  }
}

function* bodyLines(
  { columns, widths, cellOf: cellFor }: Table,
  rows: readonly Row[],
  display: Display,
): Generator<string> {
  if (columns.length === 0) return;
  const rightAligned = columns.map((column) => column.kind === "number");
  const frame = { widths, rightAligned, border: display.border, lines: linesOf(display) };
  for (const row of rows) yield* rowLines(row.map(cellFor), frame);
}

function* footLines({ widths }: Table, display: Display, footers: readonly string[]): Generator<string> {
  if (display.border === 2) yield ruleLine(widths, display, "bottom");
  for (const footer of footers) yield `${footer}\n`;
  yield "\n";
}

function titleLine(title: string, width: number): string {
  const indent = Math.max(0, Math.floor((width - widthOf(title)) / 2));
  return `${" ".repeat(indent)}${title}\n`;
}

function* headerLines(headers: readonly Cell[], widths: readonly number[], display: Display): Generator<string> {
  const { border } = display;
  const { vertical, more } = linesOf(display);
  const height = Math.max(1, ...headers.map((header) => header.lines.length));
  for (let at = 0; at < height; at++) {
    const parts = headers.map((header, index) => {
      const space = (widths[index] ?? 0) - (header.widths[at] ?? 0);
      const text = `${" ".repeat(Math.floor(space / 2))}${header.lines[at] ?? ""}${" ".repeat(Math.ceil(space / 2))}`;
      return `${border === 0 ? "" : " "}${text}${at + 1 < header.lines.length ? more : " "}`;
    });
    const line = parts.join(border === 0 ? "" : vertical);
    yield border === 2 ? `${vertical}${line}${vertical}\n` : `${line}\n`;
  }
}

interface Frame {
  readonly widths: readonly number[];
  readonly rightAligned: readonly boolean[];
  readonly border: Display["border"];
  readonly lines: Lines;
}

function* rowLines(row: readonly Cell[], { widths, rightAligned, border, lines }: Frame): Generator<string> {
  let height = 1;
  for (const cell of row) height = Math.max(height, cell.lines.length);
  const last = row.length - 1;
  const { more, vertical } = lines;
  const divider = border === 0 ? "" : vertical;
  for (let at = 0; at < height; at++) {
    let line = border === 2 ? vertical : "";
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
      line += goesOn ? more : closed ? " " : "";
      if (index < last) line += divider;
    }
    yield `${line}${border === 2 ? vertical : ""}\n`;
  }
}
