// Who asks for the files, from the clauses of UNLOAD and COPY, and the location complete with it.
import {
  parseCredentials,
  type AuthorizationOption,
  type CredentialName,
  type Span,
  type TextNode,
} from "../../grammar/index.ts";
import { ShellError, unreachable } from "../errors.ts";
import { completeLocation, locationError, parseStorageLocation } from "../location-parse.ts";
import { singleLocation } from "./localities.ts";
import type { Location } from "../location.ts";
import { Secret } from "../std/secret.ts";
import { badValue } from "./option-values.ts";
import { conflict, type Reading } from "./reading.ts";

export type Authorization =
  /** The location's own parameters say it. */
  | { readonly type: "location" }
  /** The cluster's role; without a cluster, what the machine is allowed. */
  | { readonly type: "default-role" }
  /** Each role assumes the next; the last one touches the files. */
  | { readonly type: "roles"; readonly arns: readonly string[] }
  | {
      readonly type: "keys";
      readonly accessKeyId: string;
      readonly secretAccessKey: Secret;
      readonly sessionToken?: Secret;
    };

export interface PlannedAuthorization {
  readonly authorization: Authorization;
  /** The clause that says it, for messages. */
  readonly clause?: { readonly name: string; readonly span: Span };
  /** The master key inside a CREDENTIALS string: base64. */
  readonly masterKey?: { readonly secret: Secret; readonly span: Span };
}

type Clause<Name extends AuthorizationOption["name"]> = AuthorizationOption & { readonly name: Name };

function find<Name extends AuthorizationOption["name"]>(
  options: readonly { readonly name: string }[],
  name: Name,
): Clause<Name> | undefined {
  return options.find((option): option is Clause<Name> => option.name === name);
}

/** Expects that the clauses exclude each other as the statement's tables say. Throws `option/value`. */
export function planAuthorization(
  options: readonly { readonly name: string; readonly span: Span }[],
  reading: Reading,
): PlannedAuthorization {
  const role = find(options, "IAM_ROLE");
  if (role !== undefined) {
    const authorization: Authorization =
      role.role === "default" ? { type: "default-role" } : { type: "roles", arns: roleArns(role.role, reading) };
    return { authorization, clause: role };
  }
  const credentials = find(options, "CREDENTIALS");
  if (credentials !== undefined) return { ...fromCredentials(credentials, reading), clause: credentials };
  const [id, secret] = [find(options, "ACCESS_KEY_ID"), find(options, "SECRET_ACCESS_KEY")];
  if (id === undefined || secret === undefined) return { authorization: { type: "location" } };
  const token = find(options, "SESSION_TOKEN");
  const authorization: Authorization = {
    type: "keys",
    accessKeyId: reading.text(id.text),
    secretAccessKey: reading.secret(secret.text),
    ...(token === undefined ? {} : { sessionToken: reading.secret(token.text) }),
  };
  return { authorization, clause: id };
}

function roleArns(node: TextNode, reading: Reading): readonly string[] {
  return splitArns("IAM_ROLE", reading.text(node), node.span);
}

function splitArns(name: string, text: string, span: Span): readonly string[] {
  if (text.toLowerCase() === "default") {
    throw badValue({ name, span }, `'${text}' names no role`, "write IAM_ROLE DEFAULT, without quotes");
  }
  const arns = text.split(",");
  if (arns.every((arn) => /^arn:[a-z-]+:iam::\d+:role\/[^\s,]+$/.test(arn))) return arns;
  throw badValue(
    { name, span },
    "takes role ARNs with commas and no blanks between",
    "for example 'arn:aws:iam::123456789012:role/name'",
  );
}

function fromCredentials(
  option: Clause<"CREDENTIALS">,
  reading: Reading,
): Pick<PlannedAuthorization, "authorization" | "masterKey"> {
  const pairs = credentialPairs(option, reading);
  const value = (name: CredentialName) => pairs.find((pair) => pair.name === name);
  const [role, master] = [value("aws_iam_role"), value("master_symmetric_key")];
  const masterKey = master === undefined ? {} : { masterKey: { secret: new Secret(master.value), span: master.span } };
  if (role !== undefined) {
    return { authorization: { type: "roles", arns: splitArns("aws_iam_role", role.value, role.span) }, ...masterKey };
  }
  const token = value("token");
  const authorization: Authorization = {
    type: "keys",
    accessKeyId: value("aws_access_key_id")?.value ?? "",
    secretAccessKey: new Secret(value("aws_secret_access_key")?.value ?? ""),
    ...(token === undefined ? {} : { sessionToken: new Secret(token.value) }),
  };
  return { authorization, ...masterKey };
}

