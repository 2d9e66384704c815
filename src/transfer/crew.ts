import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { asShellError, ShellError } from "../errors.ts";
import { errorOf, movable, plainOf, type FromWorker, type ToWorker } from "./messages.ts";

/** How long workers may take to stop their statements before they are ended from outside. */
const STOP_MS = 5000;

/** Rows live outside of the heap: what is left are small objects, which need no 16 MiB to die in. */
const YOUNG_MIB = 4;

export interface CrewOptions<Task> {
  /** The worker's file: see {@link workerFile}. */
  readonly entry: URL;
  /** Sent to every worker at its start. */
  readonly workerData: unknown;
  readonly size: number;
  readonly signal?: AbortSignal;
  /** Items of a task come before those of the next one; without it they come when they are ready. */
  readonly ordered?: boolean;
  /** Arrays whose memory goes along with a task instead of being copied. */
  readonly moved?: (task: Task) => readonly Uint8Array[];
  /** Answers the workers' wishes for stored segments, in arrays that are then theirs. */
  readonly fetch?: (id: string) => Promise<Uint8Array>;
}

/** The file of this name in the folder of the module at `url`. Its extension is the module's own: .ts or .js. */
export function workerFile(name: string, url: string): URL {
  return new URL(`./${name}${extname(url)}`, url);
}

interface Sent<Item> {
  readonly item: Item;
  readonly worker: Worker;
  /** Number of the task that the item is of, from 0. */
  readonly task: number;
}

/** Worker threads that share a queue of tasks. Whatever goes wrong in one stops all. */
export class Crew<Task, Item> implements AsyncDisposable {
  readonly #options: CrewOptions<Task>;
  readonly #tasks: Iterator<Task> | AsyncIterator<Task>;
  readonly #workers = new Map<Worker, Promise<void>>();
  readonly #items: Sent<Item>[] = [];
  /** The task that each worker has. */
  readonly #at = new Map<Worker, number>();
  readonly #ended = new Set<number>();
  #handed = 0;
  /** The task whose items are given, where they come in order. */
  #turn = 0;
  readonly #onAbort = (): void => this.#fail(new ShellError("job/interrupted", "interrupted"));
  /** Workers that have not said that their work is done. */
  readonly #busy = new Set<Worker>();
  #failure: ShellError | undefined;
  #wake: (() => void) | undefined;

  /**
   * Starts the workers. Tasks are handed out from the first to the last, and asked for when a worker is free; what their
   * source throws is thrown by {@link items}.
   */
  constructor(tasks: readonly Task[] | AsyncIterable<Task>, options: CrewOptions<Task>) {
    this.#tasks = Array.isArray(tasks) ? tasks.values() : (tasks as AsyncIterable<Task>)[Symbol.asyncIterator]();
    this.#options = options;
    if (!Number.isInteger(options.size) || options.size < 1) {
      throw new ShellError("bug/invariant", `a crew of ${String(options.size)} workers does no work`);
    }
    const size = Array.isArray(tasks) ? Math.min(options.size, tasks.length) : options.size;
    for (let count = 0; count < size; count += 1) this.#start();
    options.signal?.addEventListener("abort", this.#onAbort);
    if (options.signal?.aborted === true) this.#onAbort();
  }

  /** What the workers send, as it comes. An item's worker may send another when the next one is asked for. */
  async *items(): AsyncGenerator<Item> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const next = this.#next();
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

  #next(): Sent<Item> | undefined {
    if (this.#options.ordered !== true) return this.#items.shift();
    for (;;) {
      const at = this.#items.findIndex(({ task }) => task === this.#turn);
      if (at >= 0) return this.#items.splice(at, 1)[0];
      if (!this.#ended.delete(this.#turn)) return undefined;
      this.#turn += 1;
    }
  }

  /** Stops what still runs and waits for the threads, and for the source of the tasks, to end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    for (const worker of this.#workers.keys()) post(worker, { type: "abort" });
    const timer = setTimeout(() => {
      for (const worker of this.#workers.keys()) void worker.terminate();
    }, STOP_MS);
    await Promise.all(this.#workers.values());
    clearTimeout(timer);
    await this.#tasks.return?.();
  }

  #start(): void {
    const { entry, workerData } = this.#options;
    const worker = new Worker(entry, {
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
      case "ready":
        void this.#hand(worker);
        break;
      case "item":
        this.#items.push({ item: message.item, worker, task: this.#at.get(worker) ?? 0 });
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

  /** The worker is done with the task it had: it gets the next one. */
  async #hand(worker: Worker): Promise<void> {
    this.#endTask(worker);
    const task = this.#handed;
    this.#handed += 1;
    this.#at.set(worker, task);
    try {
      const next = await this.#tasks.next();
      if (next.done !== true) {
        const moved = this.#options.moved?.(next.value) ?? [];
        worker.postMessage({ type: "task", task: next.value } satisfies ToWorker<Task>, moved.flatMap(movable));
        return;
      }
      this.#endTask(worker);
      post(worker, { type: "end" });
    } catch (thrown) {
      this.#fail(asShellError(thrown));
      post(worker, { type: "end" });
    }
  }

  #endTask(worker: Worker): void {
    const task = this.#at.get(worker);
    if (task === undefined || this.#options.ordered !== true) return;
    this.#ended.add(task);
    this.#wakeUp();
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
