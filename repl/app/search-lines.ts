// Ctrl-R: what is typed, the chosen statement in full, and its neighbours in one line each.
import { widthOf } from "../layout/cells.ts";
import type { HistoryMatch } from "../history/history.ts";
import type { Search } from "./searching.ts";
import type { Segment, StyledLine } from "./style.ts";

const PREVIEW_LINES = 8;
const NEIGHBOURS = 4;

interface SearchView {
  readonly rows: number;
}

interface Drawn {
  readonly lines: readonly StyledLine[];
  readonly cursor: { readonly x: number; readonly y: number };
}

export function searchLines({ query, matches, selected }: Search, { rows }: SearchView): Drawn {
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
    for (const { entry } of matches.slice(selected + 1, selected + 1 + NEIGHBOURS)) {
      lines.push([{ text: `  ${entry.text.replace(/\s+/g, " ").trim()}`, style: "dim" }]);
    }
  }
  return { lines, cursor: { x: widthOf(`${label}: ${query}`), y: 0 } };
}

/** The statement's lines with what matched standing out. */
function previewLines({ entry, matched }: HistoryMatch): readonly StyledLine[] {
  const hits = new Set(matched);
  let at = 0;
  return entry.text.split("\n").map((line, index) => {
    const segments: Segment[] = [{ text: index === 0 ? "› " : "  ", style: "strong" }];
    for (const character of line) {
      segments.push({ text: character, style: hits.has(at) ? "match" : "plain" });
      at += character.length;
    }
    at += 1;
    return segments;
  });
}
