// Which string the cursor is in, and what it stands for. What has not been typed yet is filled in with the fewest tokens
// that end the statement, so that a statement in the making has a syntax tree.
import type { TokenType } from "chevrotain";
import { firstWords, rulesFor } from "./heads.ts";
import { lex } from "./lexer.ts";
import { lexemes, type Lexeme } from "./lexemes.ts";
import type { Position, Span, StringNode } from "./nodes.ts";
import { parserOf } from "./parser.ts";
import { splitScript } from "./script.ts";
import type { OurStatement } from "./statements.ts";
import { t } from "./tokens.ts";
import { shortestEnd } from "./walk.ts";

export interface StringPlace {
  /** Between the quotes, up to the end of what is typed of it. */
  readonly content: Span;
  readonly position: Position;
  /** The properties that lead to the string in the syntax tree: `["options", "0", "uris", "1"]`. */
  readonly path: readonly string[];
  /** With made-up text wherever the statement is not complete. */
  readonly statement: OurStatement;
}

/** The string of one of our statements that the cursor is in. Undefined elsewhere, and where nothing makes sense. */
export function stringAt(source: string, cursor: number): StringPlace | undefined {
  const before = source.slice(0, cursor);
  const item = splitScript(before).at(-1);
  if (item?.kind !== "statement" || item.diagnostic === undefined) return undefined;
  const { start } = item.span;
  const open = lexemes(before, { start }).at(-1);
  if (open === undefined || open.closed || (open.kind !== "string" && open.kind !== "dollar-string")) return undefined;
  const mark = /^(?:[uU]&|[a-zA-Z])?'|^\$[^$]*\$/.exec(before.slice(open.start))?.[0];
  if (mark === undefined) return undefined;
  const closing = open.kind === "dollar-string" ? mark : "'";
  for (const whole of wholes(source, cursor, { start, open, closing })) {
    const statement = readStatement(whole, start);
    const found = statement === undefined ? undefined : findString(statement, open.start, []);
    if (statement === undefined || found === undefined) continue;
    return { content: { start: open.start + mark.length, end: cursor }, ...found, statement };
  }
  return undefined;
}

interface OpenString {
  readonly start: number;
  readonly open: Lexeme;
  readonly closing: string;
}

/** Texts in which the string is closed, the likeliest first: as it stands, closed at the cursor, and without the rest. */
function* wholes(source: string, cursor: number, { start, open, closing }: OpenString): Generator<string> {
  const here = lexemes(source, { start }).find((lexeme) => lexeme.start === open.start);
  if (here?.closed === true && !source.slice(open.start, here.end).includes("\n")) yield statementEnd(source, start);
  const closed = source.slice(0, cursor) + closing;
  yield statementEnd(closed + source.slice(cursor), start);
  yield closed;
}

/** The source without what follows the statement. */
function statementEnd(source: string, start: number): string {
  const item = splitScript(source.slice(start))[0];
  return item?.kind === "statement" ? source.slice(0, start + item.span.end) : source;
}

function readStatement(source: string, start: number): OurStatement | undefined {
  const words = firstWords(source, { start, end: source.length });
  const from = words[0] === "EXPLAIN" ? 1 : 0;
  for (const rule of rulesFor(words.slice(from))) {
    const parser = parserOf(rule);
    const grammar = parser.grammarOf(rule);
    const { tokens } = lex(source, { start, end: source.length }, rule.backslashEscapes === true);
    const missing = grammar === undefined ? undefined : shortestEnd(grammar, tokens.slice(from));
    if (missing === undefined) continue;
    const text = `${source} ${missing.map(textOf).join(" ")}`;
    const whole = lex(text, { start, end: text.length }, rule.backslashEscapes === true);
    const outcome = parser.run(rule, whole.tokens.slice(from), text);
    if (outcome.ok) return outcome.statement;
  }
  return undefined;
}

const NAMES: readonly TokenType[] = [t.Word, t.Bare, t.Identifier, t.Operand, t.Inner];

function textOf(type: TokenType): string {
  if (NAMES.includes(type)) return "x";
  if (type === t.Literal || type === t.String) return "''";
  if (type === t.DollarString) return "$$$$";
  if (type === t.QuotedIdentifier) return '"x"';
  if (type === t.Number) return "0";
  return type.LABEL ?? type.name;
}

interface FoundString {
  readonly position: Position;
  readonly path: readonly string[];
}

function findString(node: unknown, start: number, path: readonly string[]): FoundString | undefined {
  if (typeof node !== "object" || node === null) return undefined;
  if (isString(node)) return node.span.start === start ? { position: node.position, path } : undefined;
  for (const [name, child] of Object.entries(node)) {
    const found = findString(child, start, [...path, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isString(node: object): node is StringNode {
  return "kind" in node && node.kind === "string" && "position" in node && "span" in node;
}
