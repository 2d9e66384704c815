// Which rows of a text are on the screen, wrapped at its width. The work depends on the window, not on the text: a
// text of a megabyte is looked at around the cursor only.
import { lineEnd, lineStart, type Buffer } from "./buffer.ts";
import { graphemesOf, isPlain, type Cell } from "./graphemes.ts";
import type { Span } from "../../src/index.ts";

export interface Row {
  readonly start: number;
  readonly end: number;
  /** The first row of its line: a prompt stands before it. */
  readonly isLineStart: boolean;
}

export interface Viewport {
  readonly rows: readonly Row[];
  /** From the window's top left, the prompt not counted. */
  readonly cursor: { readonly x: number; readonly y: number };
  readonly isCutAbove: boolean;
  readonly isCutBelow: boolean;
}

export interface Window {
  /** Columns beside the prompt. */
  readonly columns: number;
  readonly height: number;
  /** Drawn as one dot a grapheme. Ascending. */
  readonly secrets: readonly Span[];
}

/** A longer line is wrapped in pieces of this length, each from its own beginning. */
const PIECE = 8192;

const DOT: Cell = { text: "•", width: 1 };

/** The cells between two offsets as they are drawn. */
export function* cellsBetween(
  text: string,
  start: number,
  end: number,
  secrets: readonly Span[],
): Generator<readonly [at: number, cell: Cell]> {
  let next = secrets.findIndex((secret) => secret.end > start);
  if (next < 0) next = secrets.length;
  for (const [at, cell] of graphemesOf(text, start, end)) {
    while ((secrets[next]?.end ?? Number.POSITIVE_INFINITY) <= at) next++;
    const secret = secrets[next];
    yield [at, secret !== undefined && at >= secret.start ? DOT : cell];
  }
}

export function viewportOf({ text, cursor }: Buffer, window: Window): Viewport {
  const piece = pieceAround(text, cursor);
  const here = rowsOf(text, piece, window);
  const inPiece = here.findLastIndex((row) => row.start <= cursor);
  const above = [...rowsAbove(text, piece.start, window), ...here.slice(0, inPiece)];
  const below = [...here.slice(inPiece + 1), ...rowsBelow(text, piece.end, window)];
  const fits = above.length + 1 + below.length <= window.height;
  // The cursor's row stays two thirds down while there is more on both sides.
  const most = fits ? above.length : Math.min(above.length, Math.floor(((window.height - 1) * 2) / 3));
  const taken = Math.max(most, Math.min(above.length, window.height - 1 - below.length));
  const row = here[inPiece] ?? { start: cursor, end: cursor, isLineStart: true };
  const rows = [...above.slice(above.length - taken), row, ...below.slice(0, window.height - 1 - taken)];
  let x = 0;
  for (const [, cell] of cellsBetween(text, row.start, cursor, window.secrets)) x += cell.width;
  return {
    rows,
    cursor: { x, y: taken },
    isCutAbove: (rows[0]?.start ?? 0) > 0,
    isCutBelow: (rows.at(-1)?.end ?? text.length) < text.length,
  };
}

interface Piece extends Span {
  readonly isLineStart: boolean;
}

/** The stretch of the line, at most PIECE long, that holds an offset. */
function pieceAround(text: string, at: number): Piece {
  const [start, end] = [lineStart(text, at), lineEnd(text, at)];
  const number = Math.min(Math.floor((at - start) / PIECE), Math.max(0, Math.ceil((end - start) / PIECE) - 1));
  const from = start + number * PIECE;
  return { start: aligned(text, from), end: aligned(text, Math.min(end, from + PIECE)), isLineStart: number === 0 };
}

/** Not inside a surrogate pair. */
function aligned(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code < 0xe000 ? at + 1 : at;
}

function rowsOf(text: string, { start, end, isLineStart }: Piece, { columns, secrets }: Window): Row[] {
  const rows: Row[] = [];
  // Most lines are plain and fit.
  if (end - start < columns && isPlain(text.slice(start, end))) return [{ start, end, isLineStart }];
  let [from, width] = [start, 0];
  for (const [at, cell] of cellsBetween(text, start, end, secrets)) {
    if (width + cell.width > columns && at > from) {
      rows.push({ start: from, end: at, isLineStart: isLineStart && rows.length === 0 });
      [from, width] = [at, 0];
    }
    width += cell.width;
  }
  rows.push({ start: from, end, isLineStart: isLineStart && rows.length === 0 });
  // The cursor behind a full row stands in the next one.
  if (width >= columns && end > from) rows.push({ start: end, end, isLineStart: false });
  return rows;
}

function rowsAbove(text: string, start: number, window: Window): Row[] {
  let rows: Row[] = [];
  for (let at = start; at > 0 && rows.length < window.height;) {
    const piece = pieceAround(text, at - 1);
    rows = [...rowsOf(text, piece, window), ...rows];
    at = piece.start;
  }
  return rows;
}

function rowsBelow(text: string, end: number, window: Window): Row[] {
  const rows: Row[] = [];
  for (let at = end; at < text.length && rows.length < window.height;) {
    const piece = pieceAround(text, text[at] === "\n" ? at + 1 : at);
    rows.push(...rowsOf(text, piece, window));
    at = piece.end;
  }
  return rows;
}
