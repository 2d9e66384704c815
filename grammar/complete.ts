// Which word may come next: read the statement up to the cursor against the recorded grammar.
import type { IToken } from "chevrotain";
import { tokens } from "./colour.ts";
import { firstWords, nextHeadWords, rulesFor } from "./heads.ts";
import { lex } from "./lexer.ts";
import { statementParser, type AnyRule } from "./parser.ts";
import { splitScript } from "./script.ts";
import { isKeyword, k, tokenTypeOfWord } from "./tokens.ts";
import { walk } from "./walk.ts";
import { DROPPED } from "./words.ts";

export interface Completion {
  /** The whole word, in the case of what has been typed of it. */
  readonly text: string;
  readonly kind: "keyword" | "option";
}

/**
 * The words of our statements that may stand at the cursor, those that begin as typed. Nothing inside quotes and
 * comments, in shell commands, and where the grammar wants a name or a string.
 */
export function complete(source: string, cursor: number): readonly Completion[] {
  const before = source.slice(0, cursor);
  const typed = /[a-z_][a-z0-9_]*$/i.exec(before)?.[0] ?? "";
  const read = before.slice(0, before.length - typed.length);
  const start = statementStart(read);
  if (start === undefined) return [];
  const last = tokens(before).at(-1);
  if (last?.kind === "comment" && last.span.end === cursor && before.startsWith("--", last.span.start)) return [];
  const words = nextWords(read, start).toSorted();
  return words
    .filter((word) => word.toUpperCase().startsWith(typed.toUpperCase()) && !DROPPED.has(word.toUpperCase()))
    .map((word) => createCompletion(word, typed));
}

/** Where the statement that the text ends in begins; undefined inside quotes, comments and shell commands. */
function statementStart(text: string): number | undefined {
  const last = splitScript(text).at(-1);
  if (last === undefined) return /\\\S*$/.test(text) ? undefined : text.length;
  if (last.kind === "command") return text.includes("\n", last.span.end) ? text.length : undefined;
  if (last.diagnostic !== undefined || last.copyData !== undefined) return undefined;
  return last.terminator.kind === "end" ? last.span.start : text.length;
}

function nextWords(text: string, start: number): readonly string[] {
  const span = { start, end: text.length };
  const explained = firstWords(text, span)[0] === "EXPLAIN";
  const lexed = lex(text, span);
  if (lexed.unterminated !== undefined) return [];
  const own = explained ? lexed.tokens.slice(1) : lexed.tokens;
  const words = own.map((token) => (isWord(token) ? token.image.toUpperCase() : ""));
  const heads = nextHeadWords(words);
  const first = lexed.tokens.length === 0 ? ["EXPLAIN"] : [];
  return [...new Set([...first, ...heads, ...rulesFor(words).flatMap((rule) => wordsAfter(rule, own))])];
}

function wordsAfter(rule: AnyRule, read: readonly IToken[]): readonly string[] {
  const grammar = statementParser().grammarOf(rule);
  if (grammar === undefined || rule.claims?.(read) === false) return [];
  const walked = walk(grammar, read);
  if (walked.read < read.length) return [];
  return walked.expected.filter((type) => isKeyword(type) && type !== k.SECRET).map((type) => type.LABEL ?? type.name);
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
