// psql's expanded table: one block a row, one line a column.
import type { Display, Row } from "../../src/index.ts";
import type { Table } from "./aligned.ts";
import type { Cell } from "./cells.ts";
import { footerLines, type Surface } from "./layout.ts";
import { linesOf, type Lines, type RulePlace } from "./lines.ts";

interface Frame {
  readonly border: Display["border"];
  readonly headerWidth: number;
  readonly dataWidth: number;
  /** Some header has several lines: its mark needs a place in every line. */
  readonly tallHeader: boolean;
  readonly lines: Lines;
}

/** @param before rows that were drawn already. */
export function* expandedRows(table: Table, rows: readonly Row[], display: Display, before: number): Generator<string> {
  const { border, tuplesOnly } = display;
  if (table.columns.length === 0) return;
  const frame = frameOf(table, display);
  if (before === 0 && rows.length > 0 && !tuplesOnly && display.title !== undefined) yield `${display.title}\n`;
  for (const [index, row] of rows.entries()) {
    const place = before + index === 0 ? "top" : "middle";
    if (!tuplesOnly) yield recordLine(frame, before + index + 1, place);
    else if (before + index > 0 || border === 2) yield recordLine(frame, 0, place);
    for (const [at, value] of row.entries()) {
      const header = table.headers[at];
      if (header !== undefined) yield* fieldLines(header, table.cellOf(value), frame);
    }
  }
}

export function* expandedEnd(table: Table, display: Display, surface: Surface, count: number): Generator<string> {
  const { border, tuplesOnly } = display;
  const isEmpty = count === 0 || table.columns.length === 0;
  if (!isEmpty && border === 2) yield recordLine(frameOf(table, display), 0, "bottom");
  const footers = isEmpty ? footerLines(display, surface, count) : tuplesOnly ? [] : (surface.footers ?? []);
  if (!isEmpty && footers.length > 0 && border < 2) yield "\n";
  for (const footer of footers) yield `${footer}\n`;
  yield "\n";
}

function frameOf({ headers, dataWidth }: Table, display: Display): Frame {
  const { border } = display;
  const headerWidth = headers.reduce((width, header) => Math.max(width, header.width), 0);
  return {
    border,
    headerWidth,
    dataWidth,
    tallHeader: headers.some((header) => header.lines.length > 1),
    lines: linesOf(display),
  };
}

/** The rule above a record, its number written over it; a bare rule for number 0. */
function recordLine({ border, headerWidth, dataWidth, lines }: Frame, number: number, place: RulePlace): string {
  if (border === 0) return `${(number === 0 ? "" : `* Record ${number}`).padEnd(headerWidth + dataWidth)}\n`;
  const label = number === 0 ? "" : `[ RECORD ${number} ]`;
  const { dash, rules } = lines;
  const { left, cross, right } = rules[place];
  const rule = `${dash.repeat(headerWidth)}${dash}${cross}${dash}${dash.repeat(dataWidth)}`;
  // The label covers as much of the rule as it is long, the cross between the columns included.
  if (border === 2) return `${left}${dash}${label}${rule.slice(label.length)}${dash}${right}\n`;
  return `${dash}${label}${rule.slice(label.length + 1)}\n`;
}

function* fieldLines(header: Cell, data: Cell, frame: Frame): Generator<string> {
  const { border, headerWidth, dataWidth, tallHeader, lines } = frame;
  const { more, vertical } = lines;
  const height = Math.max(header.lines.length, data.lines.length);
  const marked = border > 0 || tallHeader;
  for (let at = 0; at < height; at++) {
    let line = border === 2 ? vertical : "";
    const name = header.lines[at];
    if (name === undefined) {
      line += " ".repeat(headerWidth + (border === 0 && tallHeader ? 1 : border));
    } else {
      if (border === 2) line += " ";
      line += name + " ".repeat(headerWidth - (header.widths[at] ?? 0));
      if (marked) line += at + 1 < header.lines.length ? more : " ";
    }
    if (border > 0) line += vertical;
    line += dataPart(data, at, frame);
    yield `${line}${border === 2 ? (data.lines[at] === undefined ? `${" ".repeat(dataWidth + 2)}${vertical}` : vertical) : ""}\n`;
  }
}

function dataPart(data: Cell, at: number, { border, dataWidth, lines }: Frame): string {
  const text = data.lines[at];
  if (text === undefined) return "";
  const space = " ".repeat(dataWidth - (data.widths[at] ?? 0));
  if (at + 1 < data.lines.length) return ` ${text}${space}${lines.more}`;
  return border === 2 ? ` ${text}${space} ` : ` ${text}`;
}
