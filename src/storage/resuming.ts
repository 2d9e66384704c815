import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { ShellError } from "../errors.ts";
import type { ByteStream } from "../std/bytes.ts";
import { DeadlineError } from "../std/deadline.ts";

export interface ResumingRead {
  /** For messages. */
  readonly place: string;
  /** How many bytes the whole stream has. */
  readonly bytes: number;
  /** Opens the rest of the same version of the object, from this byte of the stream. */
  readonly reopen: (fromByte: number) => Promise<ByteStream | Gone>;
  /** The vendor's error in the words of storage. */
  readonly translate: (thrown: unknown) => unknown;
  readonly signal: AbortSignal | undefined;
}

/** What became of the version that was read. */
export type Gone = "replaced" | "deleted";

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
      const reopened = body ?? (await read.reopen(at));
      if (typeof reopened === "string") return failAs(reopened, read.place);
      body = reopened;
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
}

function failAs(gone: Gone, place: string): never {
  const error = new ShellError(
    gone === "deleted" ? "storage/not-found" : "storage/unavailable",
    `${place} cannot be read: it was ${gone} while it was read`,
    { hint: gone === "deleted" ? "see who else deletes there, and bring the object back" : "try again" },
  );
  throw error;
}

/** Waits; throws the signal's reason as soon as it aborts. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch((thrown: unknown) => {
    signal?.throwIfAborted();
    throw thrown;
  });
}

/** A vendor's body that ends with the signal, also while nothing comes, and fails when nothing comes for too long. */
export async function* untilSilent(
  body: Readable,
  silenceMs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const stop = (): void => {
    body.destroy();
  };
  const fail = (): void => {
    body.destroy(new DeadlineError(`no bytes within ${silenceMs} ms`));
  };
  signal?.addEventListener("abort", stop, { once: true });
  const pieces = body[Symbol.asyncIterator]();
  const next = async (): Promise<IteratorResult<unknown>> => {
    // Only while it is waited for: whoever reads slowly does not make the store silent.
    const timer = setTimeout(fail, silenceMs);
    try {
      return await pieces.next();
    } finally {
      clearTimeout(timer);
    }
  };
  try {
    for (let one = await next(); one.done !== true; one = await next()) yield one.value as Uint8Array;
  } finally {
    signal?.removeEventListener("abort", stop);
    body.destroy();
  }
}
