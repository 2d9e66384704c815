import { readFile } from "node:fs/promises";
import { MessageChannel, Worker } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { ShellError } from "../../errors.ts";
import type { ByteStream } from "../../std/bytes.ts";
import { throwIfAborted } from "../postgres/errors.ts";
import { CopyFeed } from "./copy-feed.ts";
import { CONTROL, CONTROL_BYTES } from "./exchange.ts";
import type { ExchangeOutput, ExchangeRequest, WorkerReply, WorkerRequest, WorkerSettings } from "./exchange.ts";

/** How long a statement may go on after an abort before its thread is ended. Most finish by themselves. */
const ABORT_GRACE_MS = 250;
/** So much that the server's own max_stack_depth is what a deep recursion meets: an error, where ours would end the session. */
const STACK_MB = 64;
/** How long closing may wait for a running statement; the write-ahead log makes ending the thread safe. */
const CLOSE_GRACE_MS = 2000;

export interface ExchangeOptions {
  /** Data for the first COPY … FROM STDIN; a further one is told to fail. */
  readonly copySource?: ByteStream | undefined;
  readonly signal?: AbortSignal | undefined;
}

let compiled: Promise<WebAssembly.Module | undefined> | undefined;

/** The database's program, compiled once for all threads of this process; undefined leaves it to PGlite. */
function compiledDatabase(): Promise<WebAssembly.Module | undefined> {
  compiled ??= readFile(new URL("pglite.wasm", import.meta.resolve("@electric-sql/pglite")))
    .then((bytes) => WebAssembly.compile(bytes))
    .catch(() => undefined);
  return compiled;
}

/** One life of the database: a worker thread with an open directory. Exchanges must not overlap. */
export class Backend {
  readonly #worker: Worker;
  readonly #copyData: MessagePort;
  readonly #control: Int32Array;
  readonly #replies: WorkerReply[] = [];
  #wake: (() => void) | undefined;
  #death: ShellError | undefined;
  #busy = false;
  #abortedAt = Infinity;

