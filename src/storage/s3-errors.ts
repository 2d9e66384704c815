import { parseTime, signatureTimes } from "../credentials/clock.ts";
import { ShellError } from "../errors.ts";
import {
  clockMeaning,
  cloudError,
  deniedMeaning,
  field,
  networkMeaning,
  numberField,
  textField,
  type Action,
  type Meaning,
} from "./cloud-errors.ts";

/** Where an error happened, and what to ask for. */
export interface S3Place {
  readonly bucket: string;
  /** For messages. */
  readonly place: string;
  readonly action: Action;
  /** Who asks, when the store does not say. */
  readonly principal: string;
}

/** Which permission each action takes. Source: AWS's reference of actions for S3. */
const PERMISSIONS: Readonly<Record<Action, string>> = {
  "be written": "s3:PutObject (and s3:AbortMultipartUpload)",
  "be read": "s3:GetObject",
  "be looked at": "s3:GetObject and s3:ListBucket",
  "be listed": "s3:ListBucket",
  "be deleted": "s3:DeleteObject",
};

const MEANINGS: Readonly<Record<string, Meaning>> = {
  NoSuchKey: { code: "storage/not-found", reason: "there is no such object" },
  NotFound: { code: "storage/not-found", reason: "there is no such object" },
  NoSuchUpload: { code: "storage/unavailable", reason: "the upload was ended from outside" },
  InvalidAccessKeyId: {
    code: "location/credentials",
    reason: "the store does not know the access key",
    hint: "check AWS_ACCESS_KEY_ID, and AWS_ENDPOINT if the key belongs to another store",
  },
  SignatureDoesNotMatch: {
    code: "location/credentials",
    reason: "the secret key does not fit the access key",
    hint: "check AWS_SECRET_ACCESS_KEY; in a URI its / + and = are written %2F %2B %3D",
  },
  InvalidToken: {
    code: "location/credentials",
    reason: "the session token is not valid",
    hint: "check AWS_SESSION_TOKEN; it belongs to one access key",
  },
  PreconditionFailed: { code: "storage/exists", reason: "it exists already" },
  EntityTooLarge: {
    code: "storage/full",
    reason: "the store takes no object of this size",
    hint: "write smaller files",
  },
  QuotaExceeded: { code: "storage/full", reason: "the quota is used up" },
  InvalidStorageClass: {
    code: "location/invalid",
    reason: "the store does not have this storage class",
    hint: "leave S3_STORAGE_CLASS out, or name one the store has",
  },
  InvalidObjectState: {
    code: "storage/denied",
    reason: "the object is archived",
    hint: "restore it from its archive class first",
  },
};

const EXPIRED = new Set(["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"]);
const ANONYMOUS = new Set(["CredentialsProviderError", "ProviderError"]);

/** An error of the SDK in the words of storage; an error of the house stays as it is. */
export function s3Error(thrown: unknown, place: S3Place): unknown {
  if (thrown instanceof ShellError || !(thrown instanceof Error)) return thrown;
  const meaning = credentialMeaning(thrown) ?? answerMeaning(thrown, place) ?? networkMeaning(thrown);
  return cloudError(place.place, place.action, meaning ?? statusMeaning(thrown), thrown);
}

/** The status of the store's answer; `undefined` when it gave none. */
export function s3Status(thrown: unknown): number | undefined {
  return numberField(field(thrown, "$metadata"), "httpStatusCode");
}

/** Whether the SDK sent the request more than once. */
export function wasRepeated(thrown: unknown): boolean {
  return (numberField(field(thrown, "$metadata"), "attempts") ?? 1) > 1;
}

/** Whether the store says that it does not know this kind of request. */
export function isNotImplemented(thrown: unknown): boolean {
  return s3Status(thrown) === 501 || textField(thrown, "name") === "NotImplemented";
}

