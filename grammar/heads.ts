// Which rule a statement belongs to, by its first words.
import type { Span } from "./nodes.ts";
import type { AnyRule } from "./parser.ts";
import { Scanner } from "./scan.ts";
import { RULES } from "./statements.ts";

interface Head {
  readonly words: readonly string[];
  readonly rule: AnyRule;
}

const HEADS: readonly Head[] = RULES.flatMap((rule) =>
  rule.heads.map((head) => ({ words: head.split(" "), rule })),
).toSorted((a, b) => b.words.length - a.words.length);

const WORDS_MAX = Math.max(...HEADS.map((head) => head.words.length));

/** The words at the beginning of a stretch of the source, in upper case, as many as a head can have and one more. */
export function firstWords(source: string, span: Span): readonly string[] {
  const scanner = new Scanner(source, span);
  const words: string[] = [];
  while (words.length <= WORDS_MAX) {
    const kind = scanner.next();
    if (kind === "comment") continue;
    if (kind !== "word") break;
    words.push(source.slice(scanner.start, scanner.end).toUpperCase());
  }
  return words;
}

/** The rules that could read a statement with these first words, the longest head first. */
export function rulesFor(words: readonly string[]): readonly AnyRule[] {
  return HEADS.filter((head) => head.words.every((word, i) => words[i] === word)).map((head) => head.rule);
}

/** The words that may follow `words` in some head. */
export function nextHeadWords(words: readonly string[]): readonly string[] {
  const followers = HEADS.filter(
    (head) => head.words.length > words.length && words.every((word, i) => head.words[i] === word),
  ).map((head) => head.words[words.length] ?? "");
  return [...new Set(followers)].toSorted();
}

/** Whether a statement begins as one of ours, EXPLAIN apart; the engine may still have a form that begins alike. */
export function startsAsOurs(source: string): boolean {
  const words = firstWords(source, { start: 0, end: source.length });
  return rulesFor(words[0] === "EXPLAIN" ? words.slice(1) : words).length > 0;
}
