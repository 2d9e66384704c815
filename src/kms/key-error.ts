import { ShellError, type Code, type ShellErrorOptions } from "../errors.ts";

/** How a master key answered; the whole vocabulary of the tables that errors and notices show. */
export type KeyOutcome =
  | "ok"
  | "not a match"
  | "denied"
  | "disabled"
  | `pending deletion (until ${string})`
  | "not found"
  | "unreachable"
  | "throttled"
  | "bad credentials"
  | "invalid uri";

/** A failure of a key service that knows more than its code says. */
export class KeyError extends ShellError {
  readonly outcome: KeyOutcome;

  constructor(code: Code, outcome: KeyOutcome, message: string, options: ShellErrorOptions = {}) {
    super(code, message, options);
    this.outcome = outcome;
  }
}

const OUTCOMES: Partial<Record<Code, KeyOutcome>> = {
  "key/mismatch": "not a match",
  "integrity/tampered": "not a match",
  "key/denied": "denied",
  "location/credentials": "bad credentials",
  "location/invalid": "invalid uri",
  "engine/unsupported": "invalid uri",
};

/** The word for any failure of a key service. */
export function outcomeOf(error: ShellError): KeyOutcome {
  return error instanceof KeyError ? error.outcome : (OUTCOMES[error.code] ?? "unreachable");
}
