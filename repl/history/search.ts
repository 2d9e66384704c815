// Fuzzy search: every word of the query must stand in the statement, its letters in order and not necessarily
// together. Runs of letters, beginnings of words and recent statements count for more.
import type { HistoryEntry, HistoryMatch } from "./history.ts";

interface Scored extends HistoryMatch {
  /** Higher is better; comparable within one search only. */
  readonly score: number;
}

const RUN = 8;
const WORD_START = 6;
const MATCHED = 1;
/** What one character between two that matched costs. */
const GAP = 0.2;
const GAP_MAX = 6;

/**
 * The statements that a query finds, best first, each text once. An empty query finds all, newest first.
 * Upper-case letters in the query match upper case only.
 */
export function searchHistory(entries: readonly HistoryEntry[], query: string, limit = 200): readonly HistoryMatch[] {
  const words = query.split(/\s+/).filter((word) => word !== "");
  const seen = new Set<string>();
  const matches: Scored[] = [];
  for (const entry of entries.toReversed()) {
    if (seen.has(entry.text)) continue;
    seen.add(entry.text);
    const match = matchWords(entry, words);
    if (match !== undefined) matches.push(match);
    if (words.length === 0 && matches.length >= limit) break;
  }
  // The sort is stable: of equal scores the newer stays before.
  return matches.toSorted((a, b) => b.score - a.score).slice(0, limit);
}

function matchWords(entry: HistoryEntry, words: readonly string[]): Scored | undefined {
  const positions = new Set<number>();
  let score = 0;
  for (const word of words) {
    const found = matchWord(entry.text, word);
    if (found === undefined) return undefined;
    score += found.score;
    for (const position of found.positions) positions.add(position);
  }
  return { entry, matched: [...positions].toSorted((a, b) => a - b), score };
}

interface Found {
  readonly positions: readonly number[];
  readonly score: number;
}

/** The best of the matches that begin at each place where the first letter stands. */
function matchWord(text: string, word: string): Found | undefined {
  const isCased = /\p{Lu}/u.test(word);
  const haystack = isCased ? text : foldCase(text);
  const needle = isCased ? word : foldCase(word);
  const whole = haystack.indexOf(needle);
  if (whole >= 0)
    return scored(
      text,
      Array.from({ length: needle.length }, (_, at) => whole + at),
    );
  let best: Found | undefined;
  for (
    let start = haystack.indexOf(needle[0] ?? "");
    start >= 0;
    start = haystack.indexOf(needle[0] ?? "", start + 1)
  ) {
    const positions = lettersFrom(haystack, needle, start);
    if (positions === undefined) break;
    const found = scored(text, positions);
    if (best === undefined || found.score > best.score) best = found;
  }
  return best;
}

/** Lower case of the same length, so that offsets stay. */
function foldCase(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function lettersFrom(haystack: string, needle: string, start: number): readonly number[] | undefined {
  const positions: number[] = [];
  let at = start;
  for (const letter of needle) {
    const found = haystack.indexOf(letter, at);
    if (found < 0) return undefined;
    positions.push(found);
    at = found + letter.length;
  }
  return positions;
}

function scored(text: string, positions: readonly number[]): Found {
  let score = 0;
  let before: number | undefined;
  for (const position of positions) {
    score += MATCHED;
    if (before === position - 1) score += RUN;
    else if (before !== undefined) score -= Math.min(GAP_MAX, (position - before - 1) * GAP);
    if (position === 0 || /[\s_."'(,/]/.test(text[position - 1] ?? "")) score += WORD_START;
    before = position;
  }
  return { positions, score };
}

export interface Preview {
  /** One line, cut around what matched. */
  readonly text: string;
  /** Offsets into `text`. */
  readonly positions: readonly number[];
}

/** One line of at most `columns` characters that shows where a statement matched. */
export function previewOf({ entry, matched: positions }: HistoryMatch, columns: number): Preview {
  const line = entry.text.replace(/[\r\n\t]/g, " ");
  const first = positions[0] ?? 0;
  const last = positions.at(-1) ?? 0;
  if (line.length <= columns || columns < 3)
    return { text: line.slice(0, columns), positions: within(positions, 0, columns) };
  // From the beginning when what matched is in sight so; else with as much before it as behind.
  const start = last < columns - 1 ? 0 : Math.max(0, Math.min(first - 8, line.length - columns + 1));
  const lead = start > 0 ? "…" : "";
  const room = columns - lead.length;
  const cut = line.slice(start, start + room);
  const isCut = start + room < line.length;
  const text = lead + (isCut ? `${cut.slice(0, -1)}…` : cut);
  const shown = within(positions, start, start + room - (isCut ? 1 : 0));
  return { text, positions: shown.map((at) => at - start + lead.length) };
}

function within(positions: readonly number[], start: number, end: number): readonly number[] {
  return positions.filter((at) => at >= start && at < end);
}
