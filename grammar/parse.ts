import type { IToken } from "chevrotain";
import { refused, unexpected } from "./diagnostics.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { firstWords, rulesFor } from "./heads.ts";
import { lex } from "./lexer.ts";
import type { Span } from "./nodes.ts";
import { parserOf, type AnyRule } from "./parser.ts";
import { splitStatements, type ScriptStatement } from "./script.ts";
import type { OurStatement, Statement } from "./statements.ts";
import { walk } from "./walk.ts";

/** Whose lexical rules hold: in Redshift a backslash escapes in '…'. */
export type Dialect = "postgres" | "redshift" | "cockroach";

export interface ParseOptions {
  readonly dialect?: Dialect;
}

export interface Parsed {
  readonly statements: readonly Statement[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads SQL. Never throws: a statement of ours that cannot be read is missing from the answer and has an error among
 * the diagnostics, and does not stop the next one; what is not ours is passed through as it stands.
 * Shell commands and inline COPY data are not SQL: `splitScript` takes them off first.
 */
export function parse(source: string, options: ParseOptions = {}): Parsed {
  const statements: Statement[] = [];
  const diagnostics: Diagnostic[] = [];
  const backslashEscapes = options.dialect === "redshift";
  for (const piece of splitStatements(source, { backslashEscapes })) {
    const parsed = parsePiece(source, piece, backslashEscapes);
    statements.push(...parsed.statements);
    diagnostics.push(...parsed.diagnostics);
  }
  return { statements, diagnostics };
}

function parsePiece(source: string, piece: ScriptStatement, backslashEscapes: boolean): Parsed {
  const { span, text, diagnostic } = piece;
  const words = firstWords(source, span);
  const isExplain = words[0] === "EXPLAIN";
  const found = findRule(source, span, isExplain ? words.slice(1) : words, backslashEscapes);
  if (diagnostic !== undefined) {
    return { statements: found === undefined ? [passthrough(text, span)] : [], diagnostics: [diagnostic] };
  }
  if (found === undefined) return { statements: [passthrough(text, span)], diagnostics: [] };
  if (!isExplain) return runRule(found.rule, found.tokens, source);
  const inner = runRule(found.rule, found.tokens.slice(1), source);
  const statements = inner.statements.map((statement) => ({ kind: "explain", statement, span }) as const);
  return { statements, diagnostics: inner.diagnostics };
}

function passthrough(text: string, span: Span): Statement {
  return { kind: "passthrough", text, span };
}

interface Found {
  readonly rule: AnyRule;
  readonly tokens: readonly IToken[];
}

function findRule(source: string, span: Span, words: readonly string[], backslashEscapes: boolean): Found | undefined {
  for (const rule of rulesFor(words)) {
    const { tokens } = lex(source, span, backslashEscapes || rule.backslashEscapes === true);
    if (rule.claims === undefined || rule.claims(tokens)) return { rule, tokens };
  }
  return undefined;
}

interface Run {
  readonly statements: readonly OurStatement[];
  readonly diagnostics: readonly Diagnostic[];
}

function runRule(rule: AnyRule, tokens: readonly IToken[], source: string): Run {
  const outcome = parserOf(rule).run(rule, tokens, source);
  if (outcome.ok) {
    const errors = outcome.notices.filter((notice) => notice.severity === "error");
    return errors.length > 0
      ? { statements: [], diagnostics: errors }
      : { statements: [outcome.statement], diagnostics: outcome.notices };
  }
  return { statements: [], diagnostics: [complaint(rule, tokens, outcome.refused)] };
}

function complaint(rule: AnyRule, tokens: readonly IToken[], token: IToken): Diagnostic {
  const grammar = parserOf(rule).grammarOf(rule);
  const walked = grammar === undefined ? undefined : walk(grammar, tokens);
  if (walked !== undefined && (walked.read < tokens.length || !walked.mayEnd)) {
    const diagnostic = unexpected(walked, tokens);
    const hint = rule.hint?.(tokens, walked.read);
    return hint === undefined ? diagnostic : { ...diagnostic, hint };
  }
  return refused(token, tokens.at(-1));
}
