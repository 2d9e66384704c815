import type { ShellError } from "../errors.ts";
// SQL text as text: quoting what goes in, and reading just enough of pg_dump's output to find statements and names.
import type { TableName } from "./engine.ts";
// Lexical rules: manual, "SQL Syntax, Lexical Structure".

/** A name as SQL, always in double quotes: never folded, never a keyword. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `"schema"."name"`, or the name alone where there is no schema. */
export function quoteQualified(schema: string, name: string): string {
  return schema === "" ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** A text constant that reads the same whatever standard_conforming_strings says. */
export function quoteLiteral(text: string): string {
  const quoted = text.replaceAll("'", "''");
  return text.includes("\\") ? `E'${quoted.replaceAll("\\", "\\\\")}'` : `'${quoted}'`;
}

// One lexical element that hides what is inside it: a comment, a quoted thing, a dollar quote. E'…' takes backslashes.
const HIDING =
  /--[^\n]*|\/\*|[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[\w\u0080-\uffff][\w$\u0080-\uffff]*/y;

/** Where a nested comment that begins at `at` ends. */
function endOfComment(sql: string, at: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = at;
  let depth = 0;
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}

/** The end of the element at `at`: a word or a hiding one is taken whole, anything else one character at a time. */
function endOfElement(sql: string, at: number): number {
  HIDING.lastIndex = at;
  const found = HIDING.exec(sql)?.[0];
  if (found === undefined) return at + 1;
  if (found === "/*") return endOfComment(sql, at);
  if (!found.startsWith("$")) return at + found.length;
  const end = sql.indexOf(found, at + found.length);
  return end === -1 ? sql.length : end + found.length;
}

/** Cuts a script at its semicolons. Statements keep their text without the semicolon; empty ones are left out. */
export function splitStatements(sql: string): readonly string[] {
  const statements: string[] = [];
  let from = 0;
  let depth = 0;
  for (let at = 0; at < sql.length; at = endOfElement(sql, at)) {
    const character = sql[at];
    if (character === "(") depth += 1;
    if (character === ")") depth -= 1;
    if (character !== ";" || depth > 0) continue;
    statements.push(sql.slice(from, at).trim());
    from = at + 1;
  }
  statements.push(sql.slice(from).trim());
  return statements.filter((statement) => statement !== "");
}

/** A piece of a statement and where it stands. */
export interface SqlElement {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The words, quoted names and constants of a statement and every other character, without white space. */
export function lexSqlSpans(sql: string): readonly SqlElement[] {
  const elements: SqlElement[] = [];
  for (let start = 0; start < sql.length;) {
    const end = endOfElement(sql, start);
    const text = sql.slice(start, end);
    if (!/^(?:\s|--|\/\*)/.test(text)) elements.push({ text, start, end });
    start = end;
  }
  return elements;
}

/** `lexSqlSpans` without the places. */
export function lexSql(sql: string): readonly string[] {
  return lexSqlSpans(sql).map(({ text }) => text);
}

/** A name as SQL wrote it, quoted or folded already, as it is in the catalogues. */
export function unquoteIdentifier(element: string): string {
  return element.startsWith('"') ? element.slice(1, -1).replaceAll('""', '"') : element;
}
export function quoteTable({ schema, name }: TableName): string {
  return quoteQualified(schema, name);
}

/** A parenthesised column list, empty for a table without columns, for which SQL has none. */
export function columnList(columns: readonly string[]): string {
  return columns.length === 0 ? "" : ` (${columns.map(quoteIdentifier).join(", ")})`;
}

/** A query's columns and none of its rows. The line feed ends a comment the query may end in. */
export function emptyQuery(query: string): string {
  return `${EMPTY_QUERY_HEAD}${query}\n) AS described LIMIT 0`;
}

const EMPTY_QUERY_HEAD = "SELECT * FROM (";

/** An error about what {@link emptyQuery} made of a query, with its span in the query itself. */
export function aboutQuery(error: ShellError, query: string, head: string = EMPTY_QUERY_HEAD): ShellError {
  const { span } = error;
  if (span === undefined) return error;
  const inside = (at: number): number => Math.min(Math.max(at - head.length, 0), query.length);
  return error.with({ span: { start: inside(span.start), end: inside(span.end) } });
}

/** Holds tables until the end of the transaction so that nobody drops, truncates or rewrites them. */
export function lockForReading(tables: readonly TableName[]): string {
  return `LOCK TABLE ${tables.map((table) => `ONLY ${quoteTable(table)}`).join(", ")} IN ACCESS SHARE MODE`;
}
