// psql's expanded table: one block a row, one line a column.
import type { Display, Row } from "../../src/index.ts";
import type { Table } from "./aligned.ts";
import type { Cell } from "./cells.ts";
import { footerLines, type Surface } from "./layout.ts";

interface Frame {
  readonly border: Display["border"];
  readonly headerWidth: number;
  readonly dataWidth: number;
  /** Some header has several lines: its mark needs a place in every line. */
  readonly tallHeader: boolean;
}

/** @param before rows that were drawn already. */
export function* expandedRows(table: Table, rows: readonly Row[], display: Display, before: number): Generator<string> {
  const { border, tuplesOnly } = display;
  const frame = frameOf(table, border);
  if (before === 0 && rows.length > 0 && !tuplesOnly && display.title !== undefined) yield `${display.title}\n`;
  for (const [index, row] of rows.entries()) {
    if (!tuplesOnly) yield recordLine(frame, before + index + 1);
    else if (before + index > 0 || border === 2) yield recordLine(frame, 0);
    for (const [at, value] of row.entries()) {
      const header = table.headers[at];
      if (header !== undefined) yield* fieldLines(header, table.cellOf(value), frame);
    }
  }
}

export function* expandedEnd(table: Table, display: Display, surface: Surface, count: number): Generator<string> {
  const { border, tuplesOnly } = display;
  if (count > 0 && border === 2) yield recordLine(frameOf(table, border), 0);
  const footers = count === 0 ? footerLines(display, surface, 0) : tuplesOnly ? [] : (surface.footers ?? []);
  if (count > 0 && footers.length > 0 && border < 2) yield "\n";
  for (const footer of footers) yield `${footer}\n`;
  yield "\n";
}

function frameOf({ headers, dataWidth }: Table, border: Display["border"]): Frame {
  const headerWidth = headers.reduce((width, header) => Math.max(width, header.width), 0);
  return { border, headerWidth, dataWidth, tallHeader: headers.some((header) => header.lines.length > 1) };
}

/** The rule above a record, its number written over it; a bare rule for number 0. */
function recordLine({ border, headerWidth, dataWidth }: Frame, number: number): string {
  if (border === 0) return `${(number === 0 ? "" : `* Record ${number}`).padEnd(headerWidth + dataWidth)}\n`;
  const label = number === 0 ? "" : `[ RECORD ${number} ]`;
  const rule = `${"-".repeat(headerWidth)}-+-${"-".repeat(dataWidth)}`;
  // The label covers as much of the rule as it is long, the cross between the columns included.
  if (border === 2) return `+-${label}${rule.slice(label.length)}-+\n`;
  return `-${label}${rule.slice(label.length + 1)}\n`;
}

function* fieldLines(header: Cell, data: Cell, frame: Frame): Generator<string> {
  const { border, headerWidth, dataWidth, tallHeader } = frame;
  const height = Math.max(header.lines.length, data.lines.length);
  const marked = border > 0 || tallHeader;
  for (let at = 0; at < height; at++) {
    let line = border === 2 ? "|" : "";
    const name = header.lines[at];
    if (name === undefined) {
      line += " ".repeat(headerWidth + (border === 0 && tallHeader ? 1 : border));
    } else {
      if (border === 2) line += " ";
      line += name + " ".repeat(headerWidth - (header.widths[at] ?? 0));
      if (marked) line += at + 1 < header.lines.length ? "+" : " ";
    }
    if (border > 0) line += "|";
    line += dataPart(data, at, frame);
    yield `${line}${border === 2 ? (data.lines[at] === undefined ? `${" ".repeat(dataWidth + 2)}|` : "|") : ""}\n`;
  }
}

function dataPart(data: Cell, at: number, { border, dataWidth }: Frame): string {
  const text = data.lines[at];
  if (text === undefined) return "";
  const space = " ".repeat(dataWidth - (data.widths[at] ?? 0));
  if (at + 1 < data.lines.length) return ` ${text}${space}+`;
  return border === 2 ? ` ${text}${space} ` : ` ${text}`;
}
