import type { Readable, Writable } from "node:stream";
import type { CancelWorld, StopSignal } from "./cancel.ts";

interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** Of a terminal that is read: keys come as they are pressed, and are not echoed. */
  readonly setRawMode?: (isRaw: boolean) => unknown;
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
  /** Stops this process and its group until the shell that started it lets them go on. */
  readonly suspend: () => void;
  /** Takes the arguments out of the process list. */
  readonly hideArguments: () => void;
}
