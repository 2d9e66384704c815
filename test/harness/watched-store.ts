import type { ByteStream } from "../../src/std/bytes.ts";
import type { ObjectInfo, ObjectStore, PutOptions } from "../../src/storage/store.ts";
import { FaultyStore } from "./faulty-store.ts";

/** A store that lets a test step in before each object is written or read. */
export class WatchedStore extends FaultyStore {
  readonly #before: (operation: string) => Promise<void>;

  /** @param before is told "put key" and "get key". */
  constructor(store: ObjectStore, before: (operation: string) => Promise<void>) {
    super(store);
    this.#before = before;
  }

  override async put(key: string, body: ByteStream, options?: PutOptions): Promise<ObjectInfo> {
    await this.#before(`put ${key}`);
    return super.put(key, body, options);
  }

  override async get(...args: Parameters<ObjectStore["get"]>): Promise<ByteStream> {
    await this.#before(`get ${args[0]}`);
    return super.get(...args);
  }
}
