// The live frame as lines: everything that is redrawn in place. Pure; never higher than it is told.
import type { CompletionItem } from "../../src/index.ts";
import { seenText } from "../editor/graphemes.ts";
import { widthOf } from "../layout/cells.ts";
import { wrapped } from "../pictures/lines.ts";
import { inputLines } from "./input-lines.ts";
import type { Insight } from "./insight.ts";
import { widthOfSegments, type PromptFacts } from "./prompt-line.ts";
import type { Choice, Question } from "./question.ts";
import { searchLines } from "./search-lines.ts";
import type { Popup, State } from "./state.ts";
import { textOfLine, type Segment, type StyledLine } from "./style.ts";

export interface Frame {
  readonly lines: readonly StyledLine[];
  /** From the frame's top left; undefined hides the cursor. */
  readonly cursor: { readonly x: number; readonly y: number } | undefined;
}

export interface FrameView {
  readonly columns: number;
  /** Rows of the terminal. */
  readonly rows: number;
  readonly facts: PromptFacts;
  readonly insight: Insight;
  /** The block of a running job. */
  readonly progress: readonly StyledLine[];
}

const POPUP_ITEMS_MAX = 8;
const NOTHING: Frame = { lines: [], cursor: undefined };

export function frameOf(state: State, view: FrameView): Frame {
  const height = Math.max(1, view.rows - 2);
  if (state.question !== undefined) return questionFrame(state.question, view, height);
  if (state.phase === "running") {
    return { ...NOTHING, lines: view.progress.slice(0, height).map((line) => cutTo(line, view.columns - 1)) };
  }
  if (state.search !== undefined) return cut(searchLines(state.search, view), view.columns, height);
  const below = belowInput(state, view, height);
  const { lines, cursor } = inputLines(state.editor.buffer, { ...view, height: height - below.length });
  const shown = below.map((line) => cutTo(line, view.columns - 1));
  return { lines: [...lines, ...shown], cursor };
}

function cut({ lines, cursor }: Frame, columns: number, height: number): Frame {
  return { lines: lines.slice(0, height).map((line) => cutTo(line, columns - 1)), cursor };
}

/** Proposals, or what is wrong with the text. */
function belowInput(
  { popup, notice, editor }: State,
  { insight, columns }: FrameView,
  height: number,
): readonly StyledLine[] {
  if (popup !== undefined)
    return popupLines(popup, Math.min(POPUP_ITEMS_MAX, Math.max(1, Math.floor(height / 2))), columns);
  if (notice?.text === editor.buffer.text) return [[{ text: notice.message, style: "alarm" }]];
  const { diagnostic } = insight;
  if (diagnostic === undefined || height < 3) return [];
  const { message, hint } = diagnostic;
  // A line has to do: what was meant goes before everything that would be right.
  if (hint === undefined) return [[{ text: message, style: "alarm" }]];
  return [
    [
      { text: hint, style: "alarm" },
      { text: `  ${message}`, style: "dim" },
    ],
  ];
}

function popupLines({ items, selected }: Popup, height: number, columns: number): readonly StyledLine[] {
  const top = Math.min(Math.max(0, (selected ?? 0) - height + 1), Math.max(0, items.length - height));
  const shown = items.slice(top, top + height);
  // A name may hold anything, and each has one line.
  const drawn = shown.map((item) => ({ ...item, label: seenText(item.label), detail: seenText(item.detail ?? "") }));
  const width = Math.min(Math.max(...drawn.map(({ label }) => widthOf(label))), Math.max(8, columns - 24));
  return drawn.map((item, index): StyledLine => itemLine(item, width, top + index === selected));
}

function itemLine({ label, kind, detail }: CompletionItem, width: number, isSelected: boolean): StyledLine {
  const mark = isSelected ? "› " : "  ";
  const name = textOfLine(cutTo([{ text: label, style: "plain" }], width));
  return [
    { text: mark + name + " ".repeat(Math.max(0, width - widthOf(name))), style: isSelected ? "selected" : "plain" },
    { text: `  ${kind}${detail === undefined || detail === "" ? "" : `  ${detail}`}`, style: "dim" },
  ];
}

/** All of the question and of its answers is to be read, on narrow screens as well; facts give way. */
function questionFrame({ text, detail, answer }: Question, { columns }: FrameView, height: number): Frame {
  const asked = wrapped(text, columns - 1).map((line): StyledLine => [{ text: line, style: "alarm" }]);
  const answers =
    answer.kind === "choice" ? choiceLines(answer.choices, columns - 1) : [`type ${answer.word} to go on:`];
  const facts = detail
    .flatMap((line) => wrapped(line, columns - 3))
    .slice(0, Math.max(0, height - asked.length - answers.length))
    .map((line): StyledLine => [{ text: `  ${line}`, style: "dim" }]);
  const typed = ` ${answer.kind === "word" ? answer.typed : ""}`;
  const last = answers.length - 1;
  const below = answers.map((line, at): StyledLine => [
    { text: line, style: "strong" },
    ...(at === last ? [{ text: typed, style: "plain" as const }] : []),
  ]);
  const lines = [...asked, ...facts, ...below].slice(-height);
  const cursor = { x: Math.min(columns - 1, widthOf(`${answers[last] ?? ""}${typed}`)), y: lines.length - 1 };
  return cut({ lines, cursor }, columns, height);
}

/** Side by side where they have room, else one below the other. */
function choiceLines(choices: readonly Choice[], columns: number): readonly string[] {
  const printed = choices.map(({ key, label }) => `${key} ${label}`);
  const beside = printed.join("   ");
  return widthOf(beside) < columns ? [beside] : printed;
}

/** A line no wider than the screen. */
export function cutTo(line: StyledLine, columns: number): StyledLine {
  if (widthOfSegments(line) <= columns) return line;
  let left = columns;
  const kept: Segment[] = [];
  for (const { text, style } of line) {
    if (widthOf(text) <= left) {
      kept.push({ text, style });
      left -= widthOf(text);
      continue;
    }
    let piece = "";
    for (const character of text) {
      if (widthOf(piece + character) > left - 1) break;
      piece += character;
    }
    return [...kept, { text: `${piece}…`, style }];
  }
  return kept;
}
