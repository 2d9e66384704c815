// Lines that fit a width: what pictures are made of.
import { escapeControls, widthOf } from "../layout/cells.ts";

/** Text of at most `columns`, cut with `…`; control characters made harmless. */
export function fit(text: string, columns: number): string {
  const shown = escapeControls(text).replace(/[\n\t]/g, " ");
  if (widthOf(shown) <= columns) return shown;
  let cut = "";
  let used = 0;
  for (const character of shown) {
    used += widthOf(character);
    if (used > columns - 1) break;
    cut += character;
  }
  return columns > 0 ? `${cut}…` : "";
}

/** The same, cut in the middle: names that begin alike are told apart by their ends. */
export function fitMiddle(text: string, columns: number): string {
  const shown = fit(text, Number.POSITIVE_INFINITY);
  if (widthOf(shown) <= columns) return shown;
  const head = fit(shown, Math.ceil(columns / 2));
  let tail = "";
  for (const character of Array.from(shown).toReversed()) {
    if (widthOf(head + character + tail) > columns) break;
    tail = character + tail;
  }
  return head + tail;
}

/** Text in lines of at most `columns`, broken between words where that is possible; the last is cut when there are too many. */
export function wrapped(text: string, columns: number, linesMax = Number.POSITIVE_INFINITY): readonly string[] {
  const lines: string[] = [];
  let rest = fit(text, Number.POSITIVE_INFINITY);
  while (widthOf(rest) > columns && lines.length < linesMax - 1) {
    const room = fit(rest, columns + 1).slice(0, -1);
    const at = rest[room.length] === " " ? room.length : room.lastIndexOf(" ");
    const end = at > room.length / 2 ? at : room.length;
    if (end === 0) break;
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return [...lines, fit(rest, columns)];
}

/** The text with blanks behind it up to `columns`. */
export function pad(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}

export function padStart(text: string, columns: number): string {
  return " ".repeat(Math.max(0, columns - widthOf(text))) + text;
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of a share from 0 to 1, padded to `columns`. What is not nothing shows at least a sliver. */
export function bar(share: number, columns: number): string {
  const eighths = share <= 0 ? 0 : Math.max(1, Math.round(Math.min(1, share) * columns * 8));
  return pad("█".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? ""), columns);
}

/** `1 backup`, `3 backups`. */
export function counted(count: number, word: string): string {
  return `${count.toLocaleString("en-US")} ${word}${count === 1 ? "" : "s"}`;
}
