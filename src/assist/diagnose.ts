import {
  lexemes,
  parse,
  splitScript,
  startsAsOurs,
  type Diagnostic,
  type ScriptStatement,
} from "../../grammar/index.ts";
import type { LiveDiagnostic } from "./assistant.ts";
import { strayParenthesis } from "./highlight.ts";

/**
 * The first thing that cannot be right, whatever is typed after it. Only our own statements are read; of others no more
 * is known than that a parenthesis closes nothing.
 */
export function diagnose(text: string): LiveDiagnostic | undefined {
  for (const item of splitScript(text)) {
    if (item.kind !== "statement") continue;
    const found = diagnoseStatement(item);
    if (found !== undefined)
      return { ...found, start: found.start + item.span.start, end: found.end + item.span.start };
  }
  return undefined;
}

function diagnoseStatement(item: ScriptStatement): LiveDiagnostic | undefined {
  const isOpen = item.terminator.kind === "end";
  if (!startsAsOurs(item.text)) return stray(item.text);
  const { text, openAt } = closed(item);
  const error = parse(text).diagnostics.find(({ severity }) => severity === "error");
  if (error === undefined) return undefined;
  // Behind an open quote everything is still to come.
  if (error.span.start > openAt) return undefined;
  if (isOpen && isStillComing(error, item.text)) return undefined;
  const { span, message, expected, hint } = error;
  const end = Math.max(span.end, span.start + 1);
  return { start: span.start, end, message, expected, ...(hint === undefined ? {} : { hint }) };
}

function stray(text: string): LiveDiagnostic | undefined {
  const at = strayParenthesis(text);
  return at === undefined
    ? undefined
    : { start: at, end: at + 1, message: "no ( that this ) could close", expected: [] };
}

/** The statement with its last quote closed, and where that one was opened. */
function closed({ text, diagnostic }: ScriptStatement): { readonly text: string; readonly openAt: number } {
  const last = diagnostic === undefined ? undefined : lexemes(text).at(-1);
  if (last === undefined || last.closed) return { text, openAt: Number.POSITIVE_INFINITY };
  if (last.kind === "comment") return { text: text.slice(0, last.start), openAt: last.start };
  const mark = /^\$[^$]*\$/.exec(text.slice(last.start))?.[0] ?? (last.kind === "quoted-identifier" ? '"' : "'");
  return { text: text + mark, openAt: last.start };
}

/** The text ends before what is missed, or in a word that may become what is expected. */
function isStillComing({ span, expected }: Diagnostic, text: string): boolean {
  const end = text.trimEnd().length;
  if (span.start >= end) return true;
  if (span.end < text.length) return false;
  const word = text.slice(span.start, span.end).toLowerCase();
  return expected.some((one) => one.toLowerCase().startsWith(word));
}
