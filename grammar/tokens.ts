import { createToken, Lexer, type TokenType } from "chevrotain";
import { REDSHIFT_WORDS } from "./redshift-words.ts";
import { EXPRESSION_ENDS, OPTION_WORDS, RESERVED, STATEMENT_WORDS } from "./words.ts";

function category(name: string, label: string, categories: TokenType[] = []): TokenType {
  return createToken({ name, label, pattern: Lexer.NA, categories });
}

/** Whatever may stand between parentheses in SQL that is not ours. */
const Inner = category("Inner", "an expression");
/** Whatever may stand outside parentheses in such SQL. */
const Operand = category("Operand", "an expression", [Inner]);
/** Identifiers and every word that is not reserved. */
const Word = category("Word", "a name", [Inner]);
/** The same words where a string is wanted: apart from names, so that a complaint does not show what may be secret. */
const Bare = category("Bare", "a string", [Inner]);
/** A string literal in quotes or dollars. */
const Literal = category("Literal", "a string", [Operand]);

function token(name: string, label: string, categories: TokenType[]): TokenType {
  return createToken({ name, label, pattern: Lexer.NA, categories });
}

/** The token types that are not words. */
export const t = {
  Inner,
  Operand,
  Word,
  Bare,
  Literal,
  Identifier: token("Identifier", "a name", [Word, Bare, Operand]),
  QuotedIdentifier: token("QuotedIdentifier", "a name", [Operand]),
  String: token("String", "a string", [Literal]),
  DollarString: token("DollarString", "a string", [Literal]),
  Number: token("Number", "a number", [Operand]),
  PlainVariable: token("PlainVariable", "a variable", [Operand]),
  LiteralVariable: token("LiteralVariable", "a variable", [Operand]),
  IdentifierVariable: token("IdentifierVariable", "a variable", [Operand]),
  OpenParenthesis: token("OpenParenthesis", "(", []),
  CloseParenthesis: token("CloseParenthesis", ")", []),
  Comma: token("Comma", ",", [Inner]),
  Dot: token("Dot", ".", [Operand]),
  Equals: token("Equals", "=", [Operand]),
  Star: token("Star", "*", [Operand]),
  /** Any other sign or sequence of signs; the rules never ask for one. */
  Sign: token("Sign", "an operator", [Operand]),
  /** Kept apart so that no rule matches it: a statement ends before it. */
  Semicolon: token("Semicolon", ";", [Inner]),
} as const;

const OPTIONS = new Set<string>(OPTION_WORDS);
export type Keyword = (typeof OPTION_WORDS | typeof STATEMENT_WORDS | typeof REDSHIFT_WORDS)[number];
// A word that two dialects share is one word.
const ALL_WORDS = [...new Set<Keyword>([...OPTION_WORDS, ...STATEMENT_WORDS, ...REDSHIFT_WORDS])];

function categoriesOf(text: string): TokenType[] {
  const inExpression = EXPRESSION_ENDS.has(text) ? Inner : Operand;
  return RESERVED.has(text) ? [inExpression] : [Word, Bare, inExpression];
}

function createKeyword(text: string): TokenType {
  const label = OPTIONS.has(text) ? text.toLowerCase() : text;
  return createToken({ name: text, label, pattern: Lexer.NA, categories: categoriesOf(text) });
}

/** One token type per keyword, by its name in upper case. */
export const k = Object.fromEntries(ALL_WORDS.map((text) => [text, createKeyword(text)])) as Readonly<
  Record<Keyword, TokenType>
>;

const KEYWORDS = new Map<string, TokenType>(Object.entries(k));

/** The token type of a word, in any case. */
export function tokenTypeOfWord(word: string): TokenType {
  return KEYWORDS.get(word.toUpperCase()) ?? t.Identifier;
}

export function isKeyword(type: TokenType): boolean {
  return KEYWORDS.get(type.name) === type;
}

export const VOCABULARY: TokenType[] = [...Object.values(t), ...Object.values(k)];
