import { inspect } from "node:util";

const HIDDEN = "‹redacted›";

/** Text that may not be seen: prints, serialises and inspects as ‹redacted›. Only adapters and crypto call `reveal`. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    rememberSecret(text);
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}

// The second net: diagnostics sinks replace every known secret value by exact match. Values shorter than
// this would hit ordinary words.
const SHORTEST_SCRUBBED = 6;
const known = new Set<string>();

function rememberSecret(text: string): void {
  if (text.length < SHORTEST_SCRUBBED) return;
  known.add(text);
  known.add(encodeURIComponent(text));
  known.add(Buffer.from(text).toString("base64"));
  known.add(JSON.stringify(text).slice(1, -1));
}

/** Replaces every secret this process has held, in its plain, URL, base64 and JSON forms. For diagnostics, never for data. */
export function scrubSecrets(text: string): string {
  let clean = text;
  for (const value of known) {
    if (clean.includes(value)) clean = clean.replaceAll(value, HIDDEN);
  }
  return clean;
}
