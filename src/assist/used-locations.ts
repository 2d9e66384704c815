// URIs that statements of the past have named.
import { parse } from "../../grammar/index.ts";
import { findScheme } from "../location-schemes.ts";
import { splitQuery, splitUri } from "../location-uri.ts";

export interface UsedLocation {
  readonly kind: "storage" | "kms";
  /** Without its secrets: what is to be offered again. */
  readonly uri: string;
}

/** Statements that are looked at, the newest. */
const RECENT_MAX = 200;

/** The places and keys that statements named, each once, in the order given. Secrets are left out, with their names. */
export function usedLocations(statements: readonly string[]): readonly UsedLocation[] {
  const found = new Map<string, UsedLocation>();
  for (const text of statements.slice(0, RECENT_MAX)) {
    if (!text.includes("://")) continue;
    for (const statement of parse(text).statements) {
      if (statement.kind !== "passthrough") collect(statement, found);
    }
  }
  return [...found.values()];
}

function collect(node: unknown, found: Map<string, UsedLocation>): void {
  if (typeof node !== "object" || node === null) return;
  if ("kind" in node && node.kind === "string" && "position" in node && "value" in node) {
    const { position, value } = node;
    if ((position === "location" || position === "kms") && typeof value === "string") {
      const kind = position === "kms" ? "kms" : "storage";
      const uri = withoutSecrets(value, kind);
      if (uri !== undefined && !found.has(`${kind} ${uri}`)) found.set(`${kind} ${uri}`, { kind, uri });
    }
    return;
  }
  for (const child of Object.values(node)) collect(child, found);
}

/** The URI with the parameters that are known and may be seen; undefined for what is no URI of a known scheme. */
export function withoutSecrets(uri: string, kind: "storage" | "kms"): string | undefined {
  const parts = splitUri(uri);
  const rule = parts === undefined ? undefined : findScheme(kind, parts.scheme);
  if (parts === undefined || rule === undefined || parts.authority.includes("@")) return undefined;
  const start = `${parts.scheme}://${parts.authority}${parts.path}`;
  const plain = splitQuery(parts.query ?? "").filter(({ name, value }) => {
    const known = rule.parameters[name];
    return known !== undefined && known.secret !== true && value !== undefined && !/[‹›•]/u.test(value);
  });
  const query = plain.map(({ name, value }) => `${name}=${value ?? ""}`).join("&");
  return query === "" ? start : `${start}?${query}`;
}
