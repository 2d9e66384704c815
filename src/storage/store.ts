import type { ByteStream } from "../std/bytes.ts";

export interface ObjectInfo {
  /** Relative to the store's root; `/` between parts; never starts with `/`. */
  readonly key: string;
  readonly bytes: number;
  readonly modified?: Date;
  /** User metadata, names in lower case. Empty where the store has none. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface PutOptions {
  /** Fail with `storage/exists` when the key is taken. */
  readonly ifAbsent?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface GetOptions {
  /** First byte wanted, from 0. */
  readonly fromByte?: number;
  /** How many bytes at the most. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export interface StoreCapabilities {
  /** `ifAbsent` is decided by the store in one step, so that two writers cannot both win. */
  readonly atomicIfAbsent: boolean;
  /** Objects carry user metadata. */
  readonly metadata: boolean;
}

/** Uploads that were begun and that nobody goes on with. */
export interface Leftovers {
  /** How their keys begin. */
  readonly prefix: string;
  /** Whether a key is one that the caller gives its objects: others' uploads are left alone. */
  isOwn(key: string): boolean;
  /** Whoever is silent for so long is dead. */
  readonly idleMs: number;
}

/**
 * A place for named, immutable objects. A `put` is atomic: readers see the whole object or none, and a source
 * that throws leaves nothing. Every method throws `storage/denied` and `storage/unavailable` besides what it names.
 */
export interface ObjectStore extends AsyncDisposable {
  /** Safe to print: scheme, host, path; no parameters. */
  readonly label: string;
  readonly capabilities: StoreCapabilities;
  /** Stores one object. Throws `storage/exists` if `ifAbsent` and the key is taken, `storage/full` when there is no room. Never retried whole: a stream cannot be replayed. */
  put(key: string, body: ByteStream, options?: PutOptions): Promise<ObjectInfo>;
  /** Throws `storage/not-found` before the first byte, never after it. */
  get(key: string, options?: GetOptions): Promise<ByteStream>;
  /** `undefined` when there is no such object. */
  head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined>;
  /** Every object whose key starts with `prefix`, in byte order of the keys. A missing folder lists nothing. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo>;
  /**
   * What lies directly in a folder, `""` or a prefix with a slash at its end: keys of objects and, with a slash at
   * their end, of folders, in no order. Folders are not looked into. A missing folder holds nothing.
   */
  folder(prefix: string, signal?: AbortSignal): AsyncIterable<string>;
  /** Deleting what is not there succeeds. */
  delete(key: string, signal?: AbortSignal): Promise<void>;
  /** Gives up what a crash left of uploads; how many there were. Absent where the store forgets them by itself. */
  abortLeftovers?(leftovers: Leftovers, signal?: AbortSignal): Promise<number>;
}
