import { asShellError, type ShellError } from "../errors.ts";
import { outcomeOf, type KeyOutcome } from "../kms/key-error.ts";
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
