// Tries a place or a master key out: what it is for is done once, small or of a given size, and measured.
import { randomBytes } from "node:crypto";
import { DataKey } from "../crypto/data-key.ts";
import { asShellError, ShellError } from "../errors.ts";
import type { KeyManagementService } from "../kms/kms.ts";
import { bytesEqual, type ByteStream } from "../std/bytes.ts";
import type { ObjectStore } from "../storage/store.ts";

/** Beginning of the names of probe objects. */
export const PROBE_PREFIX = "sealift-check-";
const PIECE_BYTES = 256 * 1024;

export interface StorageProbe {
  /** Why it could not be written, listed or read. */
  readonly error: ShellError | undefined;
  /** Which of the three. */
  readonly failed: "write" | "list" | "read" | undefined;
  readonly writtenBytes: number;
  readonly readBytes: number;
  readonly writeMs: number;
  readonly readMs: number;
  readonly canDelete: boolean;
}

export interface StorageProbeOptions {
  readonly bytes: number;
  /** Makes the object's name its own. */
  readonly id: string;
  readonly signal: AbortSignal | undefined;
}

/** Writes an object, looks for it in the list, reads it back and deletes it. Failures are part of the answer; only the signal's reason is thrown. */
export async function probeStorage(store: ObjectStore, options: StorageProbeOptions): Promise<StorageProbe> {
  const key = `${PROBE_PREFIX}${options.id}`;
  // The same random piece over and over: no store can make it smaller on the way, and all of it can be checked.
  const piece = randomBytes(Math.min(options.bytes, PIECE_BYTES));
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const write = await timed(options.signal, async () => {
    await store.put(key, repeated(piece, options.bytes), signal);
  });
  const list =
    write.error === undefined
      ? await timed(options.signal, async () => findListed(store, key, options.signal))
      : undefined;
  const read =
    write.error === undefined
      ? await timed(options.signal, async () => compare(await store.get(key, signal), piece, options.bytes))
      : undefined;
  const removal = await timed(options.signal, async () => store.delete(key, options.signal));
  return {
    error: write.error ?? list?.error ?? read?.error,
    failed: stepOf(write.error, list?.error, read?.error),
    writtenBytes: write.error === undefined ? options.bytes : 0,
    readBytes: read !== undefined && read.error === undefined ? options.bytes : 0,
    writeMs: write.ms,
    readMs: read?.ms ?? 0,
    canDelete: write.error === undefined && removal.error === undefined,
  };
}

function stepOf(write: unknown, list: unknown, read: unknown): StorageProbe["failed"] {
  if (write !== undefined) return "write";
  if (list !== undefined) return "list";
  return read === undefined ? undefined : "read";
}

async function findListed(store: ObjectStore, key: string, signal: AbortSignal | undefined): Promise<void> {
  for await (const found of store.list(key, signal)) if (found.key === key) return;
  throw new ShellError("storage/unavailable", `${store.label} cannot be listed: what was just written is not there`, {
    hint: "use a store that lists an object as soon as it was written",
  });
}

interface Timed {
  readonly ms: number;
  readonly error: ShellError | undefined;
}

async function timed(signal: AbortSignal | undefined, work: () => Promise<void>): Promise<Timed> {
  const started = performance.now();
  try {
    await work();
    return { ms: performance.now() - started, error: undefined };
  } catch (thrown) {
    signal?.throwIfAborted();
    return { ms: performance.now() - started, error: asShellError(thrown) };
  }
}

async function* repeated(piece: Uint8Array, bytes: number): ByteStream {
  for (let left = bytes; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
}

async function compare(source: ByteStream, piece: Uint8Array, bytes: number): Promise<void> {
  let at = 0;
  for await (const part of source) {
    for (let start = 0; start < part.length;) {
      const offset = (at + start) % piece.length;
      const length = Math.min(part.length - start, piece.length - offset);
      if (!bytesEqual(part.subarray(start, start + length), piece.subarray(offset, offset + length))) throw changed();
      start += length;
    }
    at += part.length;
  }
  if (at !== bytes) throw changed();
}

function changed(): ShellError {
  return new ShellError("integrity/checksum", "what was read back is not what was written");
}

/** How long each of the two took. */
export interface KmsProbe {
  readonly wrapMs: number;
  readonly unwrapMs: number;
}

/** Wraps a random key and unwraps it. Throws what the service throws, and `key/mismatch` for another key. */
export async function probeKms(service: KeyManagementService, signal?: AbortSignal): Promise<KmsProbe> {
  using key = DataKey.generate();
  const started = performance.now();
  const wrapped = await service.wrap(key, signal);
  const between = performance.now();
  using back = await service.unwrap(wrapped, signal);
  const ended = performance.now();
  if (!key.reveal((mine) => back.reveal((theirs) => bytesEqual(mine, theirs))))
    throw new ShellError("key/mismatch", `${service.label} gave back another key than it took`);
  return { wrapMs: between - started, unwrapMs: ended - between };
}
