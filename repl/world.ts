import type { Readable, Writable } from "node:stream";
import type { CancelWorld, StopSignal } from "./cancel.ts";

interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The process as the shell sees it. Tests pass another one. */
export interface World extends Pick<CancelWorld, "now" | "exit"> {
  readonly arguments: readonly string[];
  readonly stdin: Readable & TerminalStream;
  readonly stdout: Writable & TerminalStream;
  readonly stderr: Writable & TerminalStream;
  /** Calls back for every stop signal, until the returned function is called. */
  readonly onStop: (take: (signal: StopSignal) => void) => () => void;
  readonly onStatusAsked: (tell: () => void) => () => void;
  /** Takes the arguments out of the process list. */
  readonly hideArguments: () => void;
}
