// What the main thread and its worker threads say to each other. Everything is structured-cloneable; stored bytes are
// moved, not copied.
import { asShellError, ShellError, type Code } from "../errors.ts";

/** An error that survives structured clone, which keeps only the message of other classes than the built-in. */
export interface PlainError {
  readonly code: Code;
  readonly message: string;
  readonly detail: readonly string[];
  readonly hint?: string;
  readonly note?: string;
  readonly severity?: string;
  readonly sqlState: string;
  /** The stack of the worker's own error, for the developer. */
  readonly stack: string;
}

export function plainOf(thrown: unknown): PlainError {
  const { code, message, detail, hint, note, severity, sqlState, stack, cause } = asShellError(thrown);
  return {
    code,
    message,
    detail,
    sqlState,
    stack: [stack, cause instanceof Error ? `caused by: ${cause.stack}` : ""].join("\n"),
    ...(hint === undefined ? {} : { hint }),
    ...(note === undefined ? {} : { note }),
    ...(severity === undefined ? {} : { severity }),
  };
}

export function errorOf({ code, message, stack, ...options }: PlainError): ShellError {
  return new ShellError(code, message, { ...options, cause: new Error(stack) });
}

export type ToWorker<Task> =
  | { readonly type: "task"; readonly task: Task }
  /** No task is left. */
  | { readonly type: "end" }
  /** One of the items sent has been dealt with. */
  | { readonly type: "credit" }
  | { readonly type: "fetched"; readonly request: number; readonly bytes: Uint8Array }
  | { readonly type: "unfetched"; readonly request: number; readonly error: PlainError }
  | { readonly type: "abort" };

export type FromWorker<Item> =
  /** Wants a task. */
  | { readonly type: "ready" }
  | { readonly type: "item"; readonly item: Item }
  /** Wants a stored segment's bytes. */
  | { readonly type: "fetch"; readonly request: number; readonly id: string }
  | { readonly type: "failed"; readonly error: PlainError }
  /** The work is done; the thread ends. */
  | { readonly type: "done" };

/**
 * The buffers to move along with bytes, of which the array may be a part; none when others share them, as Node's pool of
 * small buffers is shared: those are copied.
 */
export function movable(bytes: Uint8Array | undefined): ArrayBuffer[] {
  if (bytes === undefined || !(bytes.buffer instanceof ArrayBuffer)) return [];
  const isOwn = bytes.byteLength === bytes.buffer.byteLength || bytes.buffer.byteLength > Buffer.poolSize;
  return isOwn ? [bytes.buffer] : [];
}
