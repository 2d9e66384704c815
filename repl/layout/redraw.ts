// A result that takes the place of the one before it, as \watch draws it: what changed stands out. Pure.
import { widthOf } from "./cells.ts";

export interface Redraw {
  /** Rows of the terminal that the text takes. */
  readonly rows: number;
  readonly text: string;
}

export interface RedrawSurface {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

const STYLE = /\u001b\[[0-9;]*m/g;

/** What to write, and what will then stand on the screen. */
export function redrawn(
  before: Redraw | undefined,
  text: string,
  surface: RedrawSurface,
): { readonly output: string; readonly shown: Redraw } {
  const lines = text.replace(/\n+$/, "").split("\n");
  const { kept, rows } = fitting(lines, surface);
  const old = before?.text.split("\n");
  const drawn = old === undefined || !surface.colour ? kept : kept.map((line, at) => marked(old[at], line, at));
  const back = before === undefined ? "" : `\r${before.rows > 0 ? `\u001b[${before.rows}A` : ""}\u001b[J`;
  return { output: `${back}${drawn.join("\n")}\n`, shown: { rows, text: kept.join("\n") } };
}

/** As many lines as the terminal has rows for: what scrolls away cannot be redrawn. */
function fitting(lines: readonly string[], { columns, rows: height }: RedrawSurface): { kept: string[]; rows: number } {
  const kept: string[] = [];
  let rows = 0;
  for (const [at, line] of lines.entries()) {
    const own = Math.max(1, Math.ceil(widthOf(line.replace(STYLE, "")) / columns));
    const isLast = at === lines.length - 1;
    if (rows + own > height - (isLast ? 1 : 2)) {
      kept.push(`… ${lines.length - at} more lines`);
      return { kept, rows: rows + 1 };
    }
    kept.push(line);
    rows += own;
  }
  return { kept, rows };
}

/** The first line says when, and always differs. */
function marked(old: string | undefined, line: string, at: number): string {
  if (at === 0 || old === undefined || old === line || line.includes("\u001b")) return line;
  let start = 0;
  while (start < line.length && line[start] === old[start]) start++;
  let end = 0;
  while (end < line.length - start && line.at(-1 - end) === old.at(-1 - end)) end++;
  const middle = line.slice(start, line.length - end);
  if (middle.trim() === "") return line;
  return `${line.slice(0, start)}\u001b[7m${middle}\u001b[27m${line.slice(line.length - end)}`;
}
