import { clockComplaint, signatureTimes } from "../credentials/clock.ts";
import { keyFailure, noMatch, pendingDeletion } from "./calling.ts";
import type { KeyError, KeyOutcome } from "./key-error.ts";

interface Explanation {
  readonly outcome: KeyOutcome;
  readonly said: string;
  readonly hint?: string;
}

const CREDENTIALS_WRONG: Explanation = {
  outcome: "bad credentials",
  said: "does not accept the credentials",
  hint: "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
};
const CREDENTIALS_EXPIRED: Explanation = {
  outcome: "bad credentials",
  said: "does not accept the credentials: the session token has expired",
  hint: "get a new session token, or use AUTH=implicit",
};
const THROTTLED: Explanation = { outcome: "throttled", said: "is asked too often" };
const NOT_A_KEY: Explanation = {
  outcome: "invalid uri",
  said: "names no key in a way that AWS knows",
  hint: "name the key by its key id, its ARN, alias/name, or the alias's ARN",
};

/** By the name of the error. Source: the API reference of AWS KMS, Encrypt, Decrypt and common errors; and of STS. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  DisabledException: { outcome: "disabled", said: "is disabled", hint: "enable the key in AWS KMS" },
  NotFoundException: {
    outcome: "not found",
    said: "is not in this account and region",
    hint: "check the key's name and REGION; a key of another account needs its full ARN",
  },
  InvalidKeyUsageException: {
    outcome: "invalid uri",
    said: "is no key for symmetric encryption",
    hint: "create a symmetric key of AWS KMS with the usage ENCRYPT_DECRYPT",
  },
  InvalidArnException: NOT_A_KEY,
  ValidationException: NOT_A_KEY,
  ThrottlingException: THROTTLED,
  Throttling: THROTTLED,
  TooManyRequestsException: THROTTLED,
  LimitExceededException: THROTTLED,
  RequestLimitExceeded: THROTTLED,
  UnrecognizedClientException: CREDENTIALS_WRONG,
  InvalidClientTokenId: CREDENTIALS_WRONG,
  InvalidAccessKeyId: CREDENTIALS_WRONG,
  InvalidSignatureException: CREDENTIALS_WRONG,
  SignatureDoesNotMatch: CREDENTIALS_WRONG,
  IncompleteSignature: CREDENTIALS_WRONG,
  MissingAuthenticationToken: CREDENTIALS_WRONG,
  MissingAuthenticationTokenException: CREDENTIALS_WRONG,
  ExpiredTokenException: CREDENTIALS_EXPIRED,
  ExpiredToken: CREDENTIALS_EXPIRED,
  TokenRefreshRequired: CREDENTIALS_EXPIRED,
  CredentialsProviderError: {
    outcome: "bad credentials",
    said: "cannot be asked: this machine has no AWS credentials of its own",
    hint: "run aws sso login or aws configure, or set AUTH=specified with keys",
  },
};

const UNAVAILABLE = new Set([
  "KMSInternalException",
  "DependencyTimeoutException",
  "KeyUnavailableException",
  "InternalFailure",
  "InternalError",
  "ServiceUnavailable",
  "ServiceUnavailableException",
]);

export interface AwsCall {
  readonly label: string;
  /** As a policy names it. */
  readonly action: string;
  /** Who asks, when AWS does not say. */
  readonly principal: string;
  readonly deletionDate: () => Promise<Date | undefined>;
}

/** `undefined` for an error that is none of AWS's: then the network's. */
export async function explainAws(thrown: unknown, call: AwsCall): Promise<KeyError | undefined> {
  if (!(thrown instanceof Error)) return undefined;
  const clock = clockFailure(thrown, call.label);
  if (clock !== undefined) return clock;
  switch (thrown.name) {
    case "IncorrectKeyException":
    case "InvalidCiphertextException":
      return noMatch(call.label, thrown);
    case "KMSInvalidStateException":
      return invalidState(thrown, call);
    case "AccessDeniedException":
    case "AccessDenied":
      // Every request names the key. Being refused because of what the ciphertext names means that it is another one.
      return /^The ciphertext refers to a (?:customer master|KMS) key that does not exist/u.test(thrown.message)
        ? noMatch(call.label, thrown)
        : denied(thrown, call);
  }
  const found = EXPLANATIONS[thrown.name];
  if (found !== undefined) {
    const { outcome, said, hint } = found;
    return keyFailure(call.label, outcome, said, { cause: thrown, ...(hint === undefined ? {} : { hint }) });
  }
  if (!UNAVAILABLE.has(thrown.name) && !isServerFault(thrown)) return undefined;
  return keyFailure(call.label, "unreachable", "cannot answer: AWS KMS has a fault of its own", { cause: thrown });
}

function isServerFault(error: Error): boolean {
  return "$fault" in error && error.$fault === "server";
}

async function invalidState(cause: Error, { label, deletionDate }: AwsCall): Promise<KeyError> {
  if (/pending (replica )?deletion/iu.test(cause.message)) {
    return keyFailure(label, pendingDeletion(await deletionDate()), "is going to be deleted", {
      hint: "cancel the deletion in AWS KMS before that date: aws kms cancel-key-deletion, then enable-key",
      cause,
    });
  }
  const isImport = /pending import/iu.test(cause.message);
  const said = isImport ? "has no key material: it awaits its import" : "is in no state to be used";
  return keyFailure(label, "disabled", said, { hint: "look at the key's state in AWS KMS", cause });
}

/** Who asked, for what, and of what, is in AWS's sentence; the rest of it is about policies. */
function denied(cause: Error, { label, action, principal }: AwsCall): KeyError {
  const match = /User: (\S+) is not authorized to perform: (\S+)(?: on resource: (\S+))?/u.exec(cause.message);
  const who = match?.[1] ?? principal;
  const what = match?.[2] ?? action;
  const grant = what.startsWith("sts:")
    ? "allow it in the role's trust policy"
    : `allow ${what} in the key's policy or in IAM`;
  return keyFailure(label, "denied", `may not be used: ${what} is not allowed for ${who}`, {
    ...(match?.[3] === undefined ? {} : { detail: [`resource: ${match[3]}`] }),
    hint: grant,
    cause,
  });
}

const CLOCK_ERRORS = new Set(["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"]);

function clockFailure(cause: Error, label: string): KeyError | undefined {
  const times = signatureTimes(cause.message);
  if (times === undefined && !CLOCK_ERRORS.has(cause.name)) return undefined;
  const { reason, hint } = clockComplaint(times?.service, times?.machine) ?? {
    reason: "this machine's clock differs too much from the service's",
    hint: "set the clock, and try again",
  };
  return keyFailure(label, "bad credentials", `does not accept the signature: ${reason}`, { hint, cause });
}
