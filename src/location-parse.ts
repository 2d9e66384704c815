import { ShellError } from "./errors.ts";
import { checkCredentials, checkParameters, type LocationComplaint } from "./location-check.ts";
import { isPrintableName, maskUri } from "./location-mask.ts";
import { checkNewKey, checkPlace } from "./location-place.ts";
import { findScheme, REFUSED_SCHEMES, schemeNames, SCHEMES, type SchemeRule } from "./location-schemes.ts";
import { percentDecode, splitQuery, splitUri, type UriParts } from "./location-uri.ts";
import { Location, type LocationKind } from "./location.ts";
import { nearest } from "./std/nearest.ts";
import { no, ok, type Result } from "./std/result.ts";
import { Secret } from "./std/secret.ts";
import type { Span } from "../grammar/index.ts";

export interface ParseLocationOptions {
  /** `elsewhere` when another clause of the statement may bring credentials: then {@link completeLocation} asks for them. */
  readonly credentials?: "required" | "elsewhere";
  /** Whether the key is there already. */
  readonly key?: "new";
}

/** Reads a storage URI: BACKUP's, RESTORE's, and those of UNLOAD and COPY. */
export function parseStorageLocation(
  text: string,
  options: ParseLocationOptions = {},
): Result<Location, LocationComplaint> {
  return parseLocation("storage", text, options);
}

/** Reads the URI of a master key that is to be made: services that give a version by themselves get none. */
export function parseNewKmsLocation(text: string): Result<Location, LocationComplaint> {
  return parseLocation("kms", text, { key: "new" });
}

/** Reads the URI of a master key. */
export function parseKmsLocation(text: string): Result<Location, LocationComplaint> {
  return parseLocation("kms", text, {});
}

/**
 * Adds parameters that other clauses brought, and asks that the credentials be complete. What the URI says itself
 * must not be said again.
 */
export function completeLocation(
  location: Location,
  more: ReadonlyMap<string, string | Secret>,
): Result<Location, LocationComplaint> {
  const rule = ruleOf(location);
  for (const name of more.keys()) {
    if (location.parameters.has(name))
      return no(invalid(`${name} is given by the URI and by another clause`, "leave one of them out"));
    if (rule.parameters[name] === undefined) return no(unknownParameter(name, rule));
  }
  const parameters = new Map([...location.parameters, ...more]);
  const complaint = checkParameters(rule, parameters) ?? checkCredentials(rule, parameters);
  return complaint === undefined ? ok(location.with({ parameters })) : no(complaint);
}

/** A complaint as the error a statement throws. */
export function locationError(complaint: LocationComplaint, span?: Span): ShellError {
  return new ShellError(complaint.code, complaint.message, {
    ...(complaint.hint === undefined ? {} : { hint: complaint.hint }),
    ...(span === undefined ? {} : { span }),
  });
}

function parseLocation(
  kind: LocationKind,
  text: string,
  options: ParseLocationOptions,
): Result<Location, LocationComplaint> {
  const parts = splitUri(text.trim());
  if (parts === undefined) return no(notUri(kind, text.trim()));
  const rule = findScheme(kind, parts.scheme);
  if (rule === undefined) return no(unknownScheme(kind, parts.scheme));
  if (parts.authority.includes("@"))
    return no(invalid(`${rule.scheme} URIs take no user and password before the host`, `for example ${rule.example}`));
  const place = readPlace(rule, parts, options.key === "new");
  if (!place.ok) return place;
  const parameters = readParameters(rule, parts.query ?? "");
  if (!parameters.ok) return parameters;
  const isCompleteHere = options.credentials !== "elsewhere";
  const complaint =
    checkParameters(rule, parameters.value) ?? (isCompleteHere ? checkCredentials(rule, parameters.value) : undefined);
  if (complaint !== undefined) return no(complaint);
  const { host, path } = place.value;
  const label = `${rule.scheme}://${host}${path}`;
  return ok(new Location({ kind, scheme: rule.scheme, host, path, parameters: parameters.value, label }));
}

