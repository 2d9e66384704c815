import type { Span } from "./nodes.ts";

const ROLE = /^\s*(?:create|alter)\s+(?:role|user|group)\b/i;
const PASSWORD = /\bpassword\s+(?!null\b|[eE]?'|\$)([^\s;]+)/i;

/** Words behind PASSWORD in statements about roles: the quotes were forgotten, and the word is a password nonetheless. */
export function* barePasswords(text: string): Generator<Span> {
  if (!/\bpassword\b/i.test(text)) return;
  let start = 0;
  for (const statement of text.split(";")) {
    const found = ROLE.test(statement) ? PASSWORD.exec(statement) : null;
    const end = start + (found === null ? 0 : found.index + found[0].length);
    if (found !== null) yield { start: end - (found[1] ?? "").length, end };
    start += statement.length + 1;
  }
}
