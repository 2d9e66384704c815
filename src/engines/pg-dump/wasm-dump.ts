import { once } from "node:events";
import { MessageChannel, Worker } from "node:worker_threads";
import { ShellError } from "../../errors.ts";
import { FrontendFramer, type Frame } from "./frontend-framer.ts";
import { createStartupAnswer, ENCRYPTION_REFUSED } from "./startup.ts";
import type { DumpTransport } from "./transport.ts";
import type { PgDumpReport, PgDumpWork } from "./wasm-worker.ts";

/** How a run of pg_dump ended. `file` is empty unless `status` is 0. */
export interface PgDumpRun {
  readonly status: number;
  readonly file: Uint8Array;
  readonly stderr: string;
  /** The connection ended before the program did: whatever it says is a consequence. */
  readonly lost: boolean;
}

type Exit = Omit<PgDumpRun, "lost">;

/** The bytes on their way to the worker. The port does not keep the process alive: the worker does. */
class AnswerSender {
  readonly #channel = new MessageChannel();
  readonly #posted = new Int32Array(new SharedArrayBuffer(4));

  workerData(args: readonly string[]): { workerData: PgDumpWork; transferList: MessageChannel["port2"][] } {
    const { port2 } = this.#channel;
    return { workerData: { args, answers: port2, posted: this.#posted }, transferList: [port2] };
  }

  post(bytes: Uint8Array | null): void {
    // A copy of exactly these bytes: cloning a view clones the whole buffer below it.
    const copy = bytes === null ? null : Uint8Array.from(bytes);
    this.#channel.port1.postMessage(copy, copy === null ? [] : [copy.buffer]);
    Atomics.add(this.#posted, 0, 1);
    Atomics.notify(this.#posted, 0);
  }

  close(): void {
    this.#channel.port1.close();
  }
}

function obey(frame: Frame, transport: DumpTransport, answers: AnswerSender): void {
  switch (frame.kind) {
    case "encryption-request":
      answers.post(ENCRYPTION_REFUSED);
      return;
    case "startup":
      answers.post(createStartupAnswer(transport.parameters));
      return;
    case "messages":
      transport.send(frame.bytes);
      return;
    case "terminate":
      // The session's owner decides what becomes of it.
      return;
  }
}

function brokenWorker(reason: string): ShellError {
  return new ShellError("bug/invariant", `the built-in pg_dump did not start: ${reason}`, {
    hint: "give the path of an installed pg_dump with --pg-dump=PATH",
  });
}

function waitForExit(worker: Worker, transport: DumpTransport, answers: AnswerSender): Promise<Exit> {
  const framer = new FrontendFramer();
  const { promise, resolve, reject } = Promise.withResolvers<Exit>();
  worker.on("message", (report: PgDumpReport) => {
    if (report.type === "exit") resolve(report);
    else if (report.type === "broken") reject(brokenWorker(report.reason));
    else for (const frame of framer.push(report.bytes)) obey(frame, transport, answers);
  });
  worker.on("error", (cause) => {
    reject(brokenWorker(cause instanceof Error ? cause.message : String(cause)));
  });
  worker.on("exit", () => {
    reject(new ShellError("job/interrupted", "reading the schema was interrupted"));
  });
  return promise;
}

/**
 * Runs the built-in pg_dump (18) over an authenticated session. `args` are pg_dump's own without `-f`; the output
 * file comes back as bytes. Throws `job/interrupted` on abort. The transport stays open: its owner closes it.
 */
export async function runWasmPgDump(
  transport: DumpTransport,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<PgDumpRun> {
  signal?.throwIfAborted();
  const answers = new AnswerSender();
  let lost = false;
  const end = (): void => {
    lost = true;
    answers.post(null);
  };
  transport.listen({ data: (bytes) => answers.post(bytes), end });
  const worker = new Worker(new URL("wasm-worker.js", import.meta.url), {
    // libpq refuses to connect without a user name, whose ever it is: the session has its own already.
    ...answers.workerData([...args, "--username=postgres"]),
    // The process's own arguments and variables are nothing to pg_dump: PGHOST and its kin would steer libpq.
    argv: [],
    env: {},
    execArgv: [],
  });
  const stop = (): void => void worker.terminate();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return { ...(await waitForExit(worker, transport, answers)), lost };
  } finally {
    signal?.removeEventListener("abort", stop);
    if (worker.threadId !== -1) {
      const ended = once(worker, "exit");
      stop();
      await ended;
    }
    answers.close();
  }
}
