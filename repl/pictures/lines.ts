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
