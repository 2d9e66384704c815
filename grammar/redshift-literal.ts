// Redshift's '…' is PostgreSQL 8.0's: `''` is a quote, and a backslash escapes a quote or a backslash.
import type { IToken } from "chevrotain";
import { spanOfToken } from "./create-nodes.ts";
import type { Span } from "./nodes.ts";

/** Where a literal's text stands in the source, without quotes or dollar marks. */
export interface LiteralSpan extends Span {
  /** Offsets in the decoded text of the characters written with two; absent when a character may take more than two. */
  readonly escapes?: readonly number[];
}

export function spanOfLiteral(token: IToken): LiteralSpan {
  const { image } = token;
  const whole = spanOfToken(token);
  if (image.startsWith("$")) {
    const mark = image.indexOf("$", 1) + 1;
    return { start: whole.start + mark, end: whole.end - mark, escapes: [] };
  }
  if (!image.startsWith("'")) return whole;
  const escapes: number[] = [];
  const body = image.slice(1, -1);
  for (let at = 0; at < body.length; at++) {
    if (!/^(?:''|\\['\\])/.test(body.slice(at, at + 2))) continue;
    escapes.push(at - escapes.length);
    at++;
  }
  return { start: whole.start + 1, end: whole.end - 1, escapes };
}

/** Where in the source a stretch of the decoded text stands; the whole literal when that cannot be told. */
export function spanInLiteral(literal: LiteralSpan, start: number, end: number): Span {
  const { escapes } = literal;
  if (escapes === undefined) return literal;
  const shift = (at: number) => literal.start + at + escapes.filter((escape) => escape < at).length;
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
