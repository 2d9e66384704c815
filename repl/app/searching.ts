// Ctrl-R: entries of the history that match what is typed, the chosen one shown in full.
import { replacedBy } from "../editor/editor.ts";
import type { HistoryMatch } from "../history/history.ts";
import type { Stroke } from "./keys.ts";
import type { State, Tools } from "./state.ts";

export interface Search {
  readonly query: string;
  readonly matches: readonly HistoryMatch[];
  readonly selected: number;
}

/** More are never looked through by hand. */
const MATCHES_MAX = 100;

export function beginSearch(state: State, { search }: Tools): State {
  return { ...state, popup: undefined, search: find("", state, search) };
}

function find(query: string, state: State, search: Tools["search"]): Search {
  return { query, matches: search(state.history, query).slice(0, MATCHES_MAX), selected: 0 };
}

export function searchPaste(state: State, { query }: Search, text: string, { search }: Tools): State {
  return { ...state, search: find(query + text.replace(/\s+/g, " "), state, search) };
}

export function searchStroke(state: State, current: Search, stroke: Stroke, tools: Tools): State {
  const { query, matches, selected } = current;
  if (stroke.type === "text") return { ...state, search: find(query + stroke.text, state, tools.search) };
  const select = (index: number): State =>
    index < 0 || index >= matches.length
      ? { ...state, wishes: [{ type: "bell" }] }
      : { ...state, search: { ...current, selected: index } };
  switch (stroke.name) {
    case "C-r":
    case "up":
    case "C-p":
      return select(selected + 1);
    case "C-s":
    case "down":
    case "C-n":
      return select(selected - 1);
    case "backspace":
      return { ...state, search: find(Array.from(query).slice(0, -1).join(""), state, tools.search) };
    case "C-u":
      return { ...state, search: find("", state, tools.search) };
    case "C-g":
    case "C-c":
    case "escape":
      return { ...state, search: undefined };
    default:
      return accept(state, current);
  }
}

/** The chosen entry comes into the editor; it is not run before it was seen there. */
function accept(state: State, { matches, selected }: Search): State {
  const match = matches[selected];
  const closed = { ...state, search: undefined };
  return match === undefined
    ? closed
    : { ...closed, editor: replacedBy(state.editor, match.entry.text), walk: undefined };
}
