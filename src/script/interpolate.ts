import { Secret } from "../std/secret.ts";
import type { Span } from "../../grammar/index.ts";
import type { ScriptVariable } from "../../grammar/index.ts";
import type { Variables } from "./variables.ts";

export interface Interpolated {
  readonly text: string;
  /** Where secrets were put, in `text`. */
  readonly secrets: readonly { readonly name: string; readonly span: Span; readonly reference: Span }[];
  /** An offset in `text` as an offset in the text before; inside a value, that of its reference. */
  readonly sourceOffset: (offset: number) => number;
}

/** A literal as the server reads it, whatever standard_conforming_strings says. */
export function quoteLiteral(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return value.includes("\\") ? ` E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}

export function quoteIdentifier(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}

/** The text of one reference. Throws `shell/variable` when it is not set. */
export function valueOf(reference: Pick<ScriptVariable, "form" | "name">, variables: Variables): string {
  const { form, name } = reference;
  if (form === "test") return variables.has(name) ? "TRUE" : "FALSE";
  const value = variables.get(name);
  if (value === undefined) throw variables.undefinedError(name);
  const text = value instanceof Secret ? value.reveal() : value;
  if (form === "literal") return quoteLiteral(text);
  return form === "identifier" ? quoteIdentifier(text) : text;
}

/**
 * Puts values in place of references, whose spans are offsets into `text`.
 * @throws ShellError `shell/variable` with the reference's span for a name that is not set. A plain reference inside
 *   brackets is kept then: it is the upper bound of an array slice.
 */
export function interpolate(text: string, references: readonly ScriptVariable[], variables: Variables): Interpolated {
  let result = "";
  let from = 0;
  const secrets: { name: string; span: Span; reference: Span }[] = [];
  const moves: { at: number; length: number; source: Span }[] = [];
  for (const reference of references) {
    const { span, name, form } = reference;
    if (form === "plain" && !variables.has(name) && isInsideBrackets(text, span.start)) continue;
    const value = valueWithSpan(reference, variables);
    result += text.slice(from, span.start);
    if (form !== "test" && variables.get(name) instanceof Secret) {
      secrets.push({ name, span: { start: result.length, end: result.length + value.length }, reference: span });
    }
    moves.push({ at: result.length, length: value.length, source: span });
    result += value;
    from = span.end;
  }
  result += text.slice(from);
  return { text: result, secrets, sourceOffset: (offset) => sourceOffset(moves, offset) };
}

function valueWithSpan(reference: ScriptVariable, variables: Variables): string {
  if (reference.form !== "test" && !variables.has(reference.name)) {
    throw variables.undefinedError(reference.name).with({ span: reference.span });
  }
  return valueOf(reference, variables);
}

function isInsideBrackets(text: string, offset: number): boolean {
  let depth = 0;
  for (let at = 0; at < offset; at++) {
    if (text[at] === "[") depth += 1;
    else if (text[at] === "]") depth -= 1;
  }
  return depth > 0;
}

function sourceOffset(moves: readonly { at: number; length: number; source: Span }[], offset: number): number {
  let shift = 0;
  for (const { at, length, source } of moves) {
    if (offset < at) break;
    if (offset < at + length) return source.start;
    shift += source.end - source.start - length;
  }
  return offset + shift;
}
