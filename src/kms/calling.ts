import { ShellError, type Code, type ShellErrorOptions } from "../errors.ts";
import { DeadlineError, withinDeadline } from "../std/deadline.ts";
import { networkReason } from "../std/network-reason.ts";
import { KeyError, type KeyOutcome } from "./key-error.ts";

/** Longest time for one answer, tries and tokens included: whoever has another key should get to it. */
export const DEADLINE_MS = 15_000;
/** For one connection, and for one answer. */
export const CONNECT_MS = 3000;
export const ANSWER_MS = 6000;

export interface KeyCall {
  /** Of the key service. */
  readonly label: string;
  readonly signal: AbortSignal | undefined;
  /** Instead of {@link DEADLINE_MS}. */
  readonly deadlineMs?: number | undefined;
  /** What a vendor's error means; `undefined` when it is none of the vendor's. */
  explain(thrown: unknown): KeyError | undefined | Promise<KeyError | undefined>;
}

/**
 * Asks a key service, within the deadline. Whatever a vendor's library throws comes out as a KeyError.
 * @throws KeyError; a ShellError of the credentials; the signal's reason once it is aborted.
 */
export async function callService<T>(call: KeyCall, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { label, signal, deadlineMs = DEADLINE_MS } = call;
  try {
    return await withinDeadline(deadlineMs, signal, ask);
  } catch (thrown) {
    signal?.throwIfAborted();
    if (thrown instanceof ShellError) throw thrown;
    if (thrown instanceof DeadlineError)
      throw keyFailure(label, "unreachable", `did not answer within ${deadlineMs / 1000} seconds`, { cause: thrown });
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

/** For what this master key did not wrap. */
export function noMatch(label: string, cause?: unknown): KeyError {
  return keyFailure(label, "not a match", "does not open this data key", cause === undefined ? {} : { cause });
}

/** The outcome for a key on its way out. */
export function pendingDeletion(until: Date | undefined): KeyOutcome {
  return `pending deletion (until ${until === undefined ? "a date that was not told" : until.toISOString().slice(0, 16).replace("T", " ")})`;
}
