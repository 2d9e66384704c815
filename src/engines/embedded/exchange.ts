/**
 * What the main thread and the worker thread that owns the database say to each other.
 *
 * One exchange at a time: the main thread sends frontend messages, the worker answers with backend bytes until the
 * server waits for the next message. While a statement runs the worker's event loop stands still, so all that it must
 * hear then goes another way: counters in shared memory for back-pressure, and a port that is read without events for
 * COPY data.
 */
import type { MessagePort } from "node:worker_threads";
import type { RowFormat } from "../../formats/rows.ts";

/** Words of the shared memory. */
export const CONTROL = {
  /** Bytes of output that the main thread has taken, wrapping at 2^32. */
  taken: 0,
  /** Messages put into the COPY data port so far. */
  supplied: 1,
  /** Not 0: nobody wants the rest of this exchange's output. */
  discard: 2,
} as const;

export const CONTROL_BYTES = 3 * Int32Array.BYTES_PER_ELEMENT;

/** Output under way that the main thread has not taken yet. The worker stands still beyond it. */
export const WINDOW_BYTES = 8 * 1024 * 1024;

export interface WorkerSettings {
  readonly directory: string;
  readonly database: string;
  /** PGlite compiles its own when absent. */
  readonly program?: WebAssembly.Module;
  readonly control: SharedArrayBuffer;
  readonly copyData: MessagePort;
}

export interface ExchangeRequest {
  readonly type: "exchange";
  readonly message: Uint8Array;
  /** Set: COPY data comes back as blocks of rows, all else as bytes. */
  readonly rowFormat?: RowFormat;
}

export type WorkerRequest = ExchangeRequest | { readonly type: "close" };

/** Answers to `want`. `copy` tells which COPY of the exchange they are for. */
export type CopyInput =
  | { readonly type: "data"; readonly copy: number; readonly bytes: Uint8Array }
  | { readonly type: "end"; readonly copy: number }
  | { readonly type: "fail"; readonly copy: number; readonly reason: string };

export type ExchangeOutput =
  | { readonly type: "bytes"; readonly bytes: Uint8Array }
  | { readonly type: "rows"; readonly bytes: Uint8Array; readonly ends: Uint32Array; readonly rows: number };

export type WorkerReply =
  | ExchangeOutput
  | { readonly type: "ready" }
  /** The database did not open. `log` is what the server wrote to its log. */
  | { readonly type: "unusable"; readonly message: string; readonly log: readonly string[] }
  | { readonly type: "want"; readonly copy: number }
  | { readonly type: "end" }
  /** The server process is gone: no further exchange is possible. */
  | { readonly type: "dead"; readonly message: string; readonly log: readonly string[] }
  | { readonly type: "closed" };
