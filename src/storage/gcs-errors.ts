import { ShellError } from "../errors.ts";
import { DeadlineError } from "../std/deadline.ts";
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
export interface GcsPlace {
  readonly bucket: string;
  /** For messages. */
  readonly place: string;
  readonly action: Action;
  /** Who asks, when the store does not say. */
  readonly principal: string;
}

/** Which permission each action takes. Source: Google's reference of IAM permissions for the JSON API. */
const PERMISSIONS: Readonly<Record<Action, string>> = {
  "be written": "storage.objects.create (and storage.objects.delete to replace)",
  "be read": "storage.objects.get",
  "be looked at": "storage.objects.get",
  "be listed": "storage.objects.list",
  "be deleted": "storage.objects.delete",
};

const REFRESH_HINT = "give a new BEARER_TOKEN, or use CREDENTIALS or AUTH=implicit, which renew theirs";

/** An error of the library in the words of storage; an error of the house stays as it is. */
export function gcsError(thrown: unknown, place: GcsPlace): unknown {
  if (thrown instanceof ShellError || !(thrown instanceof Error)) return thrown;
  const meaning = identityMeaning(thrown) ?? answerMeaning(thrown, place) ?? networkMeaning(thrown);
  return cloudError(place.place, place.action, meaning ?? statusMeaning(thrown), thrown);
}

/** The status of the store's answer; `undefined` when it gave none. The library has three kinds of errors. */
export function gcsStatus(thrown: unknown): number | undefined {
  const status = numberField(field(thrown, "response"), "status") ?? numberField(thrown, "status");
  return status ?? numberField(thrown, "code");
}

const LIMITS = new Set(["rateLimitExceeded", "userRateLimitExceeded"]);
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

/** Whether the same request may succeed a little later. A host that is not there, or says nothing, stays so. */
export function isPassing(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || thrown instanceof DeadlineError) return false;
  const status = gcsStatus(thrown);
  if (status !== undefined) return PASSING.has(status) || LIMITS.has(reasonOf(thrown) ?? "");
  return !/ECONNREFUSED|ENOTFOUND/u.test(thrown.message) && networkMeaning(thrown)?.code === "storage/unavailable";
}

function reasonOf(error: Error): string | undefined {
  const errors = field(error, "errors");
  return Array.isArray(errors) ? textField(errors[0], "reason") : undefined;
}

function identityMeaning(error: Error): Meaning | undefined {
  if (isImpersonation(error)) {
    return {
      code: "storage/denied",
      reason: "the service account in ASSUME_ROLE may not be impersonated",
      hint: "grant roles/iam.serviceAccountTokenCreator on it to whoever asks",
    };
  }
  if (gcsStatus(error) === 401)
    return (
      clockMeaning(error) ?? {
        code: "location/credentials",
        reason: "the credentials are refused or have expired",
        hint: REFRESH_HINT,
      }
    );
  if (/invalid_grant|invalid_rapt/u.test(error.message)) {
    return {
      code: "location/credentials",
      reason: "the credentials are refused",
      hint: "log in again, or give another key in CREDENTIALS",
    };
  }
  if (/No refresh token|Could not load the default credentials|PEM|DECODER/u.test(error.message))
    return {
      code: "location/credentials",
      reason: "the credentials cannot be used or have expired",
      hint: REFRESH_HINT,
    };
  return undefined;
}

/** The service that impersonates refuses with the same status as the store. */
function isImpersonation(error: Error): boolean {
  if (gcsStatus(error) !== 403 && gcsStatus(error) !== 404) return false;
  return /:generateAccessToken/u.test(String(field(field(error, "config"), "url")));
}

function answerMeaning(error: Error, { bucket, place, action, principal }: GcsPlace): Meaning | undefined {
  const reason = reasonOf(error);
  switch (gcsStatus(error)) {
    case 400:
      if (reason !== "required" && !/requester pays/iu.test(error.message)) return undefined;
      return {
        code: "storage/denied",
        reason: "the bucket's owner lets the reader pay",
        hint: "name the project that pays in GOOGLE_BILLING_PROJECT",
      };
    case 403:
      if (LIMITS.has(reason ?? "")) return { code: "storage/unavailable", reason: "the store asks for fewer requests" };
      return denied(error, { bucket, place, action, principal });
    case 404:
      if (!/specified bucket/iu.test(error.message) && action !== "be listed")
        return { code: "storage/not-found", reason: "there is no such object" };
      return { code: "storage/not-found", reason: `there is no bucket ${bucket}`, hint: "check the bucket's name" };
    case 412:
      return { code: "storage/exists", reason: "it exists already" };
    case 410:
      return { code: "storage/unavailable", reason: "the upload was ended from outside" };
    default:
      return undefined;
  }
}

/** Google names who asked, and for what: "a@b does not have storage.objects.create access to the … object." */
function denied(error: Error, { bucket, place, action, principal }: GcsPlace): Meaning {
  const [, who, what] = /(\S+@\S+) does not have (\S+) access/u.exec(error.message) ?? [];
  return deniedMeaning(
    what ?? PERMISSIONS[action],
    who ?? principal,
    action === "be listed" ? `bucket ${bucket}` : place,
  );
}

function statusMeaning(error: Error): Meaning {
  const status = gcsStatus(error);
  if (status === undefined)
    return { code: "storage/unavailable", reason: "the request failed", detail: [error.message] };
  const detail = [`the store answered ${status}`];
  if (status >= 500 || status === 429 || status === 408)
    return { code: "storage/unavailable", reason: "the store is not able to answer", detail };
  return { code: "storage/denied", reason: "the store refuses the request", detail: [...detail, error.message] };
}
