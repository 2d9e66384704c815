// Ctrl-R: what is typed, the chosen statement in full, and its neighbours in one line each.
import { graphemesOf } from "../editor/graphemes.ts";
import { widthOf } from "../layout/cells.ts";
import type { HistoryMatch } from "../history/history.ts";
import { previewOf } from "../history/search.ts";
import type { Search } from "./searching.ts";
import type { Segment, Style, StyledLine } from "./style.ts";

const PREVIEW_LINES = 8;
const NEIGHBOURS = 4;

interface SearchView {
  readonly rows: number;
  readonly columns: number;
}

interface Drawn {
  readonly lines: readonly StyledLine[];
  readonly cursor: { readonly x: number; readonly y: number };
}

export function searchLines({ query, matches, selected }: Search, { rows, columns }: SearchView): Drawn {
  const label = matches.length === 0 && query !== "" ? "nothing found for" : "search";
  const head: StyledLine = [
    { text: `${label}: `, style: "prompt" },
    { text: query, style: "plain" },
  ];
  const chosen = matches[selected];
  const lines: StyledLine[] = [head];
  if (chosen !== undefined) {
    const preview = previewLines(chosen).slice(0, Math.min(PREVIEW_LINES, Math.max(1, rows - 6)));
    lines.push(...preview);
    for (const match of matches.slice(selected + 1, selected + 1 + NEIGHBOURS))
      lines.push(neighbourLine(match, columns));
  }
  return { lines, cursor: { x: Math.min(columns - 1, widthOf(`${label}: ${query}`)), y: 0 } };
}

/** The statement's lines with what matched standing out. */
function previewLines({ entry, matched }: HistoryMatch): readonly StyledLine[] {
  const hits = new Set(matched);
  let at = 0;
  return entry.text.split("\n").map((line, index) => {
    const start: Segment = { text: index === 0 ? "› " : "  ", style: "strong" };
    const segments = drawn(line, (offset) => (hits.has(at + offset) ? "match" : "plain"));
    at += line.length + 1;
    return [start, ...segments];
  });
}

/** One line, cut so that what matched is in sight. */
function neighbourLine(match: HistoryMatch, columns: number): StyledLine {
  const { text, positions } = previewOf(match, columns - 4);
  const hits = new Set(positions);
  return [{ text: "  ", style: "dim" }, ...drawn(text, (offset) => (hits.has(offset) ? "match" : "dim"), true)];
}

/** What the editor would show: control characters by their names. */
function drawn(text: string, styleAt: (offset: number) => Style, isOneLine = false): readonly Segment[] {
  const segments: { text: string; style: Style }[] = [];
  for (const [at, cell] of graphemesOf(text, 0, text.length)) {
    // Of an indentation that came into the line one blank is enough.
    if (isOneLine && text[at] === " " && text[at - 1] === " ") continue;
    const style = styleAt(at);
    const last = segments.at(-1);
    if (last?.style === style) last.text += cell.text;
    else segments.push({ text: cell.text, style });
  }
  return segments;
}
