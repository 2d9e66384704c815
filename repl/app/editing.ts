// Strokes while a statement is written.
import { lineEnd, lineStart, type Buffer } from "../editor/buffer.ts";
import { createEditor, edit, replacedBy, withText, type EditCommand } from "../editor/editor.ts";
import { beginNavigation, navigate, type Navigation } from "../history/navigation.ts";
import { astrayHint } from "./astray.ts";
import { cycle, withdraw } from "./completing.ts";
import type { Stroke } from "./keys.ts";
import { beginSearch } from "./searching.ts";
import type { State, Tools, Wish } from "./state.ts";

const EDITS: Readonly<Record<string, EditCommand>> = {
  left: { type: "move", move: "left" },
  right: { type: "move", move: "right" },
  "C-b": { type: "move", move: "left" },
  "C-f": { type: "move", move: "right" },
  "C-a": { type: "move", move: "line-start" },
  "C-e": { type: "move", move: "line-end" },
  home: { type: "move", move: "line-start" },
  end: { type: "move", move: "line-end" },
  "M-b": { type: "move", move: "word-left" },
  "M-f": { type: "move", move: "word-right" },
  "C-left": { type: "move", move: "word-left" },
  "C-right": { type: "move", move: "word-right" },
  "M-left": { type: "move", move: "word-left" },
  "M-right": { type: "move", move: "word-right" },
  "M-<": { type: "move", move: "start" },
  "M->": { type: "move", move: "end" },
  "C-home": { type: "move", move: "start" },
  "C-end": { type: "move", move: "end" },
  backspace: { type: "delete-left" },
  "C-h": { type: "delete-left" },
  delete: { type: "delete-right" },
  "C-k": { type: "kill-line" },
  "C-u": { type: "kill-line-left" },
  "C-w": { type: "kill-blank-left" },
  "M-d": { type: "kill-word" },
  "M-backspace": { type: "kill-word-left" },
  "C-backspace": { type: "kill-word-left" },
  "C-delete": { type: "kill-word" },
  "C-y": { type: "yank" },
  "M-y": { type: "yank-next" },
  "C-t": { type: "transpose" },
  "M-u": { type: "upper-word" },
  "M-l": { type: "lower-word" },
  "M-c": { type: "capital-word" },
  "C-_": { type: "undo" },
  "C-/": { type: "undo" },
  "M-_": { type: "redo" },
};

const WISHES: Readonly<Record<string, Wish>> = {
  "C-l": { type: "clear" },
  "C-z": { type: "suspend" },
};

export function editingStroke(state: State, stroke: Stroke, tools: Tools): State {
  if (stroke.type === "text") return typed(state, stroke.text);
  const { name } = stroke;
  if (state.prefixed) return prefixed({ ...state, prefixed: false }, name);
  const { popup } = state;
  if (name === "tab" || name === "S-tab") {
    return popup === undefined ? tab(state) : cycle(state, popup, name === "tab" ? 1 : -1);
  }
  if (name === "escape" || name === "C-g") {
    return popup?.selected === undefined ? { ...state, popup: undefined, tabbed: false } : withdraw(state, popup);
  }
  if (name === "enter" && popup?.selected !== undefined) return { ...state, popup: undefined };
  return command({ ...state, popup: undefined, tabbed: false }, name, tools);
}

function command(state: State, name: string, tools: Tools): State {
  const lastWord = name === "M-." ? state.lastWord : undefined;
  const kept = state.lastWord === lastWord ? state : { ...state, lastWord };
  const wish = WISHES[name];
  if (wish !== undefined) return { ...kept, wishes: [wish] };
  switch (name) {
    case "enter":
      return enter(kept, tools.completeness(kept.editor.buffer.text).complete, tools);
    case "M-enter":
      return enter(kept, !tools.completeness(kept.editor.buffer.text).complete, tools);
    case "C-c":
      return { ...emptied(kept), wishes: [{ type: "abandon", text: kept.editor.buffer.text }] };
    case "C-d":
      return kept.editor.buffer.text === ""
        ? { ...kept, wishes: [{ type: "leave" }] }
        : edited(kept, { type: "delete-right" });
    case "C-x":
      return { ...kept, prefixed: true };
    case "C-r":
      return beginSearch(kept, tools);
    case "M-m":
      return { ...kept, revealing: !kept.revealing };
    case "M-.":
      return insertLastWord(kept);
    case "up":
    case "C-p":
      return vertical(kept, -1);
    case "down":
    case "C-n":
      return vertical(kept, 1);
    case "M-p":
      return recall(kept, -1, beforeCursor(kept.editor.buffer));
    case "M-n":
      return recall(kept, 1, beforeCursor(kept.editor.buffer));
    default: {
      const one = EDITS[name];
      return one === undefined ? kept : edited(kept, one);
    }
  }
}

