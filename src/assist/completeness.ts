import { isComplete, lexemes, splitScript, type Lexeme } from "../../grammar/index.ts";
import type { Completeness } from "./assistant.ts";

const MARKS: Partial<Record<Lexeme["kind"], string>> = {
  string: "'",
  "quoted-identifier": '"',
  "dollar-string": "$",
  comment: "*",
};

/** psql's words that need neither a backslash nor an end. */
export function isBareWord(text: string): boolean {
  return /^\s*(?:quit|exit|help)\s*$/i.test(text);
}

/** Whether Enter may run the text, and psql's mark for what it lacks otherwise. */
export function completeness(text: string): Completeness {
  if (isBareWord(text) || isComplete(text)) return { complete: true, mark: "=" };
  const last = splitScript(text).at(-1);
  if (last?.copyData !== undefined) return { complete: false, mark: ">" };
  const all = lexemes(text, last === undefined ? {} : { start: last.span.start });
  const open = all.at(-1);
  const mark = open === undefined || open.closed ? undefined : MARKS[open.kind];
  return { complete: false, mark: mark ?? (hasOpenParenthesis(text, all) ? "(" : "-") };
}

function hasOpenParenthesis(text: string, all: readonly Lexeme[]): boolean {
  let depth = 0;
  for (const { kind, start } of all) {
    if (kind !== "sign") continue;
    if (text[start] === "(") depth++;
    else if (text[start] === ")" && depth > 0) depth--;
  }
  return depth > 0;
}
