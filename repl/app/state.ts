// What the prompt knows, and how every event changes it. Pure: what is to be done in the world is left as wishes, which
// whoever drives the prompt carries out.
import type { CompletionItem, Completeness, Completions } from "../../src/index.ts";
import { createEditor, edit, replacedBy, type Editor } from "../editor/editor.ts";
import type { HistoryEntry, SearchHistory } from "../history/history.ts";
import type { Navigation } from "../history/navigation.ts";
import { editingStroke } from "./editing.ts";
import type { Stroke } from "./keys.ts";
import { questionStroke, type Question } from "./question.ts";
import { searchPaste, searchStroke, type Search } from "./searching.ts";
import { arrived } from "./completing.ts";

/** What a person sends. */
export type Input =
  | { readonly type: "stroke"; readonly stroke: Stroke }
  | { readonly type: "paste"; readonly text: string };

export type Action =
  | Input
  | { readonly type: "completions"; readonly text: string; readonly cursor: number; readonly found: Completions }
  | { readonly type: "ask"; readonly question: Question }
  /** The statement is done, or goes on in the background. */
  | { readonly type: "rested" }
  /** A text to go on with in the editor. */
  | { readonly type: "filled"; readonly text: string }
  | { readonly type: "remembered"; readonly history: readonly HistoryEntry[] };

/** What the world is asked for. */
export type Wish =
  | { readonly type: "run"; readonly text: string }
  | { readonly type: "abandon"; readonly text: string }
  | { readonly type: "answer"; readonly value: string }
  | { readonly type: "edit"; readonly text: string }
  | { readonly type: "complete" | "leave" | "suspend" | "clear" | "interrupt" | "background" | "bell" };

/** Proposals below the input; one may be put into the text. */
export interface Popup {
  readonly items: readonly CompletionItem[];
  readonly start: number;
  readonly end: number;
  readonly selected: number | undefined;
  /** The editor before one was put in. */
  readonly original: Editor;
}

export interface Notice {
  readonly text: string;
  readonly message: string;
}

export interface State {
  readonly phase: "editing" | "running";
  readonly editor: Editor;
  /** C-x was pressed: the next stroke belongs to it. */
  readonly prefixed: boolean;
  readonly popup: Popup | undefined;
  /** Tab was pressed before the proposals were there. */
  readonly tabbed: boolean;
  readonly search: Search | undefined;
  readonly question: Question | undefined;
  readonly history: readonly HistoryEntry[];
  /** A walk through the history; undefined at its lower end. */
  readonly walk: Navigation | undefined;
  /** Where M-. put a word, and from how far back. */
  readonly lastWord: { readonly start: number; readonly back: number } | undefined;
  /** What is said below one text, and below no other. */
  readonly notice: Notice | undefined;
  /** Secrets are shown as they are. */
  readonly revealing: boolean;
  /** What came while a statement ran; taken up afterwards. */
  readonly ahead: readonly Input[];
  readonly wishes: readonly Wish[];
}

/** What the reducer asks of its neighbours; both pure. */
export interface Tools {
  readonly completeness: (text: string) => Completeness;
  readonly search: SearchHistory;
}

export function createState(history: readonly HistoryEntry[]): State {
  return {
    phase: "editing",
    editor: createEditor(),
    prefixed: false,
    popup: undefined,
    tabbed: false,
    search: undefined,
    question: undefined,
    history,
    walk: undefined,
    lastWord: undefined,
    notice: undefined,
    revealing: false,
    ahead: [],
    wishes: [],
  };
}

/** The state after an action. Its wishes are those of this action alone. */
export function reduce(before: State, action: Action, tools: Tools): State {
  const state: State = before.wishes.length === 0 ? before : { ...before, wishes: [] };
  switch (action.type) {
    case "stroke":
      return stroke(state, action.stroke, tools);
    case "paste":
      return paste(state, action.text, tools);
    case "completions":
      return arrived(state, action);
    case "ask":
      return { ...state, question: action.question };
    case "rested":
      return takeAhead({ ...state, phase: "editing", question: undefined }, tools);
    case "filled":
      return { ...state, editor: replacedBy(state.editor, action.text), walk: undefined };
    case "remembered":
      return { ...state, history: action.history };
  }
}

function stroke(state: State, one: Stroke, tools: Tools): State {
  if (state.question !== undefined) return questionStroke(state, state.question, one);
  if (state.phase === "running") return runningStroke(state, one);
  if (state.search !== undefined) return searchStroke(state, state.search, one, tools);
  return editingStroke(state, one, tools);
}

function runningStroke(state: State, one: Stroke): State {
  const name = one.type === "key" ? one.name : "";
  if (name === "C-c") return { ...state, ahead: [], wishes: [{ type: "interrupt" }] };
  if (name === "C-z") return { ...state, wishes: [{ type: "background" }] };
  return { ...state, ahead: [...state.ahead, { type: "stroke", stroke: one }] };
}

function paste(state: State, text: string, tools: Tools): State {
  if (state.question !== undefined) return state;
  if (state.phase === "running") return { ...state, ahead: [...state.ahead, { type: "paste", text }] };
  if (state.search !== undefined) return searchPaste(state, state.search, text, tools);
  const editor = edit({ ...state.editor, last: "other" }, { type: "insert", text });
  return { ...state, editor: { ...editor, last: "other" }, popup: undefined, walk: undefined };
}

/** What was typed ahead, up to the next statement that it runs. */
function takeAhead(state: State, tools: Tools): State {
  let next: State = { ...state, ahead: [] };
  const wishes: Wish[] = [];
  for (const [index, input] of state.ahead.entries()) {
    next = reduce(next, input, tools);
    wishes.push(...next.wishes);
    if (next.phase === "running") return { ...next, wishes, ahead: state.ahead.slice(index + 1) };
  }
  return { ...next, wishes };
}
