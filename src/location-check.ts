import type { SchemeRule } from "./location-schemes.ts";
import { nearest } from "./std/nearest.ts";
import type { Secret } from "./std/secret.ts";

/** Why a URI cannot be used. Holds no secret. */
export interface LocationComplaint {
  readonly code: "location/invalid" | "location/credentials";
  readonly message: string;
  readonly hint?: string;
}

type Parameters = ReadonlyMap<string, string | Secret>;

/** Values, required parameters, and parameters that only make sense together. */
export function checkParameters(rule: SchemeRule, parameters: Parameters): LocationComplaint | undefined {
  for (const [name, value] of parameters) {
    const { values: allowed, address } = rule.parameters[name] ?? {};
    if (typeof value !== "string") continue;
    const complaint = address === true ? checkAddress(name, value) : checkValue(name, value, allowed ?? [value]);
    if (complaint !== undefined) return complaint;
  }
  for (const [name, message] of Object.entries(rule.required)) {
    if (!parameters.has(name)) return { code: "location/invalid", message, hint: `for example ${rule.example}` };
  }
  return checkEncryptionMode(parameters) ?? checkLocality(parameters);
}

function checkValue(name: string, value: string, allowed: readonly string[]): LocationComplaint | undefined {
  // Azure names its clouds in any case.
  const fits = allowed.some((one) => one === value || (name === "AZURE_ENVIRONMENT" && equalsIgnoringCase(one, value)));
  if (fits) return undefined;
  const near = nearest(value, allowed);
  return {
    code: "location/invalid",
    message: `unsupported value ${value} for ${name}`,
    hint: near === undefined ? `it takes ${allowed.join(", ")}` : `did you mean ${near}?`,
  };
}

function checkAddress(name: string, value: string): LocationComplaint | undefined {
  const url = URL.parse(value);
  const isAddress = url !== null && /^https?:$/u.test(url.protocol) && url.hostname !== "" && url.search === "";
  if (isAddress) return undefined;
  return {
    code: "location/invalid",
    message: `${name} is no address of a server: ${value}`,
    hint: "it begins with https:// or http://, and may have a port: https://minio.example:9000",
  };
}

function equalsIgnoringCase(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function checkEncryptionMode(parameters: Parameters): LocationComplaint | undefined {
  const isKms = parameters.get("AWS_SERVER_ENC_MODE") === "aws:kms";
  const hasKey = parameters.has("AWS_SERVER_KMS_ID");
  if (isKms === hasKey) return undefined;
  return {
    code: "location/invalid",
    message: isKms
      ? "AWS_SERVER_KMS_ID param must be set when using aws:kms server side encryption mode"
      : "AWS_SERVER_KMS_ID means something only with AWS_SERVER_ENC_MODE=aws:kms",
  };
}

/** One tier, or `default`. */
function checkLocality(parameters: Parameters): LocationComplaint | undefined {
  const locality = parameters.get("COCKROACH_LOCALITY");
  if (locality === undefined || typeof locality !== "string") return undefined;
  if (locality === "default" || /^[^=,]+=[^=,]+$/u.test(locality)) return undefined;
  return {
    code: "location/invalid",
    message: `failed to parse backup locality ${locality}`,
    hint: "COCKROACH_LOCALITY takes default or one tier, such as region=us-east1 with its = written %3D",
  };
}

/** That AUTH and the credentials fit: all of one set for `specified`, none for `implicit`. */
export function checkCredentials(rule: SchemeRule, parameters: Parameters): LocationComplaint | undefined {
  if (rule.credentials === undefined) return undefined;
  const { oneOf, missing } = rule.credentials;
  const auth = parameters.get("AUTH") ?? "specified";
  if (auth === "implicit") {
    const given = [...oneOf.flat(), "AWS_SESSION_TOKEN"].find((name) => parameters.has(name));
    if (given === undefined) return undefined;
    return credentials(`AUTH is set to 'implicit', but ${given} is set`, `leave out ${given}, or set AUTH=specified`);
  }
  if (oneOf.some((set) => set.every((name) => parameters.has(name)))) return undefined;
  const first = oneOf[0]?.find((name) => !parameters.has(name));
  return credentials(
    missing ?? `AUTH is set to 'specified', but ${first} is not set`,
    "add it, or set AUTH=implicit to use the credentials of this machine",
  );
}

function credentials(message: string, hint: string): LocationComplaint {
  return { code: "location/credentials", message, hint };
}