function readPlace(
  rule: SchemeRule,
  parts: UriParts,
  isNewKey: boolean,
): Result<{ host: string; path: string }, LocationComplaint> {
  const host = percentDecode(parts.authority);
  if (!host.ok) return no(invalid(`the ${rule.scheme} URI's host ${host.error}`));
  const path = percentDecode(parts.path);
  if (!path.ok) return no(invalid(`the ${rule.scheme} URI's path ${path.error}`));
  return (isNewKey ? checkNewKey : checkPlace)(rule, host.value, path.value);
}

function readParameters(
  rule: SchemeRule,
  query: string,
): Result<ReadonlyMap<string, string | Secret>, LocationComplaint> {
  const parameters = new Map<string, string | Secret>();
  for (const parameter of splitQuery(query)) {
    const { name } = parameter;
    // What stands there may be the tail of a secret: it is not repeated.
    if (!isPrintableName(parameter))
      return no(invalid(`the ${rule.scheme} URI has a parameter without a name`, "percent-encode & and = in values"));
    const known = rule.parameters[name];
    if (known === undefined) return no(unknownParameter(name, rule));
    const value = percentDecode(parameter.value ?? "");
    if (!value.ok) return no(invalid(`${name} ${value.error}`));
    if (parameters.has(name)) return no(invalid(`${name} is given twice`));
    if (value.value !== "") parameters.set(name, known.secret === true ? new Secret(value.value) : value.value);
  }
  return ok(parameters);
}

function unknownScheme(kind: LocationKind, scheme: string): LocationComplaint {
  const name = scheme.toLowerCase();
  const refused = REFUSED_SCHEMES[name];
  if (kind === "storage" && refused !== undefined)
    return invalid(`${name} storage cannot hold these files: ${refused}`, exampleHint(kind));
  const other = kind === "kms" ? "storage" : "kms";
  if (findScheme(other, name) !== undefined) {
    const message =
      kind === "kms"
        ? `${name} is a place for files, not a master key`
        : `${name} is a master key, not a place for files`;
    return invalid(message, exampleHint(kind));
  }
  const near = nearest(name, schemeNames(kind));
  return invalid(
    `unknown ${kind === "kms" ? "KMS" : "storage"} scheme ${name}`,
    near === undefined ? `the schemes are ${schemeNames(kind).join(", ")}` : `did you mean ${near}?`,
  );
}

function unknownParameter(name: string, rule: SchemeRule): LocationComplaint {
  const names = Object.keys(rule.parameters);
  if (rule.scheme === "azure-kms" && name === "AZURE_ACCOUNT_KEY")
    return invalid("azure kms requires explicit auth (RBAC) or implicit auth", `for example ${rule.example}`);
  const near = nearest(name, names);
  const hint =
    near !== undefined
      ? `did you mean ${near}?`
      : names.length === 0
        ? `${rule.scheme} takes no parameters`
        : `${rule.scheme} takes ${names.join(", ")}`;
  return invalid(`unknown ${rule.scheme} parameter ${name}`, hint);
}

function ruleOf(location: Location): SchemeRule {
  const rule = findScheme(location.kind, location.scheme);
  if (rule === undefined) throw new ShellError("bug/invariant", `no rule for the scheme ${location.scheme}`);
  return rule;
}

function notUri(kind: LocationKind, text: string): LocationComplaint {
  const shown = maskUri(text);
  const message = `${shown === "redacted" ? "the text" : shown} is not a URI`;
  if (kind === "storage" && text.startsWith("/")) return invalid(message, "write a path as file:///path");
  const scheme = /^[a-z][a-z0-9+.-]*(?=:\/?(?!\/))/i.exec(text)?.[0];
  if (scheme !== undefined && findScheme(kind, scheme) !== undefined)
    return invalid(message, `write ${scheme}:// with two slashes: ${exampleHint(kind)}`);
  return invalid(message, exampleHint(kind));
}

function exampleHint(kind: LocationKind): string {
  const examples = SCHEMES.filter((rule) => rule.kind === kind).map((rule) => rule.example);
  return `for example ${examples.filter((_, index) => index % 3 === 0).join(" or ")}`;
}

function invalid(message: string, hint?: string): LocationComplaint {
  return { code: "location/invalid", message, ...(hint === undefined ? {} : { hint }) };
}
