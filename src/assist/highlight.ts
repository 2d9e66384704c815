import {
  lexemes,
  splitScript,
  startsAsOurs,
  tokens,
  type ColouredToken,
  type ScriptItem,
} from "../../grammar/index.ts";
import type { HighlightKind, HighlightSpan } from "./assistant.ts";
import { isReserved } from "./identifiers.ts";
import { NEXT_CLAUSES, ONLY_AFTER, OPERATORS, STATEMENT_STARTS } from "./sql-words.ts";
import { SQL_COMMANDS } from "./sql-definitions.ts";

/** What every stretch of the text is. What is between lexemes, and the arguments of shell commands, has no span. */
export function highlight(text: string): readonly HighlightSpan[] {
  const statements = splitScript(text).filter((item) => item.kind === "statement");
  const coloured = tokens(text);
  const spans: HighlightSpan[] = [];
  const manners: (Manner | undefined)[] = [];
  let [next, manner] = [-1, undefined as Manner | undefined];
  for (const [at, token] of coloured.entries()) {
    while (next < 0 || (statements[next]?.span.end ?? Number.POSITIVE_INFINITY) < token.span.end) {
      next++;
      manner = mannerOf(statements[next]);
    }
    manners.push(manner);
    spans.push(takenOver(coloured, at, manner) ?? { ...token.span, kind: kindOf(text, coloured, at, manner) });
  }
  last = { coloured, manners, spans };
  return spans;
}

/** What was answered last: while somebody types, most of it is true of the next text too. */
let last: {
  readonly coloured: readonly ColouredToken[];
  readonly manners: readonly (Manner | undefined)[];
  readonly spans: readonly HighlightSpan[];
} = { coloured: [], manners: [], spans: [] };

/** The same object for the same tokens: who draws it knows that nothing has changed. */
function takenOver(
  coloured: readonly ColouredToken[],
  at: number,
  manner: Manner | undefined,
): HighlightSpan | undefined {
  const isSame = (index: number): boolean => coloured[index] === last.coloured[index];
  const isAll = isSame(at) && isSame(at + 1) && coloured[at + 1] !== undefined && last.manners[at] === manner;
  return isAll ? last.spans[at] : undefined;
}

type Statement = Extract<ScriptItem, { kind: "statement" }>;

/** How the words of a statement are to be taken. */
type Manner = "ours" | "query" | "definition";

function mannerOf(statement: Statement | undefined): Manner | undefined {
  if (statement === undefined) return undefined;
  if (startsAsOurs(statement.text)) return "ours";
  const isQuery = /^\s*(select|with|insert|update|delete|values|table)\b/i.test(statement.text);
  return isQuery ? "query" : "definition";
}

function kindOf(
  text: string,
  coloured: readonly ColouredToken[],
  at: number,
  manner: Manner | undefined,
): HighlightKind {
  const token = coloured[at];
  if (token === undefined) return "operator";
  const { kind, span } = token;
  if (kind === "secret") return "string";
  if (kind !== "keyword" && kind !== "identifier") return kind;
  const word = text.slice(span.start, span.end);
  if (word.startsWith('"') || /^[uU]&"/.test(word)) return "identifier";
  if (manner === "ours") return kind;
  const before = coloured[at - 1]?.span;
  const previous = before === undefined ? "" : text.slice(before.start, before.end).toUpperCase();
  if (previous === ".") return "identifier";
  const isCalled = text[nextVisible(text, span.end)] === "(" && !BEFORE_NAME.has(previous);
  return kindOfSqlWord(word, isCalled, manner);
}

/** Words before the name of a table whose columns stand in parentheses after it. */
const BEFORE_NAME = new Set("TABLE INTO ON REFERENCES EXISTS VIEW COPY TYPE ONLY AS WITH".split(" "));

function nextVisible(text: string, from: number): number {
  let at = from;
  while (text[at] === " ") at++;
  return at;
}

/** Words of the types that SQL itself names. */
const TYPES = new Set(
  `BIGINT BIGSERIAL BOOLEAN BOOL BYTEA CHAR CHARACTER DATE DECIMAL DOUBLE PRECISION FLOAT INT INTEGER INTERVAL JSON JSONB
  NUMERIC REAL SERIAL SMALLINT SMALLSERIAL SUPER TEXT TIME TIMESTAMP TIMESTAMPTZ TIMETZ UUID VARBYTE VARCHAR VARYING`.split(
    /\s+/,
  ),
);

/** Words of queries that may be names too, but hardly are. */
const QUERY_WORDS = new Set(
  [...STATEMENT_STARTS, ...OPERATORS, ...Object.keys(ONLY_AFTER), ...Object.values(NEXT_CLAUSES).flat()]
    .flatMap((phrase) => phrase.split(/[^A-Z]+/))
    .filter((word) => word !== "" && !["KEY", "TIME", "ZONE", "ROW", "SHARE", "SETS", "VALUE"].includes(word)),
);
for (const word of "BETWEEN EXISTS OVER FILTER WITHIN RECURSIVE CASE WHEN THEN ELSE END BY SET NULLS".split(" ")) {
  QUERY_WORDS.add(word);
}

let definitionWords: ReadonlySet<string> | undefined;

function kindOfSqlWord(written: string, isCalled: boolean, manner: Manner | undefined): HighlightKind {
  const word = written.toUpperCase();
  if (isReserved(word) || QUERY_WORDS.has(word)) return "keyword";
  if (TYPES.has(word)) return "type";
  if (manner === "definition") {
    definitionWords ??= new Set(
      SQL_COMMANDS.flatMap(({ synopses }) => synopses.flatMap((synopsis) => synopsis.match(/\b[A-Z]+\b/g) ?? [])),
    );
    if (definitionWords.has(word)) return "keyword";
  }
  return isCalled ? "function" : "identifier";
}

/** Where a parenthesis closes nothing; undefined where all is well. */
export function strayParenthesis(text: string): number | undefined {
  let depth = 0;
  for (const { kind, start } of lexemes(text)) {
    if (kind !== "sign") continue;
    if (text[start] === "(") depth++;
    if (text[start] === ")") depth--;
    if (depth < 0) return start;
  }
  return undefined;
}
