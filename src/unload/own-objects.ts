import { asShellError } from "../errors.ts";
import type { ByteStream } from "../std/bytes.ts";
import type { ObjectInfo, ObjectStore, PutOptions } from "../storage/store.ts";

/** The objects one UNLOAD wrote, or may have: a put that failed can have taken effect. */
export class OwnObjects {
  readonly store: ObjectStore;
  readonly #keys = new Set<string>();

  constructor(store: ObjectStore) {
    this.store = store;
  }

  /**
   * As the store's. An object that was there before is not ours: `ifAbsent` tells, and a body that failed, which stores
   * nothing, has replaced nothing.
   */
  async put(key: string, body: ByteStream, options: PutOptions): Promise<ObjectInfo> {
    let isBodyBroken = false;
    const watched = watch(body, () => (isBodyBroken = true));
    const wasOurs = this.#keys.has(key);
    this.#keys.add(key);
    try {
      return await this.store.put(key, watched, options);
    } catch (thrown) {
      const isTheirs = isBodyBroken || asShellError(thrown).code === "storage/exists";
      if (isTheirs && !wasOurs) this.#keys.delete(key);
      throw thrown;
    }
  }

  /** Deletes them all. Gives those that could not be deleted, and why. */
  async discard(): Promise<readonly string[]> {
    const left: string[] = [];
    for (const key of this.#keys) {
      await this.store.delete(key).catch((thrown: unknown) => {
        left.push(`${key} (${asShellError(thrown).message})`);
      });
    }
    return left;
  }
}

async function* watch(body: ByteStream, failed: () => void): ByteStream {
  try {
    yield* body;
  } catch (thrown) {
    failed();
    throw thrown;
  }
}
