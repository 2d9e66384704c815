import type { Span } from "./nodes.ts";

/** One complaint about the text. */
export interface Diagnostic {
  readonly span: Span;
  readonly code: "syntax/unexpected" | "syntax/unterminated";
  /** An error's statement is not in the answer; a warning's is. */
  readonly severity: "error" | "warning";
  /** Lower case, no full stop; never shows a string's text. */
  readonly message: string;
  /** The words and kinds of word that could stand at the span's start; empty when that is not the complaint. */
  readonly expected: readonly string[];
  readonly hint?: string;
}

export function syntaxError(span: Span, message: string, hint?: string): Diagnostic {
  const base = { span, code: "syntax/unexpected", severity: "error", message, expected: [] } as const;
  return hint === undefined ? base : { ...base, hint };
}

export function syntaxWarning(span: Span, message: string, hint: string): Diagnostic {
  return { span, code: "syntax/unexpected", severity: "warning", message, expected: [], hint };
}
