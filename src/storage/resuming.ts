import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { ShellError } from "../errors.ts";
import type { ByteStream } from "../std/bytes.ts";

export interface ResumingRead {
  /** For messages. */
  readonly place: string;
  /** How many bytes the whole stream has. */
  readonly bytes: number;
  /** Opens the rest of the same version of the object, from this byte of the stream; `undefined` when it was replaced. */
  readonly reopen: (fromByte: number) => Promise<ByteStream | undefined>;
  /** The vendor's error in the words of storage. */
  readonly translate: (thrown: unknown) => unknown;
  readonly signal: AbortSignal | undefined;
}

const RESUMES_MAX = 4;
const FIRST_DELAY_MS = 100;

/**
 * A body that goes on where it broke off; without a first one it is opened at the first pull. Only a fault that may
 * pass is tried again, and a body that ends before its length counts as one.
 * @throws ShellError what `translate` makes of the last failure.
 */
export async function* readResuming(first: ByteStream | undefined, read: ResumingRead): ByteStream {
  let body = first;
  let at = 0;
  let failures = 0;
  for (;;) {
    try {
      body ??= await read.reopen(at);
      if (body === undefined) break;
      for await (const piece of body) {
        at += piece.length;
        yield piece;
        failures = 0;
      }
      if (at >= read.bytes) return;
      throw new ShellError("storage/unavailable", `${read.place} cannot be read: the connection was closed`, {
        detail: [`${at} of ${read.bytes} bytes had come`],
      });
    } catch (thrown) {
      read.signal?.throwIfAborted();
      const error = read.translate(thrown);
      failures += 1;
      if (!(error instanceof ShellError) || !error.retryable || failures > RESUMES_MAX) throw error;
      // All bytes are there; what broke was only the goodbye.
      if (read.bytes > 0 && at >= read.bytes) return;
      body = undefined;
      await pause(FIRST_DELAY_MS * 2 ** (failures - 1), read.signal);
    }
  }
  throw new ShellError("storage/unavailable", `${read.place} cannot be read: it was replaced while it was read`);
}

/** Waits; throws the signal's reason as soon as it aborts. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch((thrown: unknown) => {
    signal?.throwIfAborted();
    throw thrown;
  });
}

/** A vendor's body that ends with the signal, also while nothing comes. */
export async function* untilAborted(body: Readable, signal: AbortSignal | undefined): ByteStream {
  const stop = (): void => {
    body.destroy();
  };
  signal?.addEventListener("abort", stop, { once: true });
  try {
    for await (const piece of body) yield piece as Uint8Array;
  } finally {
    signal?.removeEventListener("abort", stop);
    body.destroy();
  }
}
