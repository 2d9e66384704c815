// What must not be seen while it is typed, also before its closing quote. Marks around a literal stay visible, so that
// one sees where it ends.
import { lexemes, tokens, type Lexeme, type Span } from "../../grammar/index.ts";
import { tellingSecrets } from "./telling-secrets.ts";
import { findScheme } from "../location-schemes.ts";

export function liveSecrets(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const { kind, span } of tokens(text)) if (kind === "secret") spans.push(contentOf(text, span));
  spans.push(...bareSecrets(text), ...passwords(text), ...misspelled(text), ...uriSecrets(text));
  spans.push(...tellingSecrets(text));
  return merged(spans);
}

/** Without the marks of a literal: `'…'`, `E'…'`, `$$…$$`. */
function contentOf(text: string, { start, end }: Span): Span {
  const written = text.slice(start, end);
  const opening = /^(?:[uU]&|[a-zA-Z])?'|^\$[^$]*\$/.exec(written)?.[0] ?? "";
  const closing = opening.endsWith("'") ? "'" : opening;
  const body = written.slice(opening.length);
  // Two quotes at the end are one that belongs to the text.
  const isClosed = closing === "'" ? (/'*$/.exec(body)?.[0].length ?? 0) % 2 === 1 : body.endsWith(closing);
  return { start: start + opening.length, end: isClosed ? end - closing.length : end };
}

/** A passphrase may be written without quotes, and in double ones. */
function* bareSecrets(text: string): Generator<Span> {
  if (!/encryption_passphrase/i.test(text)) return;
  const found = lexemes(text).filter(({ kind }) => kind !== "comment");
  const textOf = (lexeme: Lexeme | undefined): string =>
    lexeme === undefined ? "" : text.slice(lexeme.start, lexeme.end);
  for (const [at, lexeme] of found.entries()) {
    if (textOf(found[at - 1]) !== "=" || textOf(found[at - 2]).toLowerCase() !== "encryption_passphrase") continue;
    const written = textOf(lexeme);
    if (lexeme.kind === "quoted-identifier")
      yield { start: lexeme.start + 1, end: lexeme.end - (lexeme.closed ? 1 : 0) };
    else if ((lexeme.kind === "word" || lexeme.kind === "number") && written.toLowerCase() !== "secret") {
      const [whole = ""] = /^[^\s,;)]*/.exec(text.slice(lexeme.start)) ?? [];
      yield { start: lexeme.start, end: lexeme.start + whole.length };
    }
  }
}

// Letters too few or too many: the value is a passphrase nonetheless.
const NEARLY = /\b(?:encr?[a-z]*_pas[a-z_]*|pass?_?ph?r?a?ss?e?)\s*=\s*'((?:[^']|'')*)/gi;

function* misspelled(text: string): Generator<Span> {
  if (!/pas|phr?ass?/i.test(text)) return;
  for (const { index, 0: whole, 1: value = "" } of text.matchAll(NEARLY)) {
    const end = index + whole.length;
    yield { start: end - value.length, end };
  }
}

const PASSWORD = /\b(?:password|sslpassword)\s*=\s*(?:'((?:[^'\\]|\\.)*)|([^\s'"&;]+))/gi;

/** `password=…` in connection texts. */
function* passwords(text: string): Generator<Span> {
  if (!/password/i.test(text)) return;
  for (const match of text.matchAll(PASSWORD)) {
    const value = match[1] ?? match[2] ?? "";
    const end = match.index + match[0].length;
    yield { start: end - value.length, end };
  }
}

// The first letter of a scheme has none before it: else a long word would be looked through from every letter on.
const URI = /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*):\/\/([^\s'"/?]*)([^\s'"?]*)(?:\?([^\s'"]*))?/gi;

function* uriSecrets(text: string): Generator<Span> {
  if (!text.includes("://")) return;
  for (const match of text.matchAll(URI)) {
    const [whole, scheme = "", authority = "", path = "", query] = match;
    const colon = authority.indexOf(":");
    const place = authority + path;
    const at = place.lastIndexOf("@");
    const start = match.index + scheme.length + 3;
    // Before the @ is typed, what follows the colon may be a port or a password, with a slash in it perhaps.
    const isPort = /^\d*$/.test(authority.slice(colon + 1));
    const isPassword = colon !== -1 && (!isPort || (at > colon && at < authority.length));
    if (isPassword) yield { start: start + colon + 1, end: start + (at > colon ? at : place.length) };
    if (query !== undefined) yield* parameterSecrets(scheme, query, match.index + whole.length - query.length);
  }
}

function* parameterSecrets(scheme: string, query: string, start: number): Generator<Span> {
  let at = start;
  for (const piece of query.split("&")) {
    const equals = piece.indexOf("=");
    if (equals !== -1 && isSecretParameter(scheme, piece.slice(0, equals))) {
      yield { start: at + equals + 1, end: at + piece.length };
    }
    at += piece.length + 1;
  }
}

function isSecretParameter(scheme: string, name: string): boolean {
  const rules = [findScheme("storage", scheme), findScheme("kms", scheme)].filter((rule) => rule !== undefined);
  const known = rules.map(({ parameters }) => parameters[name]).find((rule) => rule !== undefined);
  if (known !== undefined) return known.secret === true;
  // A name that the scheme does not know may be a secret's, mistyped.
  return rules.length > 0 || /secret|token|password|key|sig|credential/i.test(name);
}

function merged(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (end <= start) continue;
    if (last !== undefined && start <= last.end)
      result[result.length - 1] = { start: last.start, end: Math.max(last.end, end) };
    else result.push({ start, end });
  }
  return result;
}
