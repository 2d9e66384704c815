import { createTokenInstance, type IToken, type TokenType } from "chevrotain";
import { decodeIdentifier, decodeString } from "./literal.ts";
import type { Span } from "./nodes.ts";
import { Scanner, type LexemeKind } from "./scan.ts";
import { t, tokenTypeOfWord } from "./tokens.ts";

/** A string, comment or quoted name that the source ends inside of; the span is its opening mark. */
export interface Unterminated {
  readonly kind: LexemeKind;
  readonly span: Span;
}

export interface Lexed {
  readonly tokens: readonly IToken[];
  readonly unterminated?: Unterminated;
}

const SIGNS: Readonly<Record<string, TokenType>> = {
  "(": t.OpenParenthesis,
  ")": t.CloseParenthesis,
  ",": t.Comma,
  ".": t.Dot,
  "=": t.Equals,
  "*": t.Star,
  ";": t.Semicolon,
};

/** Tokens of one stretch of the source, with spans into the whole of it; comments are left out. */
export function lex(source: string, span: Span, backslashEscapes = false): Lexed {
  const scanner = new Scanner(source, { ...span, backslashEscapes });
  const tokens: IToken[] = [];
  while (scanner.next() !== "end") {
    if (!scanner.closed) return { tokens, unterminated: unterminatedAt(source, scanner) };
    if (scanner.kind === "comment") continue;
    tokens.push(createLexedToken(scanner, source.slice(scanner.start, scanner.end), backslashEscapes));
  }
  return { tokens };
}

/** What the scanner has just found to be without an end. */
export function unterminatedAt(source: string, scanner: Scanner): Unterminated {
  const mark = /^(?:\/\*|(?:[uU]&|[a-zA-Z])?['"]|\$[^$]*\$)/.exec(source.slice(scanner.start, scanner.start + 80));
  const length = mark?.[0].length ?? 1;
  return { kind: scanner.kind, span: { start: scanner.start, end: scanner.start + length } };
}

function createLexedToken(scanner: Scanner, image: string, backslashEscapes: boolean): IToken {
  const type = typeOf(scanner.kind, image);
  const { start, end } = scanner;
  const token = createTokenInstance(type, image, start, end - 1, Number.NaN, Number.NaN, Number.NaN, Number.NaN);
  token.payload = valueOf(type, image, backslashEscapes);
  return token;
}

function typeOf(kind: LexemeKind, image: string): TokenType {
  if (kind === "word") return tokenTypeOfWord(image);
  if (kind === "variable") return variableType(image);
  if (kind === "sign") return SIGNS[image] ?? t.Sign;
  return TYPES[kind] ?? t.Sign;
}

const TYPES: Partial<Record<LexemeKind, TokenType>> = {
  "quoted-identifier": t.QuotedIdentifier,
  string: t.String,
  "dollar-string": t.DollarString,
  number: t.Number,
};

function variableType(image: string): TokenType {
  if (image[1] === "'") return t.LiteralVariable;
  if (image[1] === '"') return t.IdentifierVariable;
  return image[1] === "{" ? t.Sign : t.PlainVariable;
}

function valueOf(type: TokenType, image: string, backslashEscapes: boolean): string {
  if (type === t.String || type === t.DollarString) return decodeString(image, backslashEscapes);
  if (type === t.QuotedIdentifier) return decodeIdentifier(image);
  if (type === t.PlainVariable) return image.slice(1);
  if (type === t.LiteralVariable || type === t.IdentifierVariable) return image.slice(2, -1);
  return image.toLowerCase();
}

/** What a token says: strings and names decoded, words in lower case. */
export function valueOfToken(token: IToken): string {
  const value: unknown = token.payload;
  return typeof value === "string" ? value : token.image;
}
