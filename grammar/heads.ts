// Which rule a statement belongs to, by its first words.
import { editDistance } from "./edit-distance.ts";
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

/** First words that only our statements have: they alone say that one of ours was meant. */
const OURS_ALONE: ReadonlySet<string> = new Set(["BACKUP", "RESTORE", "VERIFY", "UNLOAD", "ENCRYPT", "DECRYPT"]);

/** The head that a statement which begins with none of them was most likely meant to have; `undefined` when none is near. */
export function nearestHead(source: string): string | undefined {
  const words = firstWords(source, { start: 0, end: source.length });
  if (rulesFor(words).length > 0) return undefined;
  let best: string | undefined;
  let bestEdits = Number.POSITIVE_INFINITY;
  for (const head of HEADS) {
    const edits = editsTo(head.words, words) ?? Number.POSITIVE_INFINITY;
    if (edits >= bestEdits) continue;
    best = head.words.join(" ");
    bestEdits = edits;
  }
  return best ?? unfinishedHead(words);
}

/** Edits that turn the first of `words` into the head; `undefined` when a word is too far from its own. */
function editsTo(head: readonly string[], words: readonly string[]): number | undefined {
  let sum = 0;
  for (const [index, wanted] of head.entries()) {
    const edits = editDistance(words[index] ?? "", wanted);
    if (edits > 2 || edits * 2 > wanted.length) return undefined;
    sum += edits;
  }
  return sum;
}

/** The shortest head that the first words begin and do not end. */
function unfinishedHead(words: readonly string[]): string | undefined {
  const least = OURS_ALONE.has(words[0] ?? "") ? 1 : 2;
  if (words.length < least) return undefined;
  return HEADS.filter(
    (head) => head.words.length > least && words.slice(0, least).every((word, i) => head.words[i] === word),
  )
    .map((head) => head.words.join(" "))
    .toSorted((a, b) => a.length - b.length)[0];
}
