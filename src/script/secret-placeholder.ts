// Statements that are kept hold references instead of secrets: WITH encryption_passphrase = '‹secret:encryption_passphrase›'.
// A reference stands where the secret stood, so what is kept can still be read as a statement.
import type { Span } from "../../grammar/index.ts";
import { ShellError } from "../errors.ts";
import type { Secret } from "../std/secret.ts";
import { quoteLiteral } from "./interpolate.ts";
import { secretSpansOfScript } from "./secret-spans.ts";

const PLACEHOLDER = /‹secret:([\w.-]+)›/g;
const PLACEHOLDER_LITERAL = /'‹secret:([\w.-]+)›'|‹secret:([\w.-]+)›/g;

/** The text with a reference in place of every secret; a reference that stands there already stays. */
export function hideSecrets(text: string): string {
  const taken = new Set(placeholdersIn(text));
  let hidden = "";
  let from = 0;
  for (const { start, end, name, whole } of secretSpansOfScript(text)) {
    const secret = text.slice(start, end);
    if (isPlaceholder(secret)) continue;
    const reference = `‹secret:${freeName(name, taken)}›`;
    hidden += text.slice(from, start) + (whole ? `'${reference}'` : reference);
    from = end;
  }
  return hidden + text.slice(from);
}

function isPlaceholder(text: string): boolean {
  return /^'?‹secret:[\w.-]+›'?$/.test(text);
}

/** Two secrets of one statement have two names. */
function freeName(name: string, taken: Set<string>): string {
  const plain = name.replace(/[^\w.-]/g, "_") || "secret";
  let free = plain;
  for (let number = 2; taken.has(free); number++) free = `${plain}-${number}`;
  taken.add(free);
  return free;
}

/** The names of the references in a text, each once, in order. */
export function placeholdersIn(text: string): readonly string[] {
  if (!text.includes("‹secret:")) return [];
  return [...new Set(Array.from(text.matchAll(PLACEHOLDER), (match) => match[1] ?? ""))];
}

/** A reference in a text; the span is what `fillPlaceholders` puts a value in place of. */
export interface SecretReference extends Span {
  readonly name: string;
}

/** The references in a text, in order; one name may stand several times. */
export function findSecretReferences(text: string): readonly SecretReference[] {
  return Array.from(text.matchAll(PLACEHOLDER_LITERAL), (match) => ({
    name: match[1] ?? match[2] ?? "",
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/**
 * The text with secrets in place of their references: a literal where a whole literal was, percent-encoded inside a
 * URI, as it is elsewhere. A reference without a value stays.
 */
export function fillPlaceholders(text: string, values: ReadonlyMap<string, Secret>): string {
  return text.replace(PLACEHOLDER_LITERAL, (reference, literal?: string, piece?: string, at = 0) => {
    const value = values.get(literal ?? piece ?? "")?.reveal();
    if (value === undefined) return reference;
    if (literal !== undefined) return quoteLiteral(value).trimStart();
    return isInUri(text, Number(at)) ? encodeURIComponent(value).replaceAll("'", "%27") : value.replaceAll("'", "''");
  });
}

function isInUri(text: string, at: number): boolean {
  return /[a-z][a-z0-9+.-]*:\/\/[^\s'"]*$/i.test(text.slice(Math.max(0, at - 4000), at));
}

/** Throws `shell/variable` when a text holds references: nobody may set `‹secret:…›` as a password. */
export function refusePlaceholders(text: string): void {
  const [name] = placeholdersIn(text);
  if (name === undefined) return;
  const start = text.indexOf(`‹secret:${name}›`);
  const isSecretPlace = secretSpansOfScript(text).some((span) => span.start <= start && start < span.end);
  if (!isSecretPlace) return;
  throw new ShellError("shell/variable", `‹secret:${name}› stands for a secret that is not kept`, {
    hint: `write \\secret NAME env:VAR before it and :'NAME' in its place; only the prompt asks for it`,
    span: { start, end: start + name.length + 9 },
  });
}
