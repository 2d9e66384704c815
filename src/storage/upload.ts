import type { ByteStream } from "../std/bytes.ts";
import { InFlight } from "../std/in-flight.ts";
import { interruptible } from "../std/interruptible.ts";
import { PART_BYTES, PartCutter, type Part } from "./parts.ts";

/** One object on its way into a store, as its vendor takes it: whole, or in parts and then published. */
export interface Upload {
  /** How many parts may be on their way together. */
  readonly partsInFlight: number;
  partBytes(number: number): number;
  /** Stores a body that is a single part. */
  putWhole(bytes: Uint8Array): Promise<void>;
  /** Before the first of several parts. */
  begin(signal: AbortSignal): Promise<void>;
  putPart(part: Part, signal: AbortSignal): Promise<void>;
  /** Makes the object appear, whole. */
  publish(): Promise<void>;
  /** Takes back what was begun. Not called before {@link begin} has succeeded. */
  abandon(): Promise<void>;
}

/**
 * Reads a stream into an upload; holds `partsInFlight + 1` parts at the most. When the source, a part, or the
 * publication fails, or the signal aborts, nothing is left and the first error is thrown.
 * @returns how many bytes were stored.
 */
export async function uploadStream(body: ByteStream, upload: Upload, signal?: AbortSignal): Promise<number> {
  const stop = new AbortController();
  const stopped = stop.signal;
  const forward = (): void => stop.abort(signal?.reason);
  signal?.addEventListener("abort", forward, { once: true });
  const parts = new InFlight(upload.partsInFlight);
  const cutter = new PartCutter((number) => upload.partBytes(number));
  let bytes = 0;
  let hasBegun = false;
  try {
    for await (const part of cutter.cut(interruptible(body, signal))) {
      bytes += part.bytes.length;
      signal?.throwIfAborted();
      if (part.number === 1 && part.isLast) {
        await upload.putWhole(part.bytes);
        return bytes;
      }
      if (!hasBegun) await upload.begin(stopped);
      hasBegun = true;
      // Large parts go one by one, so that memory is bounded by two of them.
      if (part.bytes.length > PART_BYTES) await parts.drain();
      await parts.add(async () => {
        await upload.putPart(part, stopped);
        cutter.release(part);
      });
    }
    await parts.drain();
    signal?.throwIfAborted();
    await upload.publish();
    return bytes;
  } catch (thrown) {
    stop.abort();
    await parts.drain().catch(() => undefined);
    // What made the put fail is what the caller must hear; storage that refuses to clean up says so in its own bill.
    if (hasBegun) await upload.abandon().catch(() => undefined);
    throw thrown;
  } finally {
    signal?.removeEventListener("abort", forward);
  }
}
