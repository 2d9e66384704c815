import { asShellError, type ShellError } from "../errors.ts";
import { KeyError, outcomeOf, type KeyOutcome } from "../kms/key-error.ts";
import type { KeyManagementService } from "../kms/kms.ts";

/** How one of the given master keys answered. */
export interface KeyAttempt {
  /** Position in the statement, from 1. */
  readonly position: number;
  readonly label: string;
  readonly outcome: KeyOutcome;
  /** Empty for `ok`. */
  readonly reason: string;
  readonly error?: ShellError;
}

export function okAttempt(position: number, service: KeyManagementService): KeyAttempt {
  return { position, label: service.label, outcome: "ok", reason: "" };
}

export function failedAttempt(position: number, service: KeyManagementService, thrown: unknown): KeyAttempt {
  const error = asShellError(thrown);
  const { label } = service;
  // The table says the label already.
  const said = error.message.startsWith(`${label} `) ? error.message.slice(label.length + 1) : error.message;
  return { position, label, outcome: outcomeOf(error), reason: [said, ...error.detail].join("; "), error };
}

/** @param when what the time is counted from, if not from the question. */
export function unanswered(service: KeyManagementService, ms: number, when = ""): KeyError {
  const said = `${service.label} did not answer within ${ms / 1000} seconds ${when}`.trimEnd();
  return new KeyError("key/unavailable", "unreachable", said);
}

/** The attempts that failed, for whoever looks behind an error: one as it is, several together in their order. */
export function causeOf(attempts: readonly KeyAttempt[]): Error | undefined {
  const errors = attempts.map(({ error }) => error).filter((error) => error !== undefined);
  return errors.length < 2 ? errors[0] : new AggregateError(errors, `${errors.length} master keys failed`);
}

/** The attempts as lines of aligned columns: position, label, outcome, reason. */
export function printAttempts(attempts: readonly KeyAttempt[]): readonly string[] {
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(({ length }) => length));
  const positionWidth = widest(attempts.map(({ position }) => String(position)));
  const labelWidth = widest(attempts.map(({ label }) => label));
  const outcomeWidth = widest(attempts.map(({ outcome }) => outcome));
  return attempts.map(({ position, label, outcome, reason }) => {
    const cells = [
      String(position).padStart(positionWidth),
      label.padEnd(labelWidth),
      outcome.padEnd(outcomeWidth),
      reason,
    ];
    return cells.join("  ").trimEnd();
  });
}
