// Writing that notices: a reader that went away, a disk that is full, a terminal that is slow.
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { ShellError, type OutputTarget } from "../src/index.ts";

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

function translated(error: Error, name: string): Error {
  const code = "code" in error ? error.code : undefined;
  if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED") return new ReaderGone();
  const reason = code === "ENOSPC" ? "no space left on device" : error.message;
  return new ShellError("shell/output", `cannot write to ${name}: ${reason}`, { cause: error });
}

/** Writers for what \o and \g name; opened at the first write, closed when no longer meant. */
export class Targets {
  readonly #stdout: Writer;
  readonly #childEnvironment: Record<string, string>;
  readonly #open = new Map<OutputTarget, Writer>();

  constructor(stdout: Writer, childEnvironment: Record<string, string>) {
    this.#stdout = stdout;
    this.#childEnvironment = childEnvironment;
  }

  writer(target: OutputTarget): Writer {
    if (target.kind === "stdout") return this.#stdout;
    let writer = this.#open.get(target);
    if (writer === undefined) {
      writer = target.kind === "file" ? fileWriter(target.path) : pipeWriter(target.command, this.#childEnvironment);
      this.#open.set(target, writer);
    }
    return writer;
  }

  /** Closes all but the one that results still go to. */
  async closeAllBut(kept?: OutputTarget): Promise<void> {
    for (const [target, writer] of this.#open) {
      if (target === kept) continue;
      this.#open.delete(target);
      await writer.close();
    }
  }
}

function fileWriter(path: string): Writer {
  const stream = createWriteStream(path);
  const writer = createWriter(stream, path);
  return { ...writer, close: () => writer.flush().then(() => ended(stream)) };
}

function pipeWriter(command: string, env: Record<string, string>): Writer {
  const child = spawn("/bin/sh", ["-c", command], { stdio: ["pipe", "inherit", "inherit"], env });
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const writer = createWriter(child.stdin, `| ${command}`);
  const forgiving = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (thrown) {
      // A command may stop reading when it has seen enough, as head does.
      if (!(thrown instanceof ReaderGone)) throw thrown;
    }
  };
  return {
    write: (piece) => forgiving(writer.write(piece)),
    flush: () => forgiving(writer.flush()),
    close: async () => {
      child.stdin.end();
      await exited;
    },
  };
}

function ended(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.end(() => resolve()));
}
