// The popup of proposals: it comes by itself while a word is typed, Tab puts proposals into the text one after the other.
import type { Completions } from "../../src/index.ts";
import { edit } from "../editor/editor.ts";
import type { Popup, State } from "./state.ts";

interface Arrived {
  readonly text: string;
  readonly cursor: number;
  readonly found: Completions;
}

/** Proposals for a text that has changed meanwhile are of no use. */
export function arrived(state: State, { text, cursor, found }: Arrived): State {
  const { buffer } = state.editor;
  if (state.phase !== "editing" || state.search !== undefined) return state;
  if (buffer.text !== text || buffer.cursor !== cursor || state.popup?.selected !== undefined) return state;
  const popup = popupOf(state, found);
  // What Tab puts in may not be known yet.
  if (state.tabbed && found.isPartial === true) return { ...state, popup };
  if (!state.tabbed) return { ...state, popup: isWelcome(text, cursor, found) ? popup : undefined };
  const closed = { ...state, tabbed: false };
  return popup === undefined ? { ...closed, popup, wishes: [{ type: "bell" }] } : cycle({ ...closed, popup }, popup, 1);
}

function popupOf(state: State, { items, span }: Completions): Popup | undefined {
  if (items.length === 0) return undefined;
  return { items, start: span.start, end: span.end, selected: undefined, original: state.editor };
}

/** Unasked, proposals come for a word that has been begun and is not yet what they would make of it. */
function isWelcome(text: string, cursor: number, { items, span }: Completions): boolean {
  const typed = text.slice(span.start, cursor);
  if (typed === "" && !isBegun(text[cursor - 1], items[0]?.kind)) return false;
  return items.length > 1 || items[0]?.insert.trimEnd().toLowerCase() !== typed.toLowerCase();
}

const PLACES: ReadonlySet<string> = new Set(["location", "backup", "key", "connection"]);

/** Whether something to be named has been begun with a mark alone: a column by its dot, a place by its quote or slash. */
function isBegun(mark: string | undefined, kind: string | undefined): boolean {
  return mark === "." || (PLACES.has(kind ?? "") && (mark === "'" || mark === "/"));
}

/** Tab: the next proposal takes the place of the one before it; a single one is taken for good. */
export function cycle(state: State, popup: Popup, by: 1 | -1): State {
  const count = popup.items.length;
  const selected = popup.selected === undefined ? (by === 1 ? 0 : count - 1) : (popup.selected + by + count) % count;
  const text = popup.items[selected]?.insert ?? "";
  const editor = edit(popup.original, { type: "replace", start: popup.start, end: popup.end, text });
  return { ...state, editor, popup: count === 1 ? undefined : { ...popup, selected } };
}

/** The text as it was before Tab. */
export function withdraw(state: State, popup: Popup): State {
  return { ...state, editor: popup.original, popup: undefined };
}
