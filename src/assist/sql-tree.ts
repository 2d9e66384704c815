// SQL that is being typed, as words and parentheses. What is not closed reaches to the end; nothing is ever refused.
import { lexemes, type Lexeme } from "../../grammar/index.ts";
import { readIdentifier } from "./identifiers.ts";

export interface SqlWord {
  readonly kind: "word" | "name" | "literal" | "sign";
  /** As it is written, but a word in upper case. */
  readonly text: string;
  readonly written: string;
  /** What it names, for words and quoted names. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Stands where the cursor is: what has been typed of a word, or nothing yet. */
  readonly isCursor: boolean;
}

export interface SqlGroup {
  readonly kind: "group";
  readonly nodes: readonly SqlNode[];
  readonly hasCursor: boolean;
  readonly start: number;
  readonly end: number;
}

export type SqlNode = SqlWord | SqlGroup;

export interface SqlTree {
  readonly nodes: readonly SqlNode[];
  /** What the completed word takes the place of. */
  readonly cursor: SqlWord;
}

/** A string, a comment or a dollar quote that the cursor is in. */
export function lexemeAround(source: string, start: number, cursor: number): Lexeme | undefined {
  const found = lexemes(source, { start }).find(
    (lexeme) => lexeme.start < cursor && (cursor < lexeme.end || (cursor === lexeme.end && !isEnded(source, lexeme))),
  );
  return found !== undefined && HIDING.has(found.kind) ? found : undefined;
}

const HIDING = new Set<Lexeme["kind"]>(["string", "dollar-string", "comment"]);

function isEnded(source: string, { kind, closed, start }: Lexeme): boolean {
  // A comment to the end of its line goes on while one types.
  return kind === "comment" ? closed && !source.startsWith("--", start) : closed;
}

/** Reads the statement from `start` to `end`; the cursor stands for a word in it. */
export function readTree(source: string, { start, end }: { start: number; end: number }, cursor: number): SqlTree {
  const words: SqlWord[] = [];
  let here: SqlWord | undefined;
  for (const lexeme of lexemesAround(source, { start, end }, cursor)) {
    if (lexeme.kind === "comment") continue;
    if (here === undefined && lexeme.start >= cursor) words.push((here = createCursor("", cursor)));
    const isTyped = lexeme.start < cursor && cursor <= lexeme.end && isName(lexeme);
    if (isTyped) words.push((here = createCursor(source.slice(lexeme.start, cursor), lexeme.start, lexeme)));
    else words.push(createWord(source, lexeme));
  }
  if (here === undefined) words.push((here = createCursor("", cursor)));
  return { nodes: new TreeReader(words, cursor).read(), cursor: here };
}

/**
 * A quoted name that is not closed ends at the cursor, so that what follows is still read. Where names with quotes follow,
 * it is the last of them that seems not to be closed.
 */
function lexemesAround(
  source: string,
  { start, end }: { start: number; end: number },
  cursor: number,
): readonly Lexeme[] {
  const found = lexemes(source, { start, end });
  const last = found.at(-1);
  if (last?.kind !== "quoted-identifier" || last.closed) return found;
  const at = found.findIndex((one) => one.kind === "quoted-identifier" && one.start < cursor && cursor <= one.end);
  const typed = found[at];
  if (typed === undefined) return found;
  const after = lexemes(source, { start: cursor, end });
  const isMended = after.every(({ kind, closed }) => kind !== "quoted-identifier" || closed);
  return isMended ? [...found.slice(0, at), { ...typed, end: cursor, closed: true }, ...after] : found;
}

function isName({ kind }: Lexeme): boolean {
  return kind === "word" || kind === "quoted-identifier";
}

function createCursor(typed: string, start: number, lexeme?: Lexeme): SqlWord {
  const end = lexeme?.kind === "quoted-identifier" ? lexeme.end : start + typed.length;
  return { kind: "name", text: typed, written: typed, name: readIdentifier(typed), start, end, isCursor: true };
}

const KINDS: Partial<Record<Lexeme["kind"], SqlWord["kind"]>> = {
  word: "word",
  "quoted-identifier": "name",
  string: "literal",
  "dollar-string": "literal",
  number: "literal",
  variable: "literal",
  placeholder: "literal",
};

