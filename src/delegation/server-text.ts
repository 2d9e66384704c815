// A statement as the cluster is to get it: the user's own text, but for what only we understand in it.
import {
  quoteDollar,
  type CopyStatement,
  type Span,
  type TextNode,
  type UnloadStatement,
} from "../../grammar/index.ts";
import type { Reading } from "../plan/reading.ts";

export interface ServerText {
  /** Holds credentials in the clear: never print it. */
  readonly sql: string;
  /** Where in the source a stretch of `sql` stands. */
  sourceSpan(span: Span): Span;
}

interface Replacement {
  readonly span: Span;
  readonly text: string;
}

/**
 * The statement verbatim. A query without quotes gets dollar quotes, `secret(…)` becomes the string that it refers to.
 * @param source what the statement's spans are offsets in.
 */
export function serverText(statement: UnloadStatement | CopyStatement, source: string, reading: Reading): ServerText {
  const replacements = secretsIn(statement).map((node) => ({ span: node.span, text: quoted(reading.text(node)) }));
  if (statement.kind === "unload" && statement.query.kind === "query" && statement.query.form === "bare") {
    const { span } = statement.query;
    replacements.push({ span, text: quoteDollar(source.slice(span.start, span.end)) });
  }
  const sorted = replacements.toSorted((a, b) => a.span.start - b.span.start);
  return { sql: splice(statement.span, source, sorted), sourceSpan: mapper(statement.span, sorted) };
}

/** As PostgreSQL 8.0 reads it: a backslash escapes whatever follows. */
function quoted(value: string): string {
  return `'${value.replace(/['\\]/g, "$&$&")}'`;
}

type SecretNode = Extract<TextNode, { kind: "secret" }>;

function secretsIn(node: unknown): SecretNode[] {
  if (typeof node !== "object" || node === null) return [];
  if ("kind" in node && node.kind === "secret" && "source" in node) return [node as SecretNode];
  return Object.values(node).flatMap(secretsIn);
}

function splice({ start, end }: Span, source: string, replacements: readonly Replacement[]): string {
  let sql = "";
  let at = start;
  for (const { span, text } of replacements) {
    sql += source.slice(at, span.start) + text;
    at = span.end;
  }
  return sql + source.slice(at, end);
}

/** A place inside a replacement is the whole of what it replaces. */
function mapper({ start }: Span, replacements: readonly Replacement[]): (span: Span) => Span {
  const place = (offset: number): Span => {
    let shift = start;
    for (const { span, text } of replacements) {
      if (offset + shift < span.start) break;
      if (offset + shift < span.start + text.length) return span;
      shift += span.end - span.start - text.length;
    }
    return { start: offset + shift, end: offset + shift + 1 };
  };
  return (span) => ({ start: place(span.start).start, end: place(Math.max(span.start, span.end - 1)).end });
}
