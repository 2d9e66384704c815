// What a name before it tells to be a secret: in the arguments of shell commands, in strings and in comments.
import { barePasswords, tokens, type Span } from "../../grammar/index.ts";

const HINTS = /pass|secret|token|key|credential|pw/i;

/** `PGPASSWORD=…`, `aws_secret_access_key = '…'`, `"token": "…"`, to the end of what has been typed. */
const NAMED =
  /\b([\w-]*(?:password|passwd|passphrase|secret|token|access_key|account_key|credential|api_?key)[\w-]*)["']?\s*[=:]\s*(?:'([^']*)|"([^"]*)|([^\s'"&;,)]+))/gi;

const SETTING = /^\\(set|secret)\s+(\w+)\s+(\S.*)$/;
const TELLING = /pass|secret|token|_key|pw/i;
/** Where \secret may have its value from. */
const REFERENCES = ["env:", "file:", "prompt"];

export function* tellingSecrets(text: string): Generator<Span> {
  if (!HINTS.test(text)) return;
  for (const { kind, span } of tokens(text)) {
    if (kind === "command") yield* inCommand(text, span.start);
    else if (kind === "string" || kind === "comment") {
      const written = text.slice(span.start, span.end);
      // The parameters of a URI are told apart one by one.
      if (!written.includes("://")) yield* named(written, span.start);
    }
  }
  yield* barePasswords(text);
}

function* inCommand(text: string, start: number): Generator<Span> {
  const end = text.indexOf("\n", start);
  const line = text.slice(start, end === -1 ? undefined : end);
  yield* named(line, start);
  const [, verb, name = "", value = ""] = SETTING.exec(line) ?? [];
  if (verb === undefined || isReference(verb, value) || (verb === "set" && !TELLING.test(name))) return;
  const quote = /^['"]/.exec(value)?.[0] ?? "";
  const isClosed = quote !== "" && value.length > 1 && value.endsWith(quote);
  const from = start + line.length - value.length + quote.length;
  yield { start: from, end: start + line.length - (isClosed ? 1 : 0) };
}

/** `env:NAME` and its kin, also while it is typed. */
function isReference(verb: string, value: string): boolean {
  return verb === "secret" && REFERENCES.some((one) => value.startsWith(one) || one.startsWith(value));
}

function* named(written: string, offset: number): Generator<Span> {
  for (const match of written.matchAll(NAMED)) {
    const [whole, name = "", ...values] = match;
    const value = values.find((one) => one !== undefined) ?? "";
    // Who somebody is, is no secret.
    if (/_id$/i.test(name)) continue;
    const end = offset + match.index + whole.length;
    yield { start: end - value.length, end };
  }
}
