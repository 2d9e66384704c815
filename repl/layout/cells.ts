import { createRequire } from "node:module";

type StringWidth = (text: string) => number;

let stringWidth: StringWidth | undefined;

/** Loaded with the first text that is not plain: reading its tables of emoji takes 13 ms of every start. */
function loadStringWidth(): StringWidth {
  const loaded = createRequire(import.meta.url)("string-width") as { readonly default: StringWidth };
  return loaded.default;
}

/** A value cut at its line ends, each line with its width in terminal columns. */
export interface Cell {
  readonly lines: readonly string[];
  readonly widths: readonly number[];
  readonly width: number;
}

const TAB_STOP = 8;

/** Columns a text takes on a terminal. */
export function widthOf(text: string): number {
  if (isPlain(text)) return text.length;
  stringWidth ??= loadStringWidth();
  return stringWidth(text);
}

function isPlain(text: string): boolean {
  return !/[^\x20-\x7e]/.test(text);
}

/** A value ready to be put in a box: tabs as spaces, other control characters as escapes, as psql prints them. */
export function cellOf(text: string): Cell {
  if (isPlain(text)) return { lines: [text], widths: [text.length], width: text.length };
  const lines = text.split("\n").map(visibleLine);
  const widths = lines.map(widthOf);
  return { lines, widths, width: Math.max(...widths) };
}

/** The width of a value's cell. */
export function widestLine(text: string): number {
  return isPlain(text) ? text.length : cellOf(text).width;
}

function visibleLine(line: string): string {
  if (!UNSEEN.test(line)) return line;
  let shown = "";
  for (const character of line) {
    if (character === "\t") shown += " ".repeat(TAB_STOP - (widthOf(shown) % TAB_STOP));
    else shown += escapeControls(character);
  }
  return shown;
}

/** Control characters, and those that make other characters stand where they are not. */
const UNSEEN = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
const HARMFUL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** Control characters as `\r`, `\x1b`, `\u009b`: text that can be shown on a terminal without steering it. */
export function escapeControls(text: string): string {
  return text.replace(HARMFUL, (character) => {
    const code = character.charCodeAt(0);
    if (character === "\r") return "\\r";
    return code < 0x80 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
  });
}

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, "0");
}

/** Joins many short texts into pieces large enough to write at once. */
export function* pieces(lines: Iterable<string>): Generator<string> {
  let piece = "";
  for (const line of lines) {
    piece += line;
    if (piece.length < 65_536) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}
