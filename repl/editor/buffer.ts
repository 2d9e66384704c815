// The text that is being edited and where in it the cursor stands. Pure: every function gives a new value.
import { cellOf, graphemesOf, nextGrapheme, previousGrapheme } from "./graphemes.ts";

export interface Buffer {
  /** Lines end with \n alone. */
  readonly text: string;
  /** An offset between two graphemes. */
  readonly cursor: number;
}

export const EMPTY: Buffer = { text: "", cursor: 0 };

export function lineStart(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
}

export function lineEnd(text: string, at: number): number {
  const found = text.indexOf("\n", at);
  return found < 0 ? text.length : found;
}

/** Columns between the line's start and an offset in it. */
export function columnOf(text: string, at: number): number {
  let column = 0;
  for (const [, cell] of graphemesOf(text, lineStart(text, at), at)) column += cell.width;
  return column;
}

/** The offset in the line from `start` that is nearest to a column, not beyond it. */
function offsetAt(text: string, start: number, column: number): number {
  const end = lineEnd(text, start);
  let left = column;
  for (let at = start; at < end;) {
    const next = nextGrapheme(text, at);
    left -= cellOf(text.slice(at, next)).width;
    if (left < 0) return at;
    at = next;
  }
  return end;
}

export type Move = "left" | "right" | "word-left" | "word-right" | "line-start" | "line-end" | "start" | "end";

/** Where a move ends. */
export function moved({ text, cursor }: Buffer, move: Move): number {
  switch (move) {
    case "left":
      return previousGrapheme(text, cursor);
    case "right":
      return nextGrapheme(text, cursor);
    case "word-left":
      return wordLeft(text, cursor);
    case "word-right":
      return wordRight(text, cursor);
    case "line-start":
      return lineStart(text, cursor);
    case "line-end":
      return lineEnd(text, cursor);
    case "start":
      return 0;
    case "end":
      return text.length;
  }
}

/** One line up or down at a column; undefined when there is no such line. */
export function movedVertically({ text, cursor }: Buffer, by: -1 | 1, column: number): number | undefined {
  if (by < 0) {
    const start = lineStart(text, cursor);
    return start === 0 ? undefined : offsetAt(text, lineStart(text, start - 1), column);
  }
  const end = lineEnd(text, cursor);
  return end === text.length ? undefined : offsetAt(text, end + 1, column);
}

const WORD = /[\p{L}\p{N}_]/u;

function isWord(text: string, at: number): boolean {
  return WORD.test(String.fromCodePoint(text.codePointAt(at) ?? 0x20));
}

/** Behind the word that the offset stands in or before, as M-f. */
export function wordRight(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isWord(text, at)) at = nextGrapheme(text, at);
  while (at < text.length && isWord(text, at)) at = nextGrapheme(text, at);
  return at;
}

/** Before the word that the offset stands in or behind, as M-b. */
export function wordLeft(text: string, from: number): number {
  let at = from;
  const before = (): number => previousGrapheme(text, at);
  while (at > 0 && !isWord(text, before())) at = before();
  while (at > 0 && isWord(text, before())) at = before();
  return at;
}

/** Before the stretch without blanks that ends at the offset, as C-w. */
export function blankLeft(text: string, from: number): number {
  let at = from;
  while (at > 0 && /\s/.test(text[at - 1] ?? "")) at--;
  while (at > 0 && !/\s/.test(text[at - 1] ?? "")) at--;
  return at;
}

/** Line ends as \n alone; other control characters that a paste brings stay visible in the editor. */
export function normalized(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}
