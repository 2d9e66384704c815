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

  /** As the store's. An object that was there before, which `ifAbsent` tells, is not ours. */
  async put(key: string, body: ByteStream, options: PutOptions): Promise<ObjectInfo> {
    this.#keys.add(key);
    try {
      return await this.store.put(key, body, options);
    } catch (thrown) {
      if (asShellError(thrown).code === "storage/exists") this.#keys.delete(key);
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
