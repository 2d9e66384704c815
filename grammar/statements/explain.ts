import type { Span } from "../nodes.ts";
import type { Printer } from "../print.ts";
import type { OurStatement } from "../statements.ts";

/** EXPLAIN before one of our statements: who would execute it, and how. */
export interface ExplainStatement {
  readonly kind: "explain";
  readonly statement: OurStatement;
  readonly span: Span;
}

export function printExplain(
  s: ExplainStatement,
  p: Printer,
  printInner: (s: OurStatement, p: Printer) => string,
): string {
  return p.words("EXPLAIN", printInner(s.statement, p));
}
