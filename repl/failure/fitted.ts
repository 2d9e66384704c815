// An excerpt that fits the terminal: a line that wraps takes its caret to another row than the text that it points at.
import { graphemesOf } from "../editor/graphemes.ts";
import { widthOf } from "../layout/cells.ts";

export interface Excerpt {
  readonly text: string;
  /** Blanks, then carets; nothing when nothing is pointed at. */
  readonly caret: string;
}

const CUT = "…";

/** The part of a line of source that the caret points at, in so many columns. */
export function fitted({ text, caret }: Excerpt, columns: number): Excerpt {
  const width = widthOf(text);
  if (width <= columns) return { text, caret };
  const pointed = caret.length - caret.trimStart().length;
  // Some of what stands before it is shown, too.
  const wanted = caret.length < columns ? 0 : pointed - Math.floor(columns / 3);
  const from = Math.max(0, Math.min(wanted, width - columns));
  const [start, end] = [from > 0 ? from + 1 : 0, from + columns < width ? from + columns - 1 : width];
  const shown = between(text, start, end);
  const cutCaret = caret.slice(from, end).trimEnd();
  return {
    text: `${from > 0 ? CUT : ""}${shown}${end < width ? CUT : ""}`,
    caret: cutCaret === "" ? caret.trimStart().slice(0, 1) : cutCaret,
  };
}

/** What stands between two columns; a wide character across an edge is blanks. */
function between(text: string, start: number, end: number): string {
  let shown = "";
  let column = 0;
  for (const [, cell] of graphemesOf(text, 0, text.length)) {
    const next = column + cell.width;
    if (column >= start && next <= end) shown += cell.text;
    else if (next > start && column < end) shown += " ".repeat(Math.min(next, end) - Math.max(column, start));
    column = next;
    if (column >= end) break;
  }
  return shown;
}
