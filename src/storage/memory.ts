import { ShellError } from "../errors.ts";
import { readAll, type ByteStream } from "../std/bytes.ts";
import { interruptible } from "../std/interruptible.ts";
import { checkKey, checkPrefix, compareKeys } from "./keys.ts";
import type { GetOptions, ObjectInfo, ObjectStore, PutOptions, StoreCapabilities } from "./store.ts";

interface Stored {
  readonly bytes: Uint8Array;
  readonly info: ObjectInfo;
}

/** Objects in this process: for tests, and a model of what the contract asks. */
export class MemoryStore implements ObjectStore {
  readonly label: string;
  readonly capabilities: StoreCapabilities = { atomicIfAbsent: true, metadata: true };
  readonly #objects = new Map<string, Stored>();

  constructor(label = "memory://store") {
    this.label = label;
  }

  async put(key: string, body: ByteStream, options: PutOptions = {}): Promise<ObjectInfo> {
    checkKey(key, this.label);
    const bytes = await readAll(copies(interruptible(body, options.signal)));
    options.signal?.throwIfAborted();
    // No await between the question and the answer: two writers cannot both find the key free.
    if (options.ifAbsent === true && this.#objects.has(key))
      throw new ShellError("storage/exists", `${this.label}/${key} exists already`);
    const metadata = Object.entries(options.metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
    const info = {
      key,
      bytes: bytes.length,
      modified: new Date(),
      metadata: Object.fromEntries(metadata) as Record<string, string>,
    };
    this.#objects.set(key, { bytes, info });
    return info;
  }

  async get(key: string, options: GetOptions = {}): Promise<ByteStream> {
    options.signal?.throwIfAborted();
    const stored = this.#objects.get(key);
    if (stored === undefined) throw new ShellError("storage/not-found", `${this.label}/${key} does not exist`);
    const from = options.fromByte ?? 0;
    const end = options.maxBytes === undefined ? undefined : from + options.maxBytes;
    return interruptible(inPieces(new Uint8Array(stored.bytes.subarray(from, end))), options.signal);
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    signal?.throwIfAborted();
    return this.#objects.get(key)?.info;
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo> {
    checkPrefix(prefix, this.label);
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareKeys);
    for (const key of keys) {
      signal?.throwIfAborted();
      const stored = this.#objects.get(key);
      if (stored !== undefined) yield stored.info;
    }
  }

  async *folder(prefix: string, signal?: AbortSignal): AsyncIterable<string> {
    const names = new Set<string>();
    for await (const { key } of this.list(prefix, signal)) {
      const slash = key.indexOf("/", prefix.length);
      names.add(slash === -1 ? key : key.slice(0, slash + 1));
    }
    yield* names;
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#objects.delete(key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#objects.clear();
  }
}

const PIECE_BYTES = 65_536;

async function* inPieces(bytes: Uint8Array): ByteStream {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

/** Pieces that outlive the next pull. (`slice` of a Buffer is no copy.) */
async function* copies(source: ByteStream): ByteStream {
  for await (const piece of source) yield new Uint8Array(piece);
}
