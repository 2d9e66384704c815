import { secretSpansOf, type ScriptSource } from "../../src/index.ts";

/** Shorter literals are words that stand elsewhere as well. */
const SCRUBBED_CHARACTERS_MIN = 6;

/** A server quotes what it could not read, and that may be a password: `syntax error at or near "'…'"`. */
export function withoutSecretsOf(source: ScriptSource, text: string): string {
  let hidden = text;
  for (const { start, end } of secretSpansOf(source)) {
    const literal = source.text.slice(start, end);
    const bare = literal.replace(/^'|'$/g, "");
    if (bare.length >= SCRUBBED_CHARACTERS_MIN) hidden = hidden.replaceAll(bare, "‹redacted›");
    else if (literal.startsWith("'") && bare !== "") hidden = hidden.replaceAll(literal, "'‹redacted›'");
  }
  return hidden;
}
