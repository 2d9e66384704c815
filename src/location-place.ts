import type { LocationComplaint } from "./location-check.ts";
import type { SchemeRule } from "./location-schemes.ts";
import { no, ok, type Result } from "./std/result.ts";

/** Host and path of a URI, decoded. */
export interface Place {
  readonly host: string;
  readonly path: string;
}

/** What each scheme asks of its host and path. */
export function checkPlace(rule: SchemeRule, host: string, path: string): Result<Place, LocationComplaint> {
  const problem = hostProblem(rule, host, path) ?? (rule.kind === "kms" ? keyProblem(rule, path) : undefined);
  if (problem !== undefined) return no(complain(rule, problem));
  if (rule.scheme === "file" && !path.startsWith("/"))
    return no(complain(rule, "file takes an absolute path, after three slashes"));
  if (rule.scheme === "nodelocal") return insideOf(rule, host, path);
  return ok({ host: rule.host === "none" ? "" : host, path });
}

/** What each scheme asks of a master key that is to be made. */
export function checkNewKey(rule: SchemeRule, host: string, path: string): Result<Place, LocationComplaint> {
  const key = path.replace(/^\//u, "");
  const isNamed = rule.scheme === "azure-kms" && /^[^/]+$/u.test(key);
  if (isNamed)
    return checkPlace(rule, host, `${path}/version`).ok ? ok({ host: "", path }) : checkPlace(rule, host, path);
  const hasVersion = rule.scheme === "azure-kms" ? /^[^/]+\/[^/]+$/u.test(key) : /\/cryptoKeyVersions\//u.test(key);
  if (!hasVersion) return checkPlace(rule, host, path);
  const name = rule.scheme === "azure-kms" ? "azure-kms:///name" : "gcp-kms:///projects/…/cryptoKeys/name";
  return no({
    code: "location/invalid",
    message: "a new key gets its version from its service",
    hint: `name the key alone: ${name}`,
  });
}

function hostProblem(rule: SchemeRule, host: string, path: string): string | undefined {
  if (rule.host === "none") {
    const isEmpty = host === "" || (rule.scheme === "file" && host === "localhost");
    return isEmpty ? undefined : `${rule.scheme} takes three slashes: ${rule.scheme}:///${host}${path}`;
  }
  if (rule.host === "node") {
    if (/^(self|\d+)$/u.test(host)) return undefined;
    return host === ""
      ? "nodelocal takes a node id, as in nodelocal://1/path"
      : `nodelocal takes a node id or self, not ${host}`;
  }
  if (host !== "") return undefined;
  return rule.host === "connection"
    ? "host component of an external URI must refer to an existing External Connection object"
    : `${rule.scheme} takes a ${rule.host} after the two slashes`;
}

function keyProblem(rule: SchemeRule, path: string): string | undefined {
  const key = path.replace(/^\//u, "");
  switch (rule.scheme) {
    case "external":
      return key === "" ? undefined : "the URI of an external KMS has no path";
    case "local-kms":
      return /^\w[\w.-]*$/u.test(key)
        ? undefined
        : "local-kms takes one name of letters, digits, dots, dashes and underscores";
    case "azure-kms":
      return /^[^/]+\/[^/]+$/u.test(key) ? undefined : "azure kms key must be of form 'id/version'";
    case "gcp-kms":
      if (key === "") break;
      return /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+(\/cryptoKeyVersions\/[^/]+)?$/u.test(
        key,
      )
        ? undefined
        : "gcp kms key must be of form projects/…/locations/…/keyRings/…/cryptoKeys/…";
  }
  return key === "" ? "path component of the KMS cannot be empty; must contain the Customer Managed Key" : undefined;
}

/** Resolves `.` and `..`, which must not lead above the external I/O directory. */
function insideOf(rule: SchemeRule, host: string, path: string): Result<Place, LocationComplaint> {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return no(complain(rule, `${path} leads out of the external I/O directory`));
  }
  return ok({ host, path: `/${parts.join("/")}` });
}

function complain(rule: SchemeRule, message: string): LocationComplaint {
  return { code: "location/invalid", message, hint: `for example ${rule.example}` };
}