  private constructor(settings: Omit<WorkerSettings, "control" | "copyData">) {
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    const { port1, port2 } = new MessageChannel();
    this.#control = new Int32Array(control);
    this.#copyData = port1;
    const workerData: WorkerSettings = { ...settings, control, copyData: port2 };
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), {
      workerData,
      transferList: [port2],
      resourceLimits: { stackSizeMb: STACK_MB },
    });
    this.#worker.on("message", (reply: WorkerReply) => this.#receive(reply));
    this.#worker.on("error", (cause) => this.#die("the embedded database's thread failed", cause));
    this.#worker.on("exit", () => this.#die("the embedded database's thread ended"));
  }

  /** Opens an existing cluster. Throws `engine/connect` when the server does not start in it. */
  static async start(settings: { readonly directory: string; readonly database: string }): Promise<Backend> {
    const program = await compiledDatabase();
    const backend = new Backend(program === undefined ? settings : { ...settings, program });
    const reply = await backend.#next();
    if (reply.type === "ready") return backend;
    await backend.terminate();
    const { message, log } = reply.type === "unusable" ? reply : { message: "its thread gave no answer", log: [] };
    const fatal = log.map((line) => /(?:FATAL|PANIC): +(.*)/.exec(line)?.[1]).findLast((said) => said !== undefined);
    throw new ShellError("engine/connect", `${settings.directory}: ${fatal ?? message}`, { detail: log });
  }

  /** Whether a further exchange is possible. */
  get alive(): boolean {
    return this.#death === undefined;
  }

  /**
   * Sends messages and hands on what comes back until the server waits for the next one. Leaving early lets the server
   * finish and drops the rest. An abort that the statement outlives for a moment ends the thread and throws
   * `job/interrupted`; a server that died throws `engine/lost`.
   */
  async *exchange(request: ExchangeRequest, options: ExchangeOptions = {}): AsyncGenerator<ExchangeOutput> {
    if (this.#death !== undefined) throw this.#death;
    throwIfAborted(options.signal);
    this.#busy = true;
    this.#abortedAt = Infinity;
    Atomics.store(this.#control, CONTROL.discard, 0);
    const feed = new CopyFeed(options.copySource, (input) => {
      this.#copyData.postMessage(input, []);
      Atomics.add(this.#control, CONTROL.supplied, 1);
      Atomics.notify(this.#control, CONTROL.supplied);
    });
    using _abort = this.#watch(options.signal, feed);
    try {
      this.#send(request);
      yield* this.#outputs(feed);
    } finally {
      if (this.#busy) await this.#drain(feed);
      await feed.close();
    }
    feed.throwFailure();
  }

  async *#outputs(feed: CopyFeed): AsyncGenerator<ExchangeOutput> {
    for (;;) {
      const reply = await this.#next();
      // A stream of output that is eagerly read keeps timers from running.
      if (performance.now() - this.#abortedAt > ABORT_GRACE_MS) this.#giveUp();
      if (this.#death !== undefined) throw this.#death;
      if (reply.type === "want") {
        feed.supply(reply.copy);
      } else if (reply.type === "bytes" || reply.type === "rows") {
        yield reply;
        this.#take(reply.bytes.length);
      } else {
        this.#finish(reply);
        return;
      }
    }
  }

  /** Closes the directory in order, or ends the thread when a statement does not let go of it. */
  async close(): Promise<void> {
    if (this.alive && !this.#busy) {
      this.#send({ type: "close" });
      const timer = setTimeout(() => void this.#worker.terminate(), CLOSE_GRACE_MS);
      try {
        await this.#next();
      } catch {
        // The thread was ended while closing: the next opening replays the write-ahead log.
      } finally {
        clearTimeout(timer);
      }
    }
    await this.terminate();
  }

  /** Ends the thread at once: to the directory this is a crash, from which the next opening recovers. */
  async terminate(): Promise<void> {
    this.#die("the embedded database was closed");
    await this.#worker.terminate();
    this.#copyData.close();
  }

  #send(request: WorkerRequest): void {
    this.#worker.postMessage(request, []);
  }

  #take(bytes: number): void {
    Atomics.add(this.#control, CONTROL.taken, bytes);
    Atomics.notify(this.#control, CONTROL.taken);
  }

  #discardRest(): void {
    Atomics.store(this.#control, CONTROL.discard, 1);
    Atomics.notify(this.#control, CONTROL.taken);
  }

  #watch(signal: AbortSignal | undefined, feed: CopyFeed): Disposable {
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      feed.abort();
      this.#abortedAt = performance.now();
      timer = setTimeout(() => this.#giveUp(), ABORT_GRACE_MS);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    return {
      [Symbol.dispose]: () => {
        signal?.removeEventListener("abort", onAbort);
        clearTimeout(timer);
      },
    };
  }

  #giveUp(): void {
    this.#death ??= new ShellError("job/interrupted", "interrupted", { note: RESTARTED });
    this.#replies.length = 0;
    this.#wake?.();
    void this.#worker.terminate();
  }

  /** The consumer left: lets the server run to its end without anybody listening. */
  async #drain(feed: CopyFeed): Promise<void> {
    this.#discardRest();
    feed.abort();
    while (this.#busy && this.alive) {
      const reply = await this.#next().catch(() => undefined);
      if (reply === undefined) return;
      if (reply.type === "want") feed.supply(reply.copy);
      else if (reply.type === "bytes" || reply.type === "rows") this.#take(reply.bytes.length);
      else this.#finish(reply);
    }
  }

  #finish(reply: WorkerReply): void {
    this.#busy = false;
    if (reply.type === "end") return;
    const [message, log] = reply.type === "dead" ? [reply.message, reply.log] : ["out of step", []];
    this.#death = lost(message, { detail: log });
    throw this.#death;
  }

  #receive(reply: WorkerReply): void {
    this.#replies.push(reply);
    this.#wake?.();
  }

  #die(message: string, cause?: unknown): void {
    this.#death ??= lost(message, { cause });
    this.#wake?.();
  }

  async #next(): Promise<WorkerReply> {
    for (;;) {
      const reply = this.#replies.shift();
      if (reply !== undefined) return reply;
      if (this.#death !== undefined) throw this.#death;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }
}

const RESTARTED =
  "the embedded database restarts: an open transaction, temporary tables and settings of this session are gone";

function lost(message: string, options: { readonly detail?: readonly string[]; readonly cause?: unknown }): ShellError {
  return new ShellError("engine/lost", message, { ...options, note: RESTARTED });
}
