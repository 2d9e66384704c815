// psql's mark for every line of a text: what was still open where the line begins.
import { splitScript, tokens, type Completeness } from "../../src/index.ts";

export interface LineStates extends Completeness {
  /** The mark of the line that begins at an offset. */
  readonly markAt: (start: number) => string;
}

/** Longer texts are not read at every key: their lines have the mark for "goes on". */
export const READ_CHARACTERS_MAX = 100_000;

const BARE_WORD = /^\s*(?:quit|exit|help)\s*$/i;

/** Whether Enter may run a text, and what is missing when it may not. */
export function completenessOf(text: string): Completeness {
  if (BARE_WORD.test(text)) return { complete: true, mark: "=" };
  const last = splitScript(`${text}\n`).at(-1);
  if (last === undefined) return { complete: true, mark: "=" };
  if (last.copyData !== undefined && last.copyData.end > text.length) return { complete: false, mark: ">" };
  if (last.kind !== "statement" || last.terminator.kind !== "end") return { complete: true, mark: "=" };
  const open = last.diagnostic === undefined ? "" : (text[last.diagnostic.span.start] ?? "");
  const mark = /['"$]/.test(open) ? open : open === "/" ? "*" : parenthesis(last.text);
  return { complete: false, mark };
}

function parenthesis(text: string): string {
  const bare = text.replace(/'(?:[^']|'')*'|"[^"]*"|--[^\n]*/g, "");
  return bare.split("(").length > bare.split(")").length ? "(" : "-";
}

/** Reads the text once; remembers the last answer, because several ask for the same text. */
export function lineStatesOf(text: string): LineStates {
  if (remembered?.text !== text) remembered = { text, states: read(text) };
  return remembered.states;
}

let remembered: { readonly text: string; readonly states: LineStates } | undefined;

function read(text: string): LineStates {
  if (text.length > READ_CHARACTERS_MAX) {
    return { complete: false, mark: "-", markAt: (start) => (start === 0 ? "=" : "-") };
  }
  const data = splitScript(`${text}\n`).flatMap(({ copyData }) => (copyData === undefined ? [] : [copyData]));
  // The line \\. that ends the data has its mark as well.
  const isData = (at: number): boolean => data.some((span) => span.start <= at && at <= span.end + 1);
  const marks = marksOf(text, isData);
  return {
    ...completenessOf(text),
    markAt: (start) => (isData(start) ? ">" : start === 0 ? "=" : (marks.get(start) ?? "-")),
  };
}

function marksOf(text: string, isData: (at: number) => boolean): ReadonlyMap<number, string> {
  const marks = new Map<number, string>();
  let depth = 0;
  let begun = false;
  let next = text.indexOf("\n") + 1;
  const mark = (upTo: number, inside: string | undefined): void => {
    for (; next > 0 && next <= upTo; next = text.indexOf("\n", next) + 1) {
      marks.set(next, inside ?? (depth > 0 ? "(" : begun ? "-" : "="));
    }
  };
  for (const { kind, span } of tokens(text)) {
    if (isData(span.start)) continue;
    mark(span.start, undefined);
    mark(span.end - (span.end === text.length ? 0 : 1), markOf(text, kind, span.start));
    const sign = kind === "operator" ? text[span.start] : undefined;
    if (sign === "(") depth++;
    else if (sign === ")") depth = Math.max(0, depth - 1);
    if (sign === ";" && depth === 0) begun = false;
    else if (kind !== "comment" && kind !== "command") begun = true;
  }
  mark(text.length, undefined);
  return marks;
}

/** The mark of a line that begins inside a token. */
function markOf(text: string, kind: string, start: number): string | undefined {
  if (kind === "comment") return text.startsWith("/*", start) ? "*" : undefined;
  const first = text[start] ?? "";
  if (/['"$]/.test(first)) return first;
  return kind === "string" || kind === "secret" ? "'" : undefined;
}
