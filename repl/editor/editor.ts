// Emacs' editing commands over a buffer: kills and yanks, undo, words. Pure.
import { blankLeft, columnOf, EMPTY, lineEnd, lineStart, moved, movedVertically, normalized } from "./buffer.ts";
import { wordLeft, wordRight, type Buffer, type Move } from "./buffer.ts";
import { nextGrapheme, previousGrapheme } from "./graphemes.ts";

/** One change of the text; undone by putting `removed` where `inserted` stands. */
interface Change {
  readonly at: number;
  readonly removed: string;
  readonly inserted: string;
  readonly cursorBefore: number;
}

export interface Editor {
  readonly buffer: Buffer;
  readonly undone: readonly Change[];
  readonly done: readonly Change[];
  /** Newest first. */
  readonly kills: readonly string[];
  /** The command before, as far as the next one cares. */
  readonly last: "type" | "kill" | "yank" | "vertical" | "other";
  /** The column that vertical moves keep to. */
  readonly column: number;
  /** What was yanked last, for M-y. */
  readonly yanked: { readonly start: number; readonly index: number };
}

export type EditCommand =
  | { readonly type: "insert"; readonly text: string }
  | { readonly type: "newline"; readonly indent: boolean }
  | { readonly type: "move"; readonly move: Move }
  | { readonly type: "up" | "down" }
  | { readonly type: "delete-left" | "delete-right" }
  | { readonly type: "kill-line" | "kill-line-left" | "kill-word" | "kill-word-left" | "kill-blank-left" }
  | { readonly type: "yank" | "yank-next" }
  | { readonly type: "upper-word" | "lower-word" | "capital-word" }
  | { readonly type: "transpose" | "undo" | "redo" }
  /** Another text as a whole; can be undone. */
  | { readonly type: "replace"; readonly start: number; readonly end: number; readonly text: string };

export const KILLS_MAX = 60;
const CHANGES_MAX = 1000;
const INDENT = "  ";

export function createEditor(kills: readonly string[] = []): Editor {
  const yanked = { start: 0, index: 0 };
  return { buffer: EMPTY, done: [], undone: [], kills, last: "other", column: 0, yanked };
}

/** Carries a command out; what makes no sense where the cursor stands changes nothing. */
export function edit(editor: Editor, command: EditCommand): Editor {
  const { text, cursor } = editor.buffer;
  switch (command.type) {
    case "insert":
      return changed(editor, cursor, cursor, normalized(command.text), "type");
    case "newline":
      return changed(editor, cursor, cursor, `\n${command.indent ? indentAfter(editor.buffer) : ""}`);
    case "move":
      return at(editor, moved(editor.buffer, command.move));
    case "up":
    case "down":
      return vertical(editor, command.type === "up" ? -1 : 1);
    case "delete-left":
      return changed(editor, previousGrapheme(text, cursor), cursor, "");
    case "delete-right":
      return changed(editor, cursor, nextGrapheme(text, cursor), "");
    case "kill-line": {
      const end = lineEnd(text, cursor);
      return killed(editor, cursor, end === cursor ? Math.min(end + 1, text.length) : end);
    }
    case "kill-line-left": {
      const start = lineStart(text, cursor);
      return killed(editor, start === cursor ? Math.max(0, start - 1) : start, cursor);
    }
    case "kill-word":
      return killed(editor, cursor, wordRight(text, cursor));
    case "kill-word-left":
      return killed(editor, wordLeft(text, cursor), cursor);
    case "kill-blank-left":
      return killed(editor, blankLeft(text, cursor), cursor);
    case "yank":
      return yank(editor, 0);
    case "yank-next":
      return yankNext(editor);
    case "upper-word":
    case "lower-word":
    case "capital-word":
      return recased(editor, command.type);
    case "transpose":
      return transposed(editor);
    case "undo":
      return undo(editor);
    case "redo":
      return redo(editor);
    case "replace":
      return changed(editor, command.start, command.end, command.text);
  }
}

/** The same editor with another text, the cursor at its end; undo brings the old one back. */
export function replacedBy(editor: Editor, text: string): Editor {
  const { length } = editor.buffer.text;
  return edit(editor, { type: "replace", start: 0, end: length, text: normalized(text) });
}

/** An editor with another text, the cursor at its end; what could be undone is forgotten. */
export function withText(editor: Editor, text: string): Editor {
  return { ...createEditor(editor.kills), buffer: { text, cursor: text.length } };
}

function at(editor: Editor, cursor: number): Editor {
  return { ...editor, buffer: { text: editor.buffer.text, cursor }, last: "other" };
}

