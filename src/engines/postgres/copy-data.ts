import type { ByteStream } from "../../std/bytes.ts";
import { interrupted } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { copyDataHeader } from "./messages.ts";

/** Rows need not align with messages, so a piece is sent in slices as it lies, uncopied. */
const MESSAGE_BYTES = 256 * 1024;

/**
 * Sends a source as CopyData messages, no faster than the server takes them. Returns early, leaving the rest of the
 * source, when the server has answered with an error. What the source throws is thrown on; an abort is
 * `job/interrupted`, even while the source is silent.
 */
export async function sendCopyData(exchange: Exchange, source: ByteStream, signal?: AbortSignal): Promise<void> {
  for await (const piece of untilAborted(source, signal)) {
    for (let at = 0; at < piece.length; at += MESSAGE_BYTES) {
      const slice = piece.subarray(at, at + MESSAGE_BYTES);
      exchange.send(copyDataHeader(slice.length), slice);
      if (!(await isWanted(exchange, "congested"))) return;
    }
    // Its source may use a piece's memory again once it is asked for the next.
    if (!(await isWanted(exchange, "unsent"))) return;
  }
}

/** Takes in what has come meanwhile, and waits while too much, or anything, is unsent. */
async function isWanted(exchange: Exchange, until: "congested" | "unsent"): Promise<boolean> {
  for (;;) {
    let message = exchange.next();
    while (message !== undefined) message = exchange.next();
    if (!exchange.copyingIn) return false;
    if (!exchange[until]) return true;
    await exchange.more();
  }
}

async function* untilAborted(source: ByteStream, signal: AbortSignal | undefined): ByteStream {
  if (signal === undefined) {
    yield* source;
    return;
  }
  const iterator = source[Symbol.asyncIterator]();
  const stop = Promise.withResolvers<never>();
  stop.promise.catch(() => undefined);
  const abort = (): void => stop.reject(interrupted(signal.reason));
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort);
  let ended = false;
  try {
    for (;;) {
      const result = await Promise.race([iterator.next(), stop.promise]);
      ended = result.done === true;
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    // A source that hangs would hang its own end too: it is told, not waited for, once it was aborted.
    const returned = ended ? undefined : iterator.return?.();
    if (signal.aborted) returned?.catch(() => undefined);
    else await returned;
  }
}
