import type { Span } from "./nodes.ts";
import type { Scanner } from "./scan.ts";

export interface ScriptVariable {
  /** `:name`, `:'name'`, `:"name"`, `:{?name}`. */
  readonly form: "plain" | "literal" | "identifier" | "test";
  readonly name: string;
  readonly span: Span;
}

/** The variable that the scanner has just read. */
export function variableAt(source: string, scanner: Scanner): ScriptVariable {
  const span = { start: scanner.start, end: scanner.end };
  switch (source[span.start + 1]) {
    case "'":
      return { form: "literal", name: source.slice(span.start + 2, span.end - 1), span };
    case '"':
      return { form: "identifier", name: source.slice(span.start + 2, span.end - 1), span };
    case "{":
      return { form: "test", name: source.slice(span.start + 3, span.end - 1), span };
    case undefined:
    default:
      return { form: "plain", name: source.slice(span.start + 1, span.end), span };
  }
}
