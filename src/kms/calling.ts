import { ShellError, type Code, type ShellErrorOptions } from "../errors.ts";
import { DeadlineError, withinDeadline } from "../std/deadline.ts";
import { networkReason } from "../std/network-reason.ts";
import { forgetRequest } from "./forget-request.ts";
import { KeyError, type KeyOutcome } from "./key-error.ts";

export interface KeyCall {
  /** Of the key service. */
  readonly label: string;
  readonly signal: AbortSignal | undefined;
  /** For the answer, tries and tokens included. */
  readonly callMs: number;
  /** What a vendor's error means; `undefined` when it is none of the vendor's. */
  explain(thrown: unknown): KeyError | undefined | Promise<KeyError | undefined>;
}

/**
 * Asks a key service, within the deadline. Whatever a vendor's library throws comes out as a KeyError.
 * @throws KeyError; a ShellError of the credentials; the signal's reason once it is aborted.
 */
export async function callService<T>(call: KeyCall, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { label, signal, callMs } = call;
  try {
    return await withinDeadline(callMs, signal, ask);
  } catch (thrown) {
    signal?.throwIfAborted();
    forgetRequest(thrown);
    if (thrown instanceof ShellError) throw thrown;
    if (thrown instanceof DeadlineError)
      throw keyFailure(label, "unreachable", `did not answer within ${callMs / 1000} seconds`, { cause: thrown });
    throw (await call.explain(thrown)) ?? unexplained(label, thrown);
  }
}

function unexplained(label: string, cause: unknown): KeyError {
  const reason = networkReason(cause);
  return keyFailure(
    label,
    "unreachable",
    reason === undefined ? "gave an answer that cannot be read" : `cannot be reached: ${reason}`,
    { cause },
  );
}

const CODES: Partial<Record<KeyOutcome, Code>> = {
  "not a match": "key/mismatch",
  denied: "key/denied",
  "bad credentials": "location/credentials",
  "invalid uri": "location/invalid",
};

/** @param said what the service did, after its label. */
export function keyFailure(
  label: string,
  outcome: KeyOutcome,
  said: string,
  options: ShellErrorOptions = {},
): KeyError {
  return new KeyError(CODES[outcome] ?? "key/unavailable", outcome, `${label} ${said}`, options);
}

/** For a service that says itself that another key than the one asked for did the work. */
export function otherKeyAnswered(label: string, answered: string): KeyError {
  return keyFailure(label, "not a match", `was answered for by another key: ${answered}`, {
    hint: "check the URI, and what its endpoint leads to",
  });
}

/** For what this master key did not wrap. */
export function noMatch(label: string, cause?: unknown): KeyError {
  return keyFailure(label, "not a match", "does not open this data key", cause === undefined ? {} : { cause });
}

/** The outcome for a key on its way out. */
export function pendingDeletion(until: Date | undefined): KeyOutcome {
  return `pending deletion (until ${until === undefined ? "a date that was not told" : until.toISOString().slice(0, 16).replace("T", " ")})`;
}
