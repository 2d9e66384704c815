// Nodes made of single tokens, and of runs of them.
import { tokenMatcher, type IToken } from "chevrotain";
import { valueOfToken } from "./lexer.ts";
import type { ExpressionNode, Position, Span, StringNode, VariableNode } from "./nodes.ts";
import { joinTokens } from "./sql-text.ts";
import { t } from "./tokens.ts";

export function spanOfToken(token: IToken): Span {
  return { start: token.startOffset, end: (token.endOffset ?? token.startOffset) + 1 };
}

export function createExpression(tokens: readonly IToken[]): ExpressionNode {
  const [first] = tokens;
  const last = tokens.at(-1);
  const start = first?.startOffset ?? 0;
  const span = { start, end: last === undefined ? start : spanOfToken(last).end };
  const base = { kind: "expression", text: joinTokens(tokens), span } as const;
  const isLiteral = tokens.length === 1 && first !== undefined && LITERALS.some((type) => tokenMatcher(first, type));
  return isLiteral ? { ...base, literal: valueOfToken(first) } : base;
}

export function createString(token: IToken, position: Position): StringNode {
  return { kind: "string", value: valueOfToken(token), position, span: spanOfToken(token) };
}

const LITERALS = [t.Literal, t.Number];

export function createVariable(form: VariableNode["form"], token: IToken): VariableNode {
  return { kind: "variable", form, name: valueOfToken(token), span: spanOfToken(token) };
}
