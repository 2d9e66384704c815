// Redshift's '…' is PostgreSQL 8.0's: `''` is a quote, and a backslash escapes a quote or a backslash.
import type { IToken } from "chevrotain";
import { spanOfToken } from "./create-nodes.ts";
import type { Span } from "./nodes.ts";

/** Where a literal's characters stand in the source. */
export interface LiteralBody {
  /** Without quotes or dollar marks. */
  readonly span: Span;
  /** Offsets in the decoded text of the characters written with two; absent when a character may take more than two. */
  readonly escapes?: readonly number[];
}

export function bodyOfLiteral(token: IToken): LiteralBody {
  const { image } = token;
  const whole = spanOfToken(token);
  if (image.startsWith("$")) {
    const mark = image.indexOf("$", 1) + 1;
    return { span: { start: whole.start + mark, end: whole.end - mark }, escapes: [] };
  }
  if (!image.startsWith("'")) return { span: whole };
  const escapes: number[] = [];
  const body = image.slice(1, -1);
  for (let at = 0; at < body.length; at++) {
    if (!/^(?:''|\\['\\])/.test(body.slice(at, at + 2))) continue;
    escapes.push(at - escapes.length);
    at++;
  }
  return { span: { start: whole.start + 1, end: whole.end - 1 }, escapes };
}

/** Where in the source a stretch of the decoded text stands; the whole body when that cannot be told. */
export function spanInBody(body: LiteralBody, start: number, end: number): Span {
  const { span, escapes } = body;
  if (escapes === undefined) return span;
  const shift = (at: number) => span.start + at + escapes.filter((escape) => escape < at).length;
  return { start: shift(start), end: shift(end) };
}

/** A literal with this value in Redshift's spelling. A backslash is doubled only where a single one would escape. */
export function quoteRedshift(value: string): string {
  return `'${value.replace(/\\(?=['\\]|$)/g, "\\\\").replaceAll("'", "''")}'`;
}

/** A dollar quote that holds the text as it is. */
export function quoteDollar(text: string): string {
  let tag = "$$";
  for (let n = 0; `${text}${tag}`.indexOf(tag) !== text.length; n++) tag = `$q${n === 0 ? "" : n}$`;
  return tag + text + tag;
}
