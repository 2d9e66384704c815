import { answerTime, clockComplaint } from "../credentials/clock.ts";
import { networkReason } from "../std/network-reason.ts";
import { keyFailure, noMatch, pendingDeletion } from "./calling.ts";
import { KeyError } from "./key-error.ts";

export const ENCRYPT = "cloudkms.cryptoKeyVersions.useToEncrypt";
export const DECRYPT = "cloudkms.cryptoKeyVersions.useToDecrypt";

export interface GcpCall {
  readonly label: string;
  /** {@link ENCRYPT}, {@link DECRYPT}, or another. */
  readonly permission: string;
  /** Who asks: Google does not say. */
  readonly principal: string;
  readonly deletionDate: (version: string) => Promise<Date | undefined>;
}

/** Numbers of gRPC, which stand for the HTTP statuses too. */
const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const UNIMPLEMENTED = 12;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

/** What was changed on its way, in CockroachDB's words. */
export function corrupted(label: string, what: string): KeyError {
  return new KeyError("key/unavailable", "unreachable", `${what} corrupted in-transit`, { detail: [label] });
}

/** `undefined` for an error that is none of Google's. */
export async function explainGcp(thrown: unknown, call: GcpCall): Promise<KeyError | undefined> {
  if (!(thrown instanceof Error)) return undefined;
  const { label } = call;
  const options = { cause: thrown };
  switch (numberOf(thrown)) {
    case INVALID_ARGUMENT:
      return invalidArgument(thrown, call);
    case NOT_FOUND:
      return keyFailure(label, "not found", "is not in this project and location", {
        hint: isUse(call.permission)
          ? "check the key's name: projects/…/locations/…/keyRings/…/cryptoKeys/…"
          : "make its key ring first: gcloud kms keyrings create",
        ...options,
      });
    case PERMISSION_DENIED:
      return denied(thrown, call);
    case RESOURCE_EXHAUSTED:
      return keyFailure(label, "throttled", "is asked too often, or its quota is used up", options);
    case FAILED_PRECONDITION:
      return wrongState(thrown, call);
    case UNAUTHENTICATED:
      return badCredentials(label, thrown);
    case UNIMPLEMENTED:
      return keyFailure(label, "unreachable", "was asked for what its server does not do", {
        hint: "check what GOOGLE_CLOUD_KMS_ENDPOINT leads to",
        ...options,
      });
    case INTERNAL:
    case UNAVAILABLE:
    case DEADLINE_EXCEEDED: {
      const reason = networkReason(thrown) ?? "Google Cloud KMS does not answer";
      return keyFailure(label, "unreachable", `cannot be reached: ${reason}`, options);
    }
    default:
      return /invalid_grant|invalid_client|invalid_rapt/u.test(thrown.message)
        ? badCredentials(label, thrown)
        : undefined;
  }
}

/** Whether the same call may succeed at once. */
export function isPassing(thrown: unknown): boolean {
  return thrown instanceof Error && numberOf(thrown) === UNAVAILABLE;
}

/** Tokens are asked for over plain HTTP, whose errors bear its statuses. */
function numberOf(error: Error): number | undefined {
  if (!("code" in error)) return undefined;
  const code = Number(error.code);
  if (code < 100) return code;
  return { 400: undefined, 401: UNAUTHENTICATED, 403: PERMISSION_DENIED, 404: NOT_FOUND, 429: RESOURCE_EXHAUSTED }[
    code
  ];
}

function invalidArgument(cause: Error, { label, permission }: GcpCall): KeyError {
  if (/crc32c/iu.test(cause.message))
    return corrupted(label, permission === DECRYPT ? "Decrypt: request" : "Encrypt: request");
  if (permission === DECRYPT) return noMatch(label, cause);
  if (permission !== ENCRYPT) return keyFailure(label, "invalid uri", "cannot be the name of a key", { cause });
  return keyFailure(label, "invalid uri", "names no key for symmetric encryption", {
    hint: "create a key with the purpose ENCRYPT_DECRYPT",
    cause,
  });
}

function isUse(permission: string): boolean {
  return permission === ENCRYPT || permission === DECRYPT;
}

/** Google does not tell a key that is not there from one that may not be seen. */
function denied(cause: Error, { label, permission, principal }: GcpCall): KeyError {
  const named = /[Pp]ermission '([\w.]+)'/u.exec(cause.message)?.[1] ?? permission;
  const isImpersonation = named.startsWith("iam.");
  return keyFailure(
    label,
    "denied",
    `may not be used: ${named} is not allowed for ${principal}, or there is no such key`,
    {
      hint: isImpersonation
        ? "grant roles/iam.serviceAccountTokenCreator on each service account of ASSUME_ROLE to the one before it"
        : isUse(permission)
          ? "grant roles/cloudkms.cryptoKeyEncrypterDecrypter on the key"
          : `grant ${permission} on the key ring, as roles/cloudkms.admin does`,
      cause,
    },
  );
}

async function wrongState(cause: Error, { label, deletionDate }: GcpCall): Promise<KeyError> {
  const state = /\b(DESTROY_SCHEDULED|DESTROYED|DISABLED|PENDING_\w+)\b/u.exec(cause.message)?.[1] ?? "DISABLED";
  const version = /projects\/[^\s'"]+\/cryptoKeyVersions\/\d+/u.exec(cause.message)?.[0];
  if (state === "DESTROY_SCHEDULED") {
    const until = version === undefined ? undefined : await deletionDate(version);
    return keyFailure(label, pendingDeletion(until), "is going to be deleted", {
      hint: "restore the key's version before that date: gcloud kms keys versions restore, then enable",
      cause,
    });
  }
  if (state === "DESTROYED")
    return keyFailure(label, "not found", "has lost its key material: the version was destroyed", { cause });
  return keyFailure(label, "disabled", "is disabled", { hint: "enable the key's version in Google Cloud KMS", cause });
}

function badCredentials(label: string, cause: Error): KeyError {
  // What a service account signs itself bears this machine's time.
  const clock = clockComplaint(answerTime(cause));
  if (clock !== undefined) {
    const { reason, hint } = clock;
    return keyFailure(label, "bad credentials", `does not accept the token: ${reason}`, { hint, cause });
  }
  return keyFailure(label, "bad credentials", "does not accept the credentials", {
    hint: "check CREDENTIALS or BEARER_TOKEN; a token lasts for about an hour",
    cause,
  });
}
