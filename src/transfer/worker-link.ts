import { parentPort, type MessagePort } from "node:worker_threads";
import { ShellError } from "../errors.ts";
import { errorOf, movable, plainOf, type FromWorker, type ToWorker } from "./messages.ts";

/** Items a worker may have sent that are not dealt with: this bounds what the main thread holds for it. */
const CREDITS = 3;

/** A worker thread's side of a crew. */
export class WorkerLink<Task, Item> {
  readonly #port: MessagePort;
  readonly #abort = new AbortController();
  readonly #fetches = new Map<number, PromiseWithResolvers<Uint8Array>>();
  #requests = 0;
  #credits = CREDITS;
  #credited: (() => void) | undefined;
  #task: PromiseWithResolvers<Task | undefined> | undefined;

  constructor() {
    if (parentPort === null) throw new ShellError("bug/invariant", "a worker's file was loaded on the main thread");
    this.#port = parentPort;
    this.#port.on("message", (message: ToWorker<Task>) => this.#receive(message));
  }

  /** Aborted when the main thread gives up. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Tasks as the main thread hands them out, one at a time. */
  async *tasks(): AsyncGenerator<Task> {
    while (!this.signal.aborted) {
      this.#task = Promise.withResolvers();
      this.#post({ type: "ready" });
      const task = await this.#task.promise;
      if (task === undefined) return;
      yield task;
    }
  }

  /** Sends an item, moving the memory of `bytes`, when there is credit for it. */
  async send(item: Item, ...bytes: readonly (Uint8Array | undefined)[]): Promise<void> {
    while (this.#credits === 0 && !this.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#credited = resolve;
      });
    }
    this.#credits -= 1;
    this.#post({ type: "item", item }, bytes.flatMap(movable));
  }

  /** A stored segment's bytes, from the main thread. */
  fetch(id: string): Promise<Uint8Array> {
    const request = (this.#requests += 1);
    const answer = Promise.withResolvers<Uint8Array>();
    this.#fetches.set(request, answer);
    this.#post({ type: "fetch", request, id });
    return answer.promise;
  }

  /** Does the work; its failure is the main thread's to throw. The thread ends after it. */
  async run(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#post({ type: "done" });
    } catch (thrown) {
      this.#post({ type: "failed", error: plainOf(thrown) });
    } finally {
      this.#port.close();
    }
  }

  #post(message: FromWorker<Item>, move: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, move);
  }

  #receive(message: ToWorker<Task>): void {
    switch (message.type) {
      case "task":
        this.#task?.resolve(message.task);
        break;
      case "end":
        this.#task?.resolve(undefined);
        break;
      case "credit":
        this.#credits += 1;
        this.#credited?.();
        break;
      case "fetched":
        this.#fetches.get(message.request)?.resolve(message.bytes);
        this.#fetches.delete(message.request);
        break;
      case "unfetched":
        this.#fetches.get(message.request)?.reject(errorOf(message.error));
        this.#fetches.delete(message.request);
        break;
      case "abort":
        this.#abort.abort();
        this.#task?.resolve(undefined);
        this.#credited?.();
        for (const fetch of this.#fetches.values()) fetch.reject(new ShellError("job/interrupted", "interrupted"));
        break;
    }
  }
}
