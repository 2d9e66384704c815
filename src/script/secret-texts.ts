// Secrets inside a text whose place says nothing: in a URI, in a connection string, behind a telling name.
import { isPrintableName } from "../location-mask.ts";
import { findScheme, KNOWN_PARAMETERS } from "../location-schemes.ts";
import type { SecretSpan } from "./secret-spans.ts";

// A quote belongs to the URI unless it is the last character: who writes one into a password means it.
const URI = /([a-z][a-z0-9+.-]*):\/\/([^/?\s]*)([^?\s]*)(?:\?(\S*))?/gi;
/** A literal that is a URI as a whole: blanks and doubled quotes belong to it, however wrong they are there. */
const URI_LITERAL = /^(?:[eu]&?)?'\s*([a-z][a-z0-9+.-]*):\/\/([^/?]*)([^?]*)(?:\?([\s\S]*))?'$/i;
/** Parameters of connection URIs that say how to connect and nothing else. */
const CONNECTION_PARAMETER =
  /^(host|hostaddr|port|dbname|database|user|sslmode|sslrootcert|application_name|connect_timeout|target_session_attrs|options|service|sslcert|sslkey|channel_binding|client_encoding)$/;

/** The password before `@` and the values of secret or unknown parameters of every URI in a text. */
export function uriSecrets(text: string, offset: number): readonly SecretSpan[] {
  const literal = URI_LITERAL.exec(text);
  const matches = literal === null ? [...text.matchAll(URI)] : [literal];
  return matches.flatMap((match) => {
    const [all, scheme = "", authority = "", path = "", rest] = match;
    const query = literal === null ? rest?.replace(/['")\];,]+$/, "") : rest;
    const place = `${authority}${path}`;
    const start = offset + match.index + all.indexOf("://") + 3;
    const at = place.lastIndexOf("@");
    const spans = at > 0 ? [...userSecret(place.slice(0, at), start)] : [];
    if (query !== undefined) spans.push(...querySecrets(query, scheme, start + place.length + 1));
    return spans;
  });
}

function userSecret(user: string, start: number): readonly SecretSpan[] {
  const colon = user.indexOf(":");
  if (colon < 0) return [];
  return [{ start: start + colon + 1, end: start + user.length, name: "password", whole: false }];
}

function querySecrets(query: string, scheme: string, offset: number): readonly SecretSpan[] {
  const spans: SecretSpan[] = [];
  let start = offset;
  for (const piece of query.split("&")) {
    const equals = piece.indexOf("=");
    const name = equals < 0 ? piece : piece.slice(0, equals);
    const parameter = { name, value: equals < 0 ? undefined : piece.slice(equals + 1) };
    const end = start + piece.length;
    if (piece !== "" && !isPrintableName(parameter)) spans.push({ start, end, name: "secret", whole: false });
    else if (equals >= 0 && equals + 1 < piece.length && !isPlain(name, scheme)) {
      spans.push({ start: start + equals + 1, end, name, whole: false });
    }
    start = end + 1;
  }
  return spans;
}

function isPlain(name: string, scheme: string): boolean {
  if (/^(postgres|postgresql|redshift|cockroachdb)$/i.test(scheme)) return CONNECTION_PARAMETER.test(name);
  if (!KNOWN_PARAMETERS.has(name)) return false;
  // `gs` and `external` are storage and keys both, so a name known to either is known.
  return (["storage", "kms"] as const).some((kind) => {
    const rule = findScheme(kind, scheme)?.parameters[name];
    return rule !== undefined && rule.secret === undefined;
  });
}

const PASSWORD =
  /\b((?:ssl)?password|passphrase)\s*=\s*(?:'((?:[^'\\]|\\.|'')*)'|((?:''|[^\s'"&;]|['"](?=[^\s'"&;]))+))/gi;

/** `password=…` of connection strings. */
export function connectionSecrets(text: string, offset: number): readonly SecretSpan[] {
  return valuesOf(text, offset, PASSWORD);
}

const NAMED =
  /\b([\w-]*(?:password|passwd|passphrase|secret|token|access_key|account_key|credential|api_?key)[\w-]*)\s*[=:]\s*(?:'([^']+)'|"([^"]+)"|((?:''|[^\s'"&;,)]|['"](?=[^\s'"&;,)]))+))/gi;

/** What follows a telling name and a sign: `PGPASSWORD=…`, `aws_secret_access_key=…`, `"token": "…"`. */
export function namedSecrets(text: string, offset: number): readonly SecretSpan[] {
  return valuesOf(text, offset, NAMED);
}

function valuesOf(text: string, offset: number, pattern: RegExp): readonly SecretSpan[] {
  const spans: SecretSpan[] = [];
  for (const match of text.matchAll(pattern)) {
    const value = match.slice(2).find((group) => group !== undefined) ?? "";
    const start = match.index + match[0].lastIndexOf(value);
    const name = (match[1] ?? "secret").toLowerCase();
    if (value !== "") spans.push({ start: offset + start, end: offset + start + value.length, name, whole: false });
  }
  return spans;
}