function credentialMeaning(error: Error): Meaning | undefined {
  if (EXPIRED.has(error.name)) {
    return {
      code: "location/credentials",
      reason: "the session token has expired",
      hint: "get new session credentials, or use ASSUME_ROLE or AUTH=implicit, which renew theirs",
    };
  }
  // STS says so in its sentence only.
  if (error.name === "RequestTimeTooSkewed" || signatureTimes(error.message) !== undefined) return skewMeaning(error);
  if (ANONYMOUS.has(error.name)) {
    return {
      code: "location/credentials",
      reason: "this machine has no AWS credentials",
      hint: "log in, set AWS_PROFILE, or give the keys in the URI with AUTH=specified",
    };
  }
  return undefined;
}

function answerMeaning(error: Error, { bucket, place, action, principal }: S3Place): Meaning | undefined {
  const region = regionOf(error);
  if (region !== undefined) {
    return {
      code: "location/invalid",
      reason: `the bucket is in the region ${region}`,
      hint: `set AWS_REGION=${region} in the URI`,
    };
  }
  if (error.name === "NoSuchBucket") {
    return {
      code: "storage/not-found",
      reason: `there is no bucket ${bucket}`,
      hint: "check the bucket's name, AWS_REGION and AWS_ENDPOINT",
    };
  }
  if (error.message.startsWith("Checksum mismatch")) {
    return { code: "integrity/checksum", reason: "what came is not what the store has a checksum of" };
  }
  const known = MEANINGS[error.name];
  if (known !== undefined) return known;
  // STS answers with 403 too, and what it refuses is the role and not the bucket.
  if (/AssumeRole/u.test(error.message) && s3Status(error) === 403) {
    return {
      code: "storage/denied",
      reason: "the role in ASSUME_ROLE may not be taken on",
      hint: "allow sts:AssumeRole to whoever asks, in the role's trust policy, and check its external id",
    };
  }
  if (error.name === "AccessDenied" || s3Status(error) === 403) {
    return denied(error, { bucket, place, action, principal });
  }
  if (isNotImplemented(error))
    return { code: "engine/unsupported", reason: "the endpoint does not have this function of S3" };
  return undefined;
}

/** AWS names who asked, for what, and of what: "User: … is not authorized to perform: … on resource: "…" because …". */
function denied(error: Error, { bucket, place, action, principal }: S3Place): Meaning {
  const said = /User: (\S+) is not authorized to perform: (\S+)(?: on resource: "?([^\s"]+))?/u.exec(error.message);
  const target = said?.[3] ?? (action === "be listed" ? `bucket ${bucket}` : place);
  return deniedMeaning(said?.[2] ?? PERMISSIONS[action], said?.[1] ?? principal, target);
}

/** The SDK corrects its clock by the store's first answer: this is left when that did not help. */
function skewMeaning(error: Error): Meaning {
  const storeTime = signatureTimes(error.message)?.service ?? parseTime(textField(error, "ServerTime"));
  return (
    clockMeaning(error, storeTime) ?? {
      code: "location/credentials",
      reason: "this machine's clock differs too much from the store's",
      hint: "set the clock, and try again",
    }
  );
}

/** A store that is asked in a wrong region says which one is right, in the answer or in its headers. */
function regionOf(error: Error): string | undefined {
  const isWrongRegion =
    s3Status(error) === 301 || ["PermanentRedirect", "AuthorizationHeaderMalformed"].includes(error.name);
  if (!isWrongRegion) return undefined;
  const headers = field(field(error, "$response"), "headers");
  return textField(headers, "x-amz-bucket-region") ?? textField(error, "Region");
}

function statusMeaning(error: Error): Meaning {
  const status = s3Status(error);
  if (status === undefined)
    return { code: "storage/unavailable", reason: "the request failed", detail: [error.message] };
  if (status === 404) return { code: "storage/not-found", reason: "there is no such object" };
  const detail = [`the store answered ${status} ${error.name}`];
  if (status === 507) return { code: "storage/full", reason: "no space is left in the store", detail };
  if (status >= 500 || status === 429 || status === 408)
    return { code: "storage/unavailable", reason: "the store is not able to answer", detail };
  return { code: "storage/denied", reason: "the store refuses the request", detail: [...detail, error.message] };
}
