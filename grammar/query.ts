// UNLOAD's query: SQL that is the engine's to understand, kept as it was written. What can be told without knowing its
// grammar is told here: that it is one SELECT, closed, and without an outermost LIMIT.
import { Scanner, type LexemeKind } from "./scan.ts";
import type { Span, VariableNode } from "./nodes.ts";
import { spanInLiteral, type LiteralSpan } from "./redshift-literal.ts";

export interface QueryNode {
  readonly kind: "query";
  /** `bare` is `UNLOAD (SELECT …)`, without quotes. */
  readonly form: "literal" | "bare";
  /** Without quotes and their escapes, otherwise as it was written. */
  readonly text: string;
  readonly span: LiteralSpan;
}

export type UnloadQuery = QueryNode | VariableNode;

export interface QueryProblem {
  readonly kind: "empty" | "not-select" | "unclosed" | "unbalanced" | "several" | "limit" | "top";
  /** Offsets in the text. */
  readonly start: number;
  readonly end: number;
}

export type CheckedQuery =
  | { readonly ok: true; readonly sql: string }
  | { readonly ok: false; readonly problem: QueryProblem };

interface Lexeme {
  readonly kind: LexemeKind;
  readonly image: string;
  readonly start: number;
  readonly end: number;
  /** How many parentheses are open around it. */
  readonly depth: number;
}

/** Where in the source a stretch of the query's text stands. */
export function spanInQuery(query: QueryNode, start: number, end: number): Span {
  return spanInLiteral(query.span, start, end);
}

/**
 * The one SELECT that the text is, without a semicolon after it and white space around it; it may end in a comment, so
 * whoever puts it between parentheses must put a newline before the closing one.
 * @param backslashEscapes whether the engine lets a backslash escape in '…'.
 */
export function checkQuery(text: string, backslashEscapes = false): CheckedQuery {
  const read = readLexemes(text, backslashEscapes);
  if (!Array.isArray(read)) return refused(read);
  const semicolon = read.findIndex((lexeme) => lexeme.image === ";" && lexeme.depth === 0);
  const lexemes = semicolon === -1 ? read : read.slice(0, semicolon);
  const after = semicolon === -1 ? undefined : read.slice(semicolon).find((lexeme) => lexeme.image !== ";");
  const first = lexemes[0];
  if (first === undefined) return refused({ kind: "empty", start: 0, end: text.length });
  if (after !== undefined) return refused({ kind: "several", start: after.start, end: after.end });
  const inner = withoutParentheses(lexemes);
  const opening = lexemes.find((lexeme) => lexeme.image !== "(") ?? first;
  if (!isWord(opening, "SELECT") && !isWord(opening, "WITH")) return refused(problemAt("not-select", opening));
  const problem = outermostLimit(inner);
  const end = read[semicolon]?.start ?? text.length;
  return problem === undefined ? { ok: true, sql: text.slice(0, end).trim() } : refused(problem);
}

function refused(problem: QueryProblem): CheckedQuery {
  return { ok: false, problem };
}

function problemAt(kind: QueryProblem["kind"], { start, end }: Lexeme): QueryProblem {
  return { kind, start, end };
}

function isWord(lexeme: Lexeme | undefined, word: string): boolean {
  return lexeme?.kind === "word" && lexeme.image.toUpperCase() === word;
}

/** Comments left out. */
function readLexemes(text: string, backslashEscapes: boolean): Lexeme[] | QueryProblem {
  const scanner = new Scanner(text, { backslashEscapes });
  const lexemes: Lexeme[] = [];
  const open: Lexeme[] = [];
  while (scanner.next() !== "end") {
    const { kind, start, end } = scanner;
    if (!scanner.closed) return { kind: "unclosed", start, end };
    if (kind === "comment") continue;
    const image = text.slice(start, end);
    const closed = image === ")" ? open.pop() : undefined;
    if (image === ")" && closed === undefined) return { kind: "unbalanced", start, end };
    const lexeme = { kind, image, start, end, depth: open.length };
    lexemes.push(lexeme);
    if (image === "(") open.push(lexeme);
    if (image === ";" && open.length > 0) return { kind: "unbalanced", start, end };
  }
  const unclosed = open.at(-1);
  return unclosed === undefined ? lexemes : problemAt("unbalanced", unclosed);
}

/** What stands inside parentheses that enclose everything. */
function withoutParentheses(lexemes: readonly Lexeme[]): readonly Lexeme[] {
  const [first, last] = [lexemes[0], lexemes.at(-1)];
  if (first?.image !== "(" || last?.image !== ")") return lexemes;
  const closing = lexemes.find((lexeme) => lexeme.image === ")" && lexeme.depth === first.depth);
  return closing === last ? withoutParentheses(lexemes.slice(1, -1)) : lexemes;
}

/** LIMIT and TOP are also names: after a dot or AS, and TOP wherever no count follows. */
function outermostLimit(lexemes: readonly Lexeme[]): QueryProblem | undefined {
  const depth = lexemes[0]?.depth ?? 0;
  for (const [at, lexeme] of lexemes.entries()) {
    if (lexeme.depth !== depth) continue;
    const [previous, next] = [lexemes[at - 1], lexemes[at + 1]];
    if (isWord(lexeme, "LIMIT") && previous?.image !== "." && !isWord(previous, "AS"))
      return problemAt("limit", lexeme);
    const isAfterSelect = ["SELECT", "DISTINCT", "ALL"].some((word) => isWord(previous, word));
    const count = next?.image === "(" ? lexemes[at + 2] : next;
    const isCount = count?.kind === "number" || count?.kind === "variable";
    if (isWord(lexeme, "TOP") && isAfterSelect && isCount) return problemAt("top", lexeme);
  }
  return undefined;
}
