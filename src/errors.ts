import { scrubSecrets } from "./std/secret.ts";
import type { Span } from "../grammar/index.ts";

interface CodeFacts {
  /** SQLSTATE that SQL clients know. */
  readonly sqlState: string;
  /** Exit status of a script that this error ends. */
  readonly exit: number;
  /** Whether the same call may succeed later without a change. */
  readonly retryable?: true;
}

/** The closed table of error codes. Each has a section in docs/errors.md and a test that raises it. */
export const CODES = {
  "syntax/unexpected": { sqlState: "42601", exit: 3 },
  "syntax/unterminated": { sqlState: "42601", exit: 3 },
  "option/unknown": { sqlState: "22023", exit: 3 },
  "option/conflict": { sqlState: "22023", exit: 3 },
  "option/value": { sqlState: "22023", exit: 3 },
  "option/missing": { sqlState: "22023", exit: 3 },
  "location/invalid": { sqlState: "22023", exit: 3 },
  "location/credentials": { sqlState: "22023", exit: 11 },
  "storage/not-found": { sqlState: "58P01", exit: 10 },
  "storage/unavailable": { sqlState: "58030", exit: 10, retryable: true },
  "storage/denied": { sqlState: "42501", exit: 11 },
  "storage/exists": { sqlState: "58030", exit: 3 },
  "storage/full": { sqlState: "53100", exit: 3 },
  "key/required": { sqlState: "28000", exit: 12 },
  "key/not-encrypted": { sqlState: "28000", exit: 12 },
  "key/passphrase": { sqlState: "28P01", exit: 12 },
  "key/mismatch": { sqlState: "28000", exit: 12 },
  "key/denied": { sqlState: "42501", exit: 12 },
  "key/unavailable": { sqlState: "58030", exit: 12, retryable: true },
  "key/exists": { sqlState: "42710", exit: 3 },
  "integrity/tampered": { sqlState: "XX001", exit: 13 },
  "integrity/truncated": { sqlState: "XX001", exit: 13 },
  "integrity/checksum": { sqlState: "XX001", exit: 13 },
  "integrity/missing": { sqlState: "XX001", exit: 13 },
  "integrity/rows": { sqlState: "XX001", exit: 13 },
  "connection/exists": { sqlState: "42710", exit: 3 },
  "connection/not-found": { sqlState: "42704", exit: 3 },
  "backup/not-found": { sqlState: "58P01", exit: 10 },
  "backup/exists": { sqlState: "42710", exit: 3 },
  "backup/locked": { sqlState: "55006", exit: 14 },
  "backup/version": { sqlState: "0A000", exit: 3 },
  "backup/target": { sqlState: "42P01", exit: 3 },
  "load/table": { sqlState: "42P01", exit: 3 },
  "load/file": { sqlState: "22P04", exit: 3 },
  "load/rows": { sqlState: "22P04", exit: 3 },
  "restore/conflict": { sqlState: "42710", exit: 3 },
  "restore/dependency": { sqlState: "2BP01", exit: 3 },
  "engine/connect": { sqlState: "08001", exit: 2 },
  "engine/lost": { sqlState: "08006", exit: 2 },
  "engine/locked": { sqlState: "55006", exit: 2 },
  "engine/failed": { sqlState: "XX000", exit: 3 },
  "engine/unsupported": { sqlState: "0A000", exit: 3 },
  "engine/retired": { sqlState: "0A000", exit: 3 },
  "statement/transaction": { sqlState: "25001", exit: 3 },
  "statement/read-only": { sqlState: "25006", exit: 3 },
  "statement/unconfirmed": { sqlState: "57014", exit: 3 },
  "job/interrupted": { sqlState: "57014", exit: 130 },
  "shell/usage": { sqlState: "22023", exit: 1 },
  "shell/file": { sqlState: "58P01", exit: 1 },
  "shell/output": { sqlState: "58030", exit: 1 },
  "shell/variable": { sqlState: "42704", exit: 3 },
  "shell/command": { sqlState: "42601", exit: 3 },
  "bug/invariant": { sqlState: "XX000", exit: 1 },
} as const satisfies Record<string, CodeFacts>;

export type Code = keyof typeof CODES;

export interface ShellErrorOptions {
  /** Facts the user can check, one a line. */
  readonly detail?: readonly string[];
  /** The one next step. */
  readonly hint?: string;
  /** What state things are in: "nothing was written". */
  readonly note?: string;
  /** Where in the statement's source text. */
  readonly span?: Span;
  readonly cause?: unknown;
  /** The server's own SQLSTATE, when the server spoke. */
  readonly sqlState?: string;
  /** The engine's own severity word, when the server spoke: ERROR, FATAL, PANIC. */
  readonly severity?: string;
}

/**
 * The one error of the house. It speaks to three readers: `code` for a script, `message`, `detail`, `hint` and
 * `note` for the person, `cause` for the developer. The message is lower case, without a full stop, the thing
 * before the reason; URIs only as labels.
 */
export class ShellError extends Error {
  override readonly name = "ShellError";
  readonly code: Code;
  readonly detail: readonly string[];
  readonly hint: string | undefined;
  readonly note: string | undefined;
  readonly span: Span | undefined;
  readonly sqlState: string;
  readonly severity: string | undefined;

  constructor(code: Code, message: string, options: ShellErrorOptions = {}) {
    super(scrubSecrets(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = (options.detail ?? []).map(scrubSecrets);
    this.hint = options.hint === undefined ? undefined : scrubSecrets(options.hint);
    this.note = options.note;
    this.span = options.span;
    this.sqlState = options.sqlState ?? CODES[code].sqlState;
    this.severity = options.severity;
  }

  /** Exit status of a script that this error ends. */
  get exitStatus(): number {
    return CODES[this.code].exit;
  }

  get retryable(): boolean {
    return "retryable" in CODES[this.code];
  }

  /** The same error with more said: what is not given is kept. */
  with(more: ShellErrorOptions): ShellError {
    return new ShellError(this.code, this.message, {
      detail: more.detail ?? this.detail,
      ...definedOnly({
        hint: more.hint ?? this.hint,
        note: more.note ?? this.note,
        span: more.span ?? this.span,
        severity: more.severity ?? this.severity,
      }),
      sqlState: more.sqlState ?? this.sqlState,
      cause: more.cause ?? this.cause,
    });
  }
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function definedOnly<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** Any thrown thing as a ShellError; what is not one already becomes `bug/invariant` and keeps its cause. */
export function asShellError(thrown: unknown): ShellError {
  if (thrown instanceof ShellError) return thrown;
  if (thrown instanceof Error && thrown.name === "AbortError") {
    return new ShellError("job/interrupted", "interrupted", { cause: thrown });
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ShellError("bug/invariant", `unexpected failure: ${message}`, {
    hint: "this is a fault in Sealift; run again with SEALIFT_DEBUG=1 to see where it happened",
    cause: thrown,
  });
}

/** For the end of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new ShellError("bug/invariant", `no case for ${JSON.stringify(value)}`);
}
