import { findScheme, KNOWN_PARAMETERS, type SchemeRule } from "./location-schemes.ts";
import { splitQuery, splitUri, type UriParameter } from "./location-uri.ts";

/** What stands in a printed URI where a secret was; CockroachDB's own word. */
const HIDDEN = "redacted";

/**
 * A URI fit for printing: scheme, host, path and the parameters' names stay; the values of secret parameters, of
 * unknown parameters, and user and password before the host are replaced. Of a scheme that is not known the whole
 * query is replaced, and text that is no URI is kept only when it is a plain name or path.
 */
export function maskUri(text: string): string {
  const parts = splitUri(text);
  if (parts === undefined) return /^[\w./~ -]*$/u.test(text) ? text : HIDDEN;
  const at = parts.authority.lastIndexOf("@");
  const authority = at < 0 ? parts.authority : HIDDEN + parts.authority.slice(at);
  const start = `${parts.scheme}://${authority}${parts.path}`;
  if (parts.query === undefined) return start;
  // `gs` and `external` are storage and keys both, so a name known to either is known.
  const rules = [findScheme("storage", parts.scheme), findScheme("kms", parts.scheme)].filter(
    (rule) => rule !== undefined,
  );
  if (rules.length === 0) return `${start}?${HIDDEN}`;
  return `${start}?${splitQuery(parts.query)
    .map((parameter) => maskParameter(parameter, rules))
    .join("&")}`;
}

function maskParameter(parameter: UriParameter, rules: readonly SchemeRule[]): string {
  if (!isPrintableName(parameter)) return HIDDEN;
  if (parameter.value === undefined) return parameter.name;
  const rule = rules.map(({ parameters }) => parameters[parameter.name]).find((found) => found !== undefined);
  const isPlain = rule !== undefined && rule.secret === undefined;
  return `${parameter.name}=${isPlain ? parameter.value : HIDDEN}`;
}

/** Whether the piece before `=` is a parameter's name, and not a secret that lost its name or was cut at an `&`. */
export function isPrintableName(parameter: UriParameter): boolean {
  if (KNOWN_PARAMETERS.has(parameter.name)) return true;
  const hasValue = parameter.value !== undefined && /[^=]/u.test(parameter.value);
  return hasValue && /^[A-Za-z][A-Za-z0-9_-]{0,39}$/u.test(parameter.name);
}
