import type { ByteStream } from "../../src/std/bytes.ts";
import type { GetOptions, ObjectInfo, ObjectStore, PutOptions, StoreCapabilities } from "../../src/storage/store.ts";

export interface Fault {
  /** Which call fails, from 1; puts, gets, heads, lists and deletes count alike. */
  readonly atOperation: number;
  /** `before`: without effect. `midway`: a put's source is read halfway, then it breaks. `after`: it took effect, but the answer is lost. */
  readonly when: "before" | "midway" | "after";
  readonly error: Error;
  /** Every later call fails too, as if the process had been killed there. */
  readonly stays?: boolean;
}

/** A store that fails on purpose. Without a fault it counts, so that a test can fail every operation in turn. */
export class FaultyStore implements ObjectStore {
  readonly label: string;
  readonly capabilities: StoreCapabilities;
  /** What was asked so far: "put a/b", "list a/". */
  readonly operations: string[] = [];
  readonly #store: ObjectStore;
  readonly #fault: Fault | undefined;

  constructor(store: ObjectStore, fault?: Fault) {
    this.label = store.label;
    this.capabilities = store.capabilities;
    this.#store = store;
    this.#fault = fault;
  }

  put(key: string, body: ByteStream, options?: PutOptions): Promise<ObjectInfo> {
    return this.#guard(`put ${key}`, (breaks) =>
      this.#store.put(key, breaks === undefined ? body : halfOf(body, breaks), options),
    );
  }

  get(key: string, options?: GetOptions): Promise<ByteStream> {
    return this.#guard(`get ${key}`, async (breaks) => {
      const body = await this.#store.get(key, options);
      return breaks === undefined ? body : halfOf(body, breaks);
    });
  }

  head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    return this.#guard(`head ${key}`, () => this.#store.head(key, signal));
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo> {
    yield* await this.#guard(`list ${prefix}`, async () => this.#store.list(prefix, signal));
  }

  async *folder(prefix: string, signal?: AbortSignal): AsyncIterable<string> {
    yield* await this.#guard(`folder ${prefix}`, async () => this.#store.folder(prefix, signal));
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    await this.#guard(`delete ${key}`, () => this.#store.delete(key, signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }

  async #guard<T>(operation: string, work: (breaks: Error | undefined) => Promise<T>): Promise<T> {
    this.operations.push(operation);
    const fault = this.#fault;
    const number = this.operations.length;
    if (fault === undefined || number < fault.atOperation) return work(undefined);
    if (number > fault.atOperation && fault.stays !== true) return work(undefined);
    if (number > fault.atOperation || fault.when === "before") throw fault.error;
    const moves = operation.startsWith("put ") || operation.startsWith("get ");
    if (fault.when === "midway" && moves) return work(fault.error);
    await work(undefined);
    throw fault.error;
  }
}

/** The first half of each of the stream's first two pieces, and then the error. */
async function* halfOf(body: ByteStream, error: Error): ByteStream {
  let pieces = 0;
  for await (const piece of body) {
    yield piece.subarray(0, Math.floor(piece.length / 2));
    pieces += 1;
    if (pieces === 2) break;
  }
  throw error;
}
