import { answerTime, clockComplaint } from "../credentials/clock.ts";
import { ShellError, type Code, type ShellErrorOptions } from "../errors.ts";

/** What was tried, for the sentence and for the permission to ask for. */
export type Action = "be written" | "be read" | "be looked at" | "be listed" | "be deleted";

/** What a store's answer means. */
export interface Meaning {
  readonly code: Code;
  readonly reason: string;
  readonly detail?: readonly string[];
  readonly hint?: string;
}

/** `s3://b/x cannot be written: access denied`, with the vendor's own error as the cause only. */
export function cloudError(place: string, action: Action, meaning: Meaning, cause: unknown): ShellError {
  const { code, reason, detail, hint } = meaning;
  const options: ShellErrorOptions = {
    cause,
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
  };
  return new ShellError(code, `${place} cannot ${action}: ${reason}`, options);
}

/** When what is signed came from another time; `undefined` when this machine and the store agree on the time. */
export function clockMeaning(thrown: unknown, storeTime = answerTime(thrown)): Meaning | undefined {
  const complaint = clockComplaint(storeTime);
  return complaint === undefined ? undefined : { code: "location/credentials", ...complaint };
}

/** @param target what the permission is to be granted on. */
export function deniedMeaning(permission: string, principal: string, target: string): Meaning {
  return {
    code: "storage/denied",
    reason: "access denied",
    detail: [`${principal} lacks ${permission} on ${target}`],
    hint: `grant ${permission} on ${target} to ${principal}`,
  };
}

const NETWORK: Readonly<Record<string, string>> = {
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the host name could not be looked up",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was closed",
  EPIPE: "the connection was closed",
  ETIMEDOUT: "there was no answer in time",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ERR_STREAM_PREMATURE_CLOSE: "the connection was closed",
};

const CHECK_NETWORK = "check the endpoint and HTTPS_PROXY, then try again";

/** A failure on the way to the store; `undefined` when it was none. */
export function networkMeaning(thrown: unknown): Meaning | undefined {
  for (const error of causesOf(thrown)) {
    const code = textField(error, "code");
    const reason = code === undefined ? undefined : NETWORK[code];
    if (reason !== undefined) return { code: "storage/unavailable", reason, hint: CHECK_NETWORK };
    if (code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/u.test(code)) {
      return {
        code: "storage/denied",
        reason: "the server's certificate is not trusted",
        detail: [`certificate check: ${code}`],
        hint: "set NODE_EXTRA_CA_CERTS to the file with the authority's certificate",
      };
    }
    if (error.name === "TimeoutError" || error.name === "DeadlineError")
      return { code: "storage/unavailable", reason: "there was no answer in time", hint: CHECK_NETWORK };
    if (/socket hang up|terminated|^aborted$/u.test(error.message))
      return { code: "storage/unavailable", reason: "the connection was closed", hint: CHECK_NETWORK };
  }
  return undefined;
}

/** An error and what it says caused it, also below an AggregateError. */
function causesOf(thrown: unknown): readonly Error[] {
  const found: Error[] = [];
  for (let at: unknown = thrown; at instanceof Error && found.length < 5; at = at.cause) {
    found.push(at);
    if (at instanceof AggregateError) found.push(...at.errors.filter((one) => one instanceof Error));
  }
  return found;
}

/** A field of a vendor's error, when it is text. */
export function textField(thrown: unknown, name: string): string | undefined {
  const value = field(thrown, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A field of a vendor's error, when it is a number, or digits. */
export function numberField(thrown: unknown, name: string): number | undefined {
  const value = field(thrown, name);
  if (typeof value === "string" && /^\d+$/u.test(value)) return Number(value);
  return typeof value === "number" ? value : undefined;
}

export function field(thrown: unknown, name: string): unknown {
  return typeof thrown === "object" && thrown !== null ? (thrown as Record<string, unknown>)[name] : undefined;
}
