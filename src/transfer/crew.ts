import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { ShellError } from "../errors.ts";
import { errorOf, movable, plainOf, type FromWorker, type ToWorker } from "./messages.ts";

/** How long workers may take to stop their statements before they are ended from outside. */
const STOP_MS = 5000;

/** Rows live outside of the heap: what is left are small objects, which need no 16 MiB to die in. */
const YOUNG_MIB = 4;

export interface CrewOptions {
  /** Basename of the worker's file in this folder, without extension. */
  readonly entry: string;
  /** Sent to every worker at its start. */
  readonly workerData: unknown;
  readonly size: number;
  readonly signal?: AbortSignal;
  /** Answers the workers' wishes for stored segments, in arrays that are then theirs. */
  readonly fetch?: (id: string) => Promise<Uint8Array>;
}

/** Worker threads that share a queue of tasks. Whatever goes wrong in one stops all. */
export class Crew<Task, Item> implements AsyncDisposable {
  readonly #options: CrewOptions;
  readonly #tasks: Task[];
  readonly #workers = new Map<Worker, Promise<void>>();
  readonly #items: { readonly item: Item; readonly worker: Worker }[] = [];
  readonly #onAbort = (): void => this.#fail(new ShellError("job/interrupted", "interrupted"));
  /** Workers that have not said that their work is done. */
  readonly #busy = new Set<Worker>();
  #failure: ShellError | undefined;
  #wake: (() => void) | undefined;

  /** Starts the workers. Tasks are handed out from the first to the last. */
  constructor(tasks: readonly Task[], options: CrewOptions) {
    this.#tasks = [...tasks];
    this.#options = options;
    if (!Number.isInteger(options.size) || options.size < 1) {
      throw new ShellError("bug/invariant", `a crew of ${String(options.size)} workers does no work`);
    }
    for (let count = 0; count < Math.min(options.size, tasks.length); count += 1) this.#start();
    options.signal?.addEventListener("abort", this.#onAbort);
    if (options.signal?.aborted === true) this.#onAbort();
  }

  /** What the workers send, as it comes. An item's worker may send another when the next one is asked for. */
  async *items(): AsyncGenerator<Item> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const next = this.#items.shift();
      if (next !== undefined) {
        yield next.item;
        post(next.worker, { type: "credit" });
      } else if (this.#busy.size === 0) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  /** Stops what still runs and waits for the threads to end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    for (const worker of this.#workers.keys()) post(worker, { type: "abort" });
    const timer = setTimeout(() => {
      for (const worker of this.#workers.keys()) void worker.terminate();
    }, STOP_MS);
    await Promise.all(this.#workers.values());
    clearTimeout(timer);
  }

  #start(): void {
    const { entry, workerData } = this.#options;
    // The extension is this file's own: the sources' or the compiled one's.
    const worker = new Worker(new URL(`./${entry}${extname(import.meta.url)}`, import.meta.url), {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    const ended = Promise.withResolvers<void>();
    this.#workers.set(worker, ended.promise);
    this.#busy.add(worker);
    worker.on("message", (message: FromWorker<Item>) => this.#receive(worker, message));
    worker.on("error", (cause) => this.#fail(errorOf(plainOf(cause))));
    worker.on("exit", () => {
      this.#workers.delete(worker);
      ended.resolve();
      if (this.#busy.has(worker)) this.#fail(new ShellError("bug/invariant", "a worker thread ended before its work"));
    });
  }

  #receive(worker: Worker, message: FromWorker<Item>): void {
    switch (message.type) {
      case "ready": {
        const task = this.#tasks.shift();
        post(worker, task === undefined ? { type: "end" } : { type: "task", task });
        break;
      }
      case "item":
        this.#items.push({ item: message.item, worker });
        this.#wakeUp();
        break;
      case "fetch":
        void this.#answer(worker, message.request, message.id);
        break;
      case "failed":
        this.#fail(errorOf(message.error));
        break;
      case "done":
        this.#busy.delete(worker);
        this.#wakeUp();
        break;
    }
  }

  async #answer(worker: Worker, request: number, id: string): Promise<void> {
    try {
      const bytes = (await this.#options.fetch?.(id)) ?? new Uint8Array(0);
      worker.postMessage({ type: "fetched", request, bytes } satisfies ToWorker<Task>, movable(bytes));
    } catch (thrown) {
      post(worker, { type: "unfetched", request, error: plainOf(thrown) });
    }
  }

  #fail(failure: ShellError): void {
    this.#failure ??= failure;
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function post<Task>(worker: Worker, message: ToWorker<Task>): void {
  worker.postMessage(message, []);
}
