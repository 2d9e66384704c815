import { parse, splitScript, type Dialect, type Span } from "../../grammar/index.ts";
import type { ScriptSource } from "./source.ts";

/** `PASSWORD '…'` and its like in statements that go to the database: the literal is the first group. */
const DATABASE_SECRET =
  /\b(?:password|identified\s+by|connection|options?\s*\(\s*password)\s+((?:e|u&)?'(?:[^'\\]|''|\\.)*'|\$(\w*)\$[\s\S]*?\$\2\$)/gi;
/** What of a URI may hold a secret: its user part, and every parameter's value. */
const URI_SECRET = /\/\/[^/?'\s]*:[^@'\s]*(?=@)|\?[^'\s]*/g;

/** Where one statement's text holds what must not be seen; offsets into it, in order. */
export function secretSpans(statement: string): readonly Span[] {
  return dialectsOf(statement)
    .flatMap((dialect) => secretsAs(dialect, statement))
    .toSorted((a, b) => a.start - b.start);
}

/** Who is connected is not known here: what either reading calls a secret is one, where they can differ and it matters. */
function dialectsOf(text: string): readonly Dialect[] {
  return text.includes("\\") && /\b(?:unload|copy)\b/i.test(text) ? ["postgres", "redshift"] : ["postgres"];
}

function secretsAs(dialect: Dialect, statement: string): readonly Span[] {
  const spans: Span[] = [];
  const { statements, diagnostics } = parse(statement, { dialect });
  for (const one of statements) if (one.kind !== "passthrough") collect(one, statement, spans);
  if (statements.some((one) => one.kind === "passthrough")) {
    for (const match of statement.matchAll(DATABASE_SECRET)) {
      const literal = match[1] ?? "";
      const start = match.index + match[0].length - literal.length;
      spans.push({ start, end: start + literal.length });
    }
  }
  // A statement of ours that cannot be read may hold a secret anywhere: all its strings are hidden.
  if (diagnostics.length > 0) spans.push(...allStrings(statement));
  return spans;
}

function collect(node: unknown, text: string, spans: Span[]): void {
  if (typeof node !== "object" || node === null) return;
  if (isPositioned(node)) {
    if (node.position === "passphrase" || node.position === "credentials") spans.push(node.span);
    else spans.push(...uriSecrets(text, node.span));
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

function uriSecrets(text: string, span: Span): Span[] {
  return Array.from(text.slice(span.start, span.end).matchAll(URI_SECRET), (match) => ({
    start: span.start + match.index,
    end: span.start + match.index + match[0].length,
  }));
}

function allStrings(text: string): Span[] {
  return Array.from(text.matchAll(/'(?:[^']|'')*(?:'|$)|\$(\w*)\$[\s\S]*?(?:\$\1\$|$)/g), (match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
}

const bySource = new WeakMap<ScriptSource, readonly Span[]>();

/** The same for a whole source, read once. */
export function secretSpansOf(source: ScriptSource): readonly Span[] {
  const known = bySource.get(source);
  if (known !== undefined) return known;
  const spans: Span[] = [];
  for (const dialect of dialectsOf(source.text)) {
    for (const item of splitScript(source.text, { backslashEscapes: dialect === "redshift" })) {
      if (item.kind !== "statement") continue;
      for (const { start, end } of secretSpans(item.text)) {
        spans.push({ start: start + item.span.start, end: end + item.span.start });
      }
    }
  }
  spans.sort((a, b) => a.start - b.start);
  bySource.set(source, spans);
  return spans;
}
