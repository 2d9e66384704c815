// Which word may come next: read the statement up to the cursor against the recorded grammar.
import type { IToken, TokenType } from "chevrotain";
import { tokens } from "./colour.ts";
import { firstWords, nextHeadWords, rulesFor } from "./heads.ts";
import { lexemes } from "./lexemes.ts";
import { lex } from "./lexer.ts";
import { parserOf, type AnyRule } from "./parser.ts";
import { splitScript } from "./script.ts";
import { isKeyword, k, t, tokenTypeOfWord } from "./tokens.ts";
import { walk } from "./walk.ts";
import { DROPPED } from "./words.ts";

export interface Completion {
  /** The whole word, in the case of what has been typed of it. */
  readonly text: string;
  readonly kind: "keyword" | "option";
}

/** What the grammar of our statements has to say about a place in the text. */
export interface Expected {
  /** The words that may stand at the cursor, those that begin as typed. */
  readonly words: readonly Completion[];
  /** A name may stand there: of a table, a database, a connection. */
  readonly name: boolean;
  /** A string may stand there. */
  readonly string: boolean;
  /** The statement begins as one of ours does, and what stands before the cursor makes sense as one. */
  readonly ours: boolean;
  /** The tokens of the statement before the cursor: keywords in upper case, "" for all else. */
  readonly before: readonly string[];
}

const NOTHING: Expected = { words: [], name: false, string: false, ours: false, before: [] };

/**
 * The words of our statements that may stand at the cursor, those that begin as typed. Nothing inside quotes and
 * comments, in shell commands, and where the grammar wants a name or a string.
 */
export function complete(source: string, cursor: number): readonly Completion[] {
  return expectedAt(source, cursor).words;
}

/** What may stand at the cursor, as far as our own grammar knows. Nothing inside quotes, comments and shell commands. */
export function expectedAt(source: string, cursor: number): Expected {
  const before = source.slice(0, cursor);
  const typed = openName(before) ?? /[a-z_][a-z0-9_]*$/i.exec(before)?.[0] ?? "";
  const read = before.slice(0, before.length - typed.length);
  const start = statementStart(read);
  if (start === undefined) return NOTHING;
  const last = tokens(before).at(-1);
  if (last?.kind === "comment" && last.span.end === cursor && before.startsWith("--", last.span.start)) return NOTHING;
  const next = nextTypes(read, start);
  const words = next.words
    .toSorted()
    .filter((word) => word.toUpperCase().startsWith(typed.toUpperCase()) && !DROPPED.has(word.toUpperCase()))
    .map((word) => createCompletion(word, typed));
  const has = (...types: readonly TokenType[]): boolean => types.some((type) => next.types.includes(type));
  return {
    words,
    name: has(t.Word, t.Identifier),
    string: has(t.Literal, t.String),
    ours: next.types.length > 0,
    before: next.before,
  };
}

/** A name in quotes that is not closed, quote and all. */
function openName(text: string): string | undefined {
  const last = text.includes('"') ? lexemes(text).at(-1) : undefined;
  return last?.kind === "quoted-identifier" && !last.closed ? text.slice(last.start) : undefined;
}

/** Where the statement that the text ends in begins; undefined inside quotes, comments and shell commands. */
function statementStart(text: string): number | undefined {
  const last = splitScript(text).at(-1);
  if (last === undefined) return /\\\S*$/.test(text) ? undefined : text.length;
  if (last.kind === "command") return text.includes("\n", last.span.end) ? text.length : undefined;
  if (last.diagnostic !== undefined || last.copyData !== undefined) return undefined;
  return last.terminator.kind === "end" ? last.span.start : text.length;
}

interface Next {
  readonly words: readonly string[];
  readonly types: readonly TokenType[];
  readonly before: readonly string[];
}

function nextTypes(text: string, start: number): Next {
  const span = { start, end: text.length };
  const firsts = firstWords(text, span);
  const explained = firsts[0] === "EXPLAIN";
  const heads = explained ? firsts.slice(1) : firsts;
  // Long statements of others are not read to their end to find that nothing of ours may follow.
  if (rulesFor(heads).length === 0 && nextHeadWords(heads).length === 0) return { words: [], types: [], before: [] };
  const lexed = lex(text, span);
  if (lexed.unterminated !== undefined) return { words: [], types: [], before: [] };
  const own = explained ? lexed.tokens.slice(1) : lexed.tokens;
  const words = own.map((token) => (isWord(token) ? token.image.toUpperCase() : ""));
  const followers = nextHeadWords(words);
  const first = lexed.tokens.length === 0 ? ["EXPLAIN"] : [];
  const types = rulesFor(words).flatMap((rule) => typesAfter(rule, own));
  const labels = types.filter((type) => isKeyword(type) && type !== k.SECRET).map((type) => type.LABEL ?? type.name);
  const before = own.map((token) => (isKeyword(token.tokenType) ? token.tokenType.name : ""));
  return { words: [...new Set([...first, ...followers, ...labels])], types, before };
}

function typesAfter(rule: AnyRule, read: readonly IToken[]): readonly TokenType[] {
  const grammar = parserOf(rule).grammarOf(rule);
  if (grammar === undefined || rule.claims?.(read) === false) return [];
  const walked = walk(grammar, read);
  return walked.read < read.length ? [] : walked.expected;
}

function isWord(token: IToken): boolean {
  return /^[a-z_]/i.test(token.image);
}

function createCompletion(word: string, typed: string): Completion {
  const isOption = word !== word.toUpperCase();
  const isLower = typed === "" ? isOption : typed === typed.toLowerCase();
  const label = tokenTypeOfWord(word).LABEL ?? word;
  return {
    text: isLower ? word.toLowerCase() : word.toUpperCase(),
    kind: label === label.toUpperCase() ? "keyword" : "option",
  };
}