function changed(editor: Editor, start: number, end: number, inserted: string, last: Editor["last"] = "other"): Editor {
  const { text, cursor } = editor.buffer;
  if (start === end && inserted === "") return { ...editor, last: "other" };
  const change: Change = { at: start, removed: text.slice(start, end), inserted, cursorBefore: cursor };
  const buffer = { text: text.slice(0, start) + inserted + text.slice(end), cursor: start + inserted.length };
  return { ...editor, buffer, done: withChange(editor, change, last), undone: [], last };
}

/** Letters typed one after the other are one change until a word ends. */
function withChange({ done, last }: Editor, change: Change, kind: Editor["last"]): readonly Change[] {
  const before = done.at(-1);
  const continues =
    before !== undefined &&
    last === "type" &&
    kind === "type" &&
    change.at === before.at + before.inserted.length &&
    !(/\s/.test(before.inserted.at(-1) ?? "") && !/\s/.test(change.inserted));
  if (continues) return [...done.slice(0, -1), { ...before, inserted: before.inserted + change.inserted }];
  return [...done.slice(-CHANGES_MAX), change];
}

function killed(editor: Editor, start: number, end: number): Editor {
  if (start === end) return { ...editor, last: "other" };
  const piece = editor.buffer.text.slice(start, end);
  const [newest = "", ...older] = editor.kills;
  const forward = start === editor.buffer.cursor;
  const joined = forward ? newest + piece : piece + newest;
  const kills = editor.last === "kill" ? [joined, ...older] : [piece, ...editor.kills].slice(0, KILLS_MAX);
  return { ...changed(editor, start, end, "", "kill"), kills };
}

function yank(editor: Editor, index: number): Editor {
  const piece = editor.kills[index];
  if (piece === undefined) return { ...editor, last: "other" };
  const { cursor } = editor.buffer;
  return { ...changed(editor, cursor, cursor, piece, "yank"), yanked: { start: cursor, index } };
}

/** Replaces what was just yanked by the kill before it. */
function yankNext(editor: Editor): Editor {
  if (editor.last !== "yank" || editor.kills.length === 0) return editor;
  const { start, index } = editor.yanked;
  const next = (index + 1) % editor.kills.length;
  const piece = editor.kills[next] ?? "";
  return { ...changed(editor, start, editor.buffer.cursor, piece, "yank"), yanked: { start, index: next } };
}

function recased(editor: Editor, how: "upper-word" | "lower-word" | "capital-word"): Editor {
  const { text, cursor } = editor.buffer;
  const end = wordRight(text, cursor);
  const word = text.slice(cursor, end);
  const lower = word.toLowerCase();
  const piece =
    how === "upper-word"
      ? word.toUpperCase()
      : how === "lower-word"
        ? lower
        : lower.replace(/[\p{L}\p{N}]/u, (first) => first.toUpperCase());
  return changed(editor, cursor, end, piece);
}

/** Swaps the graphemes around the cursor; at a line's end, the two before it. */
function transposed(editor: Editor): Editor {
  const { text, cursor } = editor.buffer;
  const middle = cursor === lineEnd(text, cursor) ? previousGrapheme(text, cursor) : cursor;
  const [start, end] = [previousGrapheme(text, middle), nextGrapheme(text, middle)];
  if (middle <= lineStart(text, cursor) || middle === end) return editor;
  return changed(editor, start, end, text.slice(middle, end) + text.slice(start, middle));
}

function vertical(editor: Editor, by: -1 | 1): Editor {
  const { text, cursor } = editor.buffer;
  const column = editor.last === "vertical" ? editor.column : columnOf(text, cursor);
  const target = movedVertically(editor.buffer, by, column);
  return target === undefined ? editor : { ...at(editor, target), last: "vertical", column };
}

function undo(editor: Editor): Editor {
  const change = editor.done.at(-1);
  if (change === undefined) return editor;
  const { text } = editor.buffer;
  const { removed, inserted, cursorBefore } = change;
  const restored = text.slice(0, change.at) + removed + text.slice(change.at + inserted.length);
  const buffer = { text: restored, cursor: cursorBefore };
  return { ...editor, buffer, done: editor.done.slice(0, -1), undone: [...editor.undone, change], last: "other" };
}

function redo(editor: Editor): Editor {
  const change = editor.undone.at(-1);
  if (change === undefined) return editor;
  const { text } = editor.buffer;
  const again = text.slice(0, change.at) + change.inserted + text.slice(change.at + change.removed.length);
  const buffer = { text: again, cursor: change.at + change.inserted.length };
  return { ...editor, buffer, done: [...editor.done, change], undone: editor.undone.slice(0, -1), last: "other" };
}

/** As far in as the line above, and a step further behind an open parenthesis. */
function indentAfter({ text, cursor }: Buffer): string {
  const line = text.slice(lineStart(text, cursor), cursor);
  const blanks = /^[ \t]*/.exec(line)?.[0] ?? "";
  return /\(\s*$/.test(line) ? blanks + INDENT : blanks;
}
