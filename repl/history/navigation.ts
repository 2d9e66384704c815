// Up and down through past statements: values and functions only. What was typed and not submitted comes back at the
// lower end, and so does what was changed in a statement that was recalled.
import type { HistoryEntry } from "./history.ts";

export interface Navigation {
  /** Distinct texts, oldest first, that begin with the prefix. */
  readonly texts: readonly string[];
  /** Position among `texts`; their number is the draft below the newest. */
  readonly position: number;
  /** What stood in the editor when the walk began. */
  readonly draft: string;
  /** What was made of recalled texts on the way, by position. */
  readonly edited: ReadonlyMap<number, string>;
}

export interface Recalled {
  readonly navigation: Navigation;
  /** What the editor shows. */
  readonly text: string;
}

/**
 * Begins a walk. With a prefix (M-p) it meets only statements that begin with it. A text that was submitted several
 * times is met where it was submitted last.
 */
export function beginNavigation(entries: readonly HistoryEntry[], draft: string, prefix = ""): Navigation {
  const newest = new Set<string>();
  for (const { text } of entries.toReversed()) {
    if (text.startsWith(prefix) && text !== draft) newest.add(text);
  }
  const texts = [...newest].toReversed();
  return { texts, position: texts.length, draft, edited: new Map() };
}

/** One statement back or forth; undefined at an end. `text` is what stands in the editor: it is kept. */
export function navigate(navigation: Navigation, direction: "older" | "newer", text: string): Recalled | undefined {
  const { texts, position, draft } = navigation;
  const next = position + (direction === "older" ? -1 : 1);
  if (next < 0 || next > texts.length) return undefined;
  const edited = new Map(navigation.edited);
  if (text !== (texts[position] ?? draft)) edited.set(position, text);
  else edited.delete(position);
  return { navigation: { ...navigation, position: next, edited }, text: edited.get(next) ?? texts[next] ?? draft };
}