interface Pair {
  readonly name: CredentialName;
  readonly value: string;
  readonly span: Span;
}

/** A string behind a secret reference is known only here, so its spans are the reference's. */
function credentialPairs(option: Clause<"CREDENTIALS">, reading: Reading): readonly Pair[] {
  if (option.parts !== undefined) return option.parts;
  const { span } = option.text;
  const parsed = parseCredentials(reading.secret(option.text).reveal());
  if (parsed.ok) return parsed.pairs.map(({ name, value }) => ({ name, value, span }));
  throw new ShellError("option/value", parsed.problem.message, { hint: parsed.problem.hint, span });
}

/** What clauses say about where the files lie and who may touch them. */
export interface LocationClauses {
  readonly planned: PlannedAuthorization;
  readonly region?: { readonly value: string; readonly span: Span };
  /** Server-side encryption under this key, or S3's own; what the URI says of it goes before the latter. */
  readonly serverSide?: { readonly name: string; readonly keyId?: string; readonly span: Span };
}

/**
 * The location of a string, with the parameters that the clauses stand for. Throws `option/conflict` for a clause of
 * S3's before another scheme, `location/*` for the rest.
 */
export function planLocation(node: TextNode, clauses: LocationClauses, reading: Reading): Location {
  const parsed = parseStorageLocation(reading.text(node), { credentials: "elsewhere" });
  if (!parsed.ok) throw locationError(parsed.error, node.span);
  reading.places.add({ use: "storage", label: parsed.value.label, span: node.span });
  const { planned, region, serverSide } = clauses;
  const location = singleLocation({ location: parsed.value, node }, "location");
  if (location.scheme !== "s3") refuseS3Clauses(location, clauses);
  const more = new Map<string, string | Secret>(authorizationParameters(planned.authorization));
  // Said twice, but not in two ways.
  if (location.text("AUTH") === more.get("AUTH")) more.delete("AUTH");
  if (region !== undefined) more.set("AWS_REGION", region.value);
  if (serverSide?.keyId !== undefined) {
    more.set("AWS_SERVER_ENC_MODE", "aws:kms");
    more.set("AWS_SERVER_KMS_ID", serverSide.keyId);
  } else if (serverSide !== undefined && location.text("AWS_SERVER_ENC_MODE") === undefined) {
    more.set("AWS_SERVER_ENC_MODE", "AES256");
  }
  const complete = completeLocation(location, more);
  if (complete.ok) return complete.value;
  const isUnsaid = complete.error.code === "location/credentials" && planned.clause === undefined;
  const hint =
    location.scheme === "s3" && isUnsaid ? { hint: "add IAM_ROLE DEFAULT, or AUTH=implicit to the URI" } : {};
  throw locationError({ ...complete.error, ...hint }, (planned.clause ?? region ?? node).span);
}

function refuseS3Clauses(location: Location, { planned, region, serverSide }: LocationClauses): void {
  const clause = planned.clause ?? (region === undefined ? serverSide : { name: "REGION", span: region.span });
  if (clause === undefined) return;
  throw conflict(
    `${clause.name} is for s3, and ${location.label} is not`,
    clause.span,
    `leave it out: the parameters of the URI say who asks`,
  );
}

function authorizationParameters(authorization: Authorization): readonly (readonly [string, string | Secret])[] {
  switch (authorization.type) {
    case "location":
      return [];
    case "default-role":
      return [["AUTH", "implicit"]];
    case "roles":
      return [
        ["AUTH", "implicit"],
        ["ASSUME_ROLE", authorization.arns.join(",")],
      ];
    case "keys": {
      const { accessKeyId, secretAccessKey, sessionToken } = authorization;
      const keys = [
        ["AWS_ACCESS_KEY_ID", accessKeyId],
        ["AWS_SECRET_ACCESS_KEY", secretAccessKey],
      ] as const;
      return sessionToken === undefined ? keys : [...keys, ["AWS_SESSION_TOKEN", sessionToken]];
    }
  }
  return unreachable(authorization);
}
