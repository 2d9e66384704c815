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
  let statement = 0;
  for (const [at, token] of coloured.entries()) {
    while ((statements[statement]?.span.end ?? Number.POSITIVE_INFINITY) < token.span.end) statement++;
    const kind = kindOf(text, coloured, at, statements[statement]);
    spans.push({ ...token.span, kind });
  }
  return spans;
}

type Statement = Extract<ScriptItem, { kind: "statement" }>;

function kindOf(
  text: string,
  coloured: readonly ColouredToken[],
  at: number,
  statement: Statement | undefined,
): HighlightKind {
  const token = coloured[at];
  if (token === undefined) return "operator";
  const { kind, span } = token;
  if (kind === "secret") return "string";
  if (kind !== "keyword" && kind !== "identifier") return kind;
  const word = text.slice(span.start, span.end);
  if (word.startsWith('"') || /^[uU]&"/.test(word)) return "identifier";
  if (statement !== undefined && isOurs(statement)) return kind;
  const before = coloured[at - 1]?.span;
  const previous = before === undefined ? "" : text.slice(before.start, before.end).toUpperCase();
  if (previous === ".") return "identifier";
  const isCalled = text[nextVisible(text, span.end)] === "(" && !BEFORE_NAME.has(previous);
  return kindOfSqlWord(word, isCalled, statement);
}

/** Words before the name of a table whose columns stand in parentheses after it. */
const BEFORE_NAME = new Set("TABLE INTO ON REFERENCES EXISTS VIEW COPY TYPE ONLY AS WITH".split(" "));

const ours = new WeakMap<Statement, boolean>();

function isOurs(statement: Statement): boolean {
  const known = ours.get(statement);
  if (known !== undefined) return known;
  const found = startsAsOurs(statement.text);
  ours.set(statement, found);
  return found;
}

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

function kindOfSqlWord(written: string, isCalled: boolean, statement: Statement | undefined): HighlightKind {
  const word = written.toUpperCase();
  if (isReserved(word) || QUERY_WORDS.has(word)) return "keyword";
  if (TYPES.has(word)) return "type";
  if (statement !== undefined && !/^\s*(select|with|insert|update|delete|values|table)\b/i.test(statement.text)) {
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
