import { barePasswords, parse, splitScript, tokens, type Dialect, type Span } from "../../grammar/index.ts";
import { connectionSecrets, namedSecrets, uriSecrets } from "./secret-texts.ts";
import type { ScriptSource } from "./source.ts";

/** A stretch that must not be seen. */
export interface SecretSpan extends Span {
  /** What it is the value of: `encryption_passphrase`, `AWS_SECRET_ACCESS_KEY`, `password`. */
  readonly name: string;
  /** Whether the span is a literal with its quotes, or a piece of one. */
  readonly whole: boolean;
}

/** Words before a string of a database's statement that is a secret, beyond those that the colouring knows. */
const INTRODUCES_SECRET = new Set(["connection"]);

/** Where one statement's text holds what must not be seen; offsets into it, in order, none inside another. */
export function secretSpans(statement: string): readonly SecretSpan[] {
  return outermost(dialectsOf(statement).flatMap((dialect) => secretsAs(dialect, statement)));
}

/** Who is connected is not known here: what either reading calls a secret is one, where they can differ and it matters. */
function dialectsOf(text: string): readonly Dialect[] {
  return text.includes("\\") && /\b(?:unload|copy)\b/i.test(text) ? ["postgres", "redshift"] : ["postgres"];
}

function secretsAs(dialect: Dialect, statement: string): readonly SecretSpan[] {
  const spans: SecretSpan[] = [];
  const { statements, diagnostics } = parse(statement, { dialect });
  for (const one of statements) if (one.kind !== "passthrough") collect(one, statement, spans);
  for (const span of barePasswords(statement)) spans.push({ ...span, name: "password", whole: true });
  const isDatabases = statements.some((one) => one.kind === "passthrough");
  // A statement of ours that cannot be read may hold a secret anywhere: all its strings are hidden.
  if (isDatabases || diagnostics.length > 0)
    spans.push(...spansOfTokens(statement, { all: diagnostics.length > 0, dialect }));
  return spans;
}

function collect(node: unknown, text: string, spans: SecretSpan[]): void {
  if (typeof node !== "object" || node === null) return;
  if (isPositioned(node)) {
    const { start, end } = node.span;
    if (node.position === "passphrase" || node.position === "credentials") {
      spans.push({ start, end, name: wordBefore(text, start), whole: true });
    } else spans.push(...uriSecrets(text.slice(start, end), start));
    return;
  }
  for (const child of Object.values(node)) collect(child, text, spans);
}

interface Positioned {
  readonly position: string;
  readonly span: Span;
}

function isPositioned(node: object): node is Positioned {
  return "kind" in node && node.kind === "string" && "position" in node && "span" in node;
}

/** By the words before strings and by what stands in them; `all` hides every string that is no URI. */
function spansOfTokens(
  text: string,
  { all, dialect }: { readonly all: boolean; readonly dialect: Dialect },
): SecretSpan[] {
  const spans: SecretSpan[] = [];
  let word = "";
  for (const { kind, span } of tokens(text, { backslashEscapes: dialect === "redshift" })) {
    const image = text.slice(span.start, span.end);
    if (kind === "comment") spans.push(...commentSecrets(image, span.start));
    else if (kind === "secret" || kind === "string") {
      const hidden = kind === "secret" || INTRODUCES_SECRET.has(word) || (all && !/^'\w+:\/\//.test(image));
      if (hidden) spans.push({ ...span, name: wordBefore(text, span.start), whole: true });
      else spans.push(...stringSecrets(image, span.start));
    } else word = image.toLowerCase();
  }
  return spans;
}

function stringSecrets(image: string, offset: number): readonly SecretSpan[] {
  return [...uriSecrets(image, offset), ...connectionSecrets(image, offset), ...namedSecrets(image, offset)];
}

/** A statement that was commented out keeps its secrets. */
function commentSecrets(image: string, offset: number): readonly SecretSpan[] {
  const literals = [...image.matchAll(/\b(\w*(?:password|passphrase|secret|token|_key)\w*)[\s=]+('(?:[^']|'')*'?)/gi)];
  const spans = literals.map((match) => {
    const literal = match[2] ?? "";
    const start = offset + match.index + match[0].length - literal.length;
    return { start, end: start + literal.length, name: (match[1] ?? "").toLowerCase(), whole: true };
  });
  return [...spans, ...stringSecrets(image, offset)];
}

/** The name of what a literal is the value of. */
function wordBefore(text: string, offset: number): string {
  const before = text.slice(Math.max(0, offset - 200), offset).replace(/\/\*[\s\S]*?\*\/|--[^\n]*/g, " ");
  const [, first, second = ""] = /(?:(\w+)\s+)?(\w+)\s*(?:=|\bas\b)?[\s(]*$/i.exec(before) ?? [];
  if (/^by$/i.test(second) && first !== undefined) return "password";
  return second === "" ? "secret" : second.toLowerCase();
}

/** Spans in order; of overlapping ones the longer. */
function outermost(spans: readonly SecretSpan[]): readonly SecretSpan[] {
  const kept: SecretSpan[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1);
    if (last === undefined || span.start >= last.end) kept.push(span);
    else if (span.end > last.end) kept[kept.length - 1] = { ...last, end: span.end };
  }
  return kept;
}

/** Where a meta-command holds what must not be seen: `\c postgres://ann:pw@host`, `\secret NAME pw`, `\set token pw`. */
export function commandSecretSpans(command: string): readonly SecretSpan[] {
  const spans = [
    ...uriSecrets(command, 0),
    ...connectionSecrets(command, 0),
    ...namedSecrets(command, 0),
    ...spansOfTokens(command, { all: false, dialect: "postgres" }),
  ];
  const setting = /^\\(set|secret)\s+(\w+)\s+(\S[\s\S]*)$/.exec(command);
  const [, verb, name = "", value = ""] = setting ?? [];
  const isReference = verb === "secret" && /^(env:|file:|prompt\b)/.test(value);
  const isSecret = verb === "secret" || /pass|secret|token|_key|pw/i.test(name);
  if (setting !== null && isSecret && !isReference) {
    spans.push({ start: command.length - value.length, end: command.trimEnd().length, name, whole: true });
  }
  return outermost(spans);
}

const bySource = new WeakMap<ScriptSource, readonly SecretSpan[]>();

/** The same for a whole source, read once. */
export function secretSpansOf(source: ScriptSource): readonly SecretSpan[] {
  const known = bySource.get(source);
  if (known !== undefined) return known;
  const spans = secretSpansOfScript(source.text);
  bySource.set(source, spans);
  return spans;
}

/** Statements and meta-commands of a text; offsets into it, in order. */
export function secretSpansOfScript(text: string): readonly SecretSpan[] {
  const spans: SecretSpan[] = [];
  const add = (found: readonly SecretSpan[], offset: number): void => {
    spans.push(...found.map((one) => ({ ...one, start: one.start + offset, end: one.end + offset })));
  };
  for (const dialect of dialectsOf(text)) {
    for (const item of splitScript(text, { backslashEscapes: dialect === "redshift" })) {
      if (item.kind === "statement") add(secretSpans(item.text), item.span.start);
      const command = item.kind === "command" ? item : item.terminator.kind === "command" ? item.terminator : undefined;
      if (command === undefined) continue;
      add(commandSecretSpans(text.slice(command.span.start, command.span.end)), command.span.start);
    }
  }
  // Comments before and between statements belong to none.
  for (const { kind, span } of tokens(text)) {
    if (kind === "comment") spans.push(...commentSecrets(text.slice(span.start, span.end), span.start));
  }
  return outermost(spans);
}
