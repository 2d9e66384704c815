import type { Stroke } from "./keys.ts";
import type { State } from "./state.ts";

export interface Choice {
  /** One letter. */
  readonly key: string;
  readonly label: string;
  readonly value: string;
}

/** Something to be answered before anything goes on. Ctrl-C and Escape give `refusal`. */
export interface Question {
  readonly text: string;
  readonly detail: readonly string[];
  readonly answer:
    | { readonly kind: "choice"; readonly choices: readonly Choice[] }
    /** Only this word, typed in full, gives `yes`. */
    | { readonly kind: "word"; readonly word: string; readonly typed: string };
  readonly refusal: string;
}

const REFUSING = new Set(["C-c", "C-d", "C-g", "escape"]);

export function questionStroke(state: State, question: Question, stroke: Stroke): State {
  if (stroke.type === "key" && REFUSING.has(stroke.name)) return answered(state, question.refusal);
  const { answer } = question;
  if (answer.kind === "choice") {
    const key = stroke.type === "text" ? stroke.text.toLowerCase() : "";
    const choice = answer.choices.find((one) => one.key === key);
    return choice === undefined ? { ...state, wishes: [{ type: "bell" }] } : answered(state, choice.value);
  }
  if (stroke.type === "key" && stroke.name === "enter") {
    return answered(state, answer.typed.trim() === answer.word ? "yes" : question.refusal);
  }
  const typed = typedAfter(answer.typed, stroke);
  return { ...state, question: { ...question, answer: { ...answer, typed } } };
}

function typedAfter(typed: string, stroke: Stroke): string {
  if (stroke.type === "text") return typed + stroke.text;
  if (stroke.name === "backspace") return typed.slice(0, -1);
  return stroke.name === "C-u" ? "" : typed;
}

function answered(state: State, value: string): State {
  return { ...state, question: undefined, wishes: [{ type: "answer", value }] };
}