function createWord(source: string, lexeme: Lexeme): SqlWord {
  const { start, end } = lexeme;
  const written = source.slice(start, end);
  const kind = KINDS[lexeme.kind] ?? "sign";
  const text = kind === "word" ? written.toUpperCase() : written;
  return { kind, text, written, name: isName(lexeme) ? readIdentifier(written) : "", start, end, isCursor: false };
}

/** Words that end what a forgotten parenthesis encloses, unless it was opened by a word that takes them. */
const CLAUSES = new Set(["FROM", "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "UNION", "EXCEPT", "INTERSECT"]);
const TAKES: Readonly<Record<string, string>> = {
  EXTRACT: "FROM",
  SUBSTRING: "FROM",
  TRIM: "FROM",
  OVERLAY: "FROM",
  OVER: "ORDER",
  FILTER: "WHERE",
  GROUP: "ORDER",
};
const QUERY_STARTS = new Set(["SELECT", "WITH", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE"]);

class TreeReader {
  readonly #words: readonly SqlWord[];
  readonly #cursor: number;
  readonly #closings: ReadonlySet<number>;
  #at = 0;

  constructor(words: readonly SqlWord[], cursor: number) {
    this.#words = words;
    this.#cursor = cursor;
    this.#closings = closedGroups(words);
  }

  read(): readonly SqlNode[] {
    const nodes = this.#nodes(undefined);
    // A closing parenthesis without an opening one is passed over.
    while (this.#at < this.#words.length) {
      this.#at++;
      nodes.push(...this.#nodes(undefined));
    }
    return nodes;
  }

  /** @param endings words that end a group which is not closed */
  #nodes(endings: ReadonlySet<string> | undefined): SqlNode[] {
    const nodes: SqlNode[] = [];
    while (this.#at < this.#words.length) {
      const word = this.#words[this.#at];
      if (word === undefined || (word.kind === "sign" && word.text === ")")) break;
      if (endings !== undefined && word.start > this.#cursor && word.kind === "word" && endings.has(word.text)) break;
      if (word.kind === "sign" && word.text === "(") nodes.push(this.#group(nodes.at(-1)));
      else {
        nodes.push(word);
        this.#at++;
      }
    }
    return nodes;
  }

  #group(before: SqlNode | undefined): SqlGroup {
    const opening = this.#words[this.#at];
    const isClosed = this.#closings.has(this.#at);
    this.#at++;
    const first = this.#words[this.#at];
    const isQuery = first?.kind === "word" && QUERY_STARTS.has(first.text);
    const taken = before?.kind === "word" ? TAKES[before.text] : undefined;
    const endings = new Set([...CLAUSES].filter((word) => word !== taken));
    const nodes = this.#nodes(isClosed || isQuery ? undefined : endings);
    const closing = this.#words[this.#at];
    if (closing?.kind === "sign" && closing.text === ")") this.#at++;
    const hasCursor = nodes.some((node) => (node.kind === "group" ? node.hasCursor : node.isCursor));
    const last = this.#words[this.#at - 1];
    return { kind: "group", nodes, hasCursor, start: opening?.start ?? 0, end: last?.end ?? 0 };
  }
}

/** The positions of the opening parentheses that have a closing one. */
function closedGroups(words: readonly SqlWord[]): ReadonlySet<number> {
  const open: number[] = [];
  const closed = new Set<number>();
  for (const [at, { kind, text }] of words.entries()) {
    if (kind !== "sign") continue;
    if (text === "(") open.push(at);
    if (text === ")") closed.add(open.pop() ?? -1);
  }
  return closed;
}

export function isWord(node: SqlNode | undefined, ...texts: readonly string[]): boolean {
  return node?.kind === "word" && texts.includes(node.text);
}

export function isSign(node: SqlNode | undefined, text: string): boolean {
  return node?.kind === "sign" && node.text === text;
}

/** Whether a word belongs to the qualified name before it. Behind a blank the name is more likely still to be finished. */
export function continuesName(before: SqlNode | undefined, node: SqlNode): boolean {
  return before !== undefined && isSign(before, ".") && before.end === node.start;
}