function prefixed(state: State, name: string): State {
  if (name === "C-u") return edited(state, { type: "undo" });
  if (name === "C-e") return { ...state, wishes: [{ type: "edit", text: state.editor.buffer.text }] };
  return state;
}

function typed(state: State, text: string): State {
  const editor = edit(state.editor, { type: "insert", text });
  return { ...state, editor, prefixed: false, popup: undefined, tabbed: false, lastWord: undefined };
}

function edited(state: State, one: EditCommand): State {
  return { ...state, editor: edit(state.editor, one) };
}

function emptied(state: State): State {
  const { kills } = state.editor;
  return { ...state, editor: createEditor(kills), popup: undefined, walk: undefined, revealing: false };
}

/** At the begin of a line Tab indents; elsewhere it asks for proposals. */
function tab(state: State): State {
  const { text, cursor } = state.editor.buffer;
  if (text.slice(lineStart(text, cursor), cursor).trim() === "" && text.trim() !== "") {
    return edited(state, { type: "insert", text: "  " });
  }
  return { ...state, tabbed: true, wishes: [{ type: "complete" }] };
}

const TO_EDITOR = /(?:^|\s|;)\\e(?:dit)?\s*$/;

function enter(state: State, isReady: boolean, tools: Tools): State {
  const { text, cursor } = state.editor.buffer;
  const toEditor = TO_EDITOR.exec(text);
  if (toEditor !== null && text.slice(0, toEditor.index).trim() !== "") {
    const before = text.slice(0, toEditor.index);
    // What the editor fails with is answered by trying again, not by a command in the text.
    return { ...state, editor: replacedBy(state.editor, before), wishes: [{ type: "edit", text: before }] };
  }
  if (isReady) return { ...emptied(state), phase: "running", wishes: [{ type: "run", text }] };
  const broken = edited(state, { type: "newline", indent: cursor === lineEnd(text, cursor) });
  const message = cursor === text.length ? astrayHint(text, tools.completeness(text)) : undefined;
  return message === undefined ? broken : { ...broken, notice: { text: broken.editor.buffer.text, message } };
}

/** Within the text line by line, beyond its first and last line through the history. */
function vertical(state: State, by: -1 | 1): State {
  const { editor, walk } = state;
  const { text, cursor } = editor.buffer;
  // A recalled text that nobody touched is on its way to another one.
  const further = walk !== undefined && cursor === text.length ? recalled(state, walk, by) : undefined;
  if (further !== undefined) return further;
  const within = edit(editor, { type: by < 0 ? "up" : "down" });
  if (within !== editor) return { ...state, editor: within };
  return recall(state, by);
}

/** Older or newer statements; with a prefix, those that begin with it. */
function recall(state: State, by: -1 | 1, prefix = ""): State {
  const walk = state.walk ?? beginNavigation(state.history, state.editor.buffer.text, prefix);
  return recalled(state, walk, by) ?? { ...state, wishes: [{ type: "bell" }] };
}

function recalled(state: State, walk: Navigation, by: -1 | 1): State | undefined {
  const found = navigate(walk, by < 0 ? "older" : "newer", state.editor.buffer.text);
  if (found === undefined) return undefined;
  const { navigation, text } = found;
  const isBack = navigation.position === navigation.texts.length;
  return { ...state, editor: withText(state.editor, text), walk: isBack ? undefined : navigation };
}

function beforeCursor({ text, cursor }: Buffer): string {
  return text.slice(0, cursor);
}

/** M-.: the last word of the statement before; pressed again, of the one before that. */
function insertLastWord(state: State): State {
  const back = (state.lastWord?.back ?? 0) + 1;
  const entry = state.history.at(-back);
  if (entry === undefined || back > state.history.length) return { ...state, wishes: [{ type: "bell" }] };
  const word = /([^\s;]+)[\s;]*$/.exec(entry.text)?.[1] ?? "";
  const { cursor } = state.editor.buffer;
  const start = state.lastWord?.start ?? cursor;
  const editor = edit(state.editor, { type: "replace", start, end: cursor, text: word });
  return { ...state, editor, lastWord: { start, back } };
}
