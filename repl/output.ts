// Writing that notices: a reader that went away, a disk that is full, a terminal that is slow.
import type { Writable } from "node:stream";
import { ShellError } from "../src/index.ts";

/** The reader of our output closed it: not an error of ours, and nothing to say. */
export class ReaderGone extends Error {
  override readonly name = "ReaderGone";
}

export interface Writer {
  /** Waits while the reader is slow. Throws ReaderGone, or `shell/output`. */
  readonly write: (piece: string | Uint8Array) => Promise<void>;
  /** Everything written has arrived. */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A line that nobody waits for. What is wrong with the stream is told to the next one who does. */
export function sayUnawaited(writer: Pick<Writer, "write">, line: string): void {
  writer.write(`${line}\n`).catch(() => undefined);
}

/** A writer onto a stream of the process, which stays open. */
export function createWriter(stream: Writable, name: string): Writer {
  let failure: Error | undefined;
  stream.on("error", (error: Error) => {
    failure ??= translated(error, name);
  });
  const settle = (piece: string | Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) {
        reject(failure);
        return;
      }
      stream.write(piece, (error) => {
        if (error === null || error === undefined) resolve();
        else reject((failure ??= translated(error, name)));
      });
    });
  return {
    write: async (piece) => {
      if (piece.length > 0) await settle(piece);
    },
    flush: () => settle(""),
    close: () => settle(""),
  };
}

/** ECANCELED: a program ended while something was on its way to it. */
const GONE = new Set(["EPIPE", "ECANCELED", "ERR_STREAM_DESTROYED"]);

function translated(error: Error, name: string): Error {
  const code = "code" in error ? error.code : undefined;
  if (GONE.has(String(code))) return new ReaderGone();
  const reason = REASONS[String(code)] ?? error.message;
  return new ShellError("shell/output", `cannot write to ${name}: ${reason}`, { cause: error });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on device",
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EISDIR: "it is a directory",
  ENOTDIR: "it is not a directory",
};
