import { Crew, workerFile } from "../transfer/crew.ts";
import type { RowBatch } from "./batches.ts";
import type { BatchEncoder, EncodedBatch, Encoding } from "./encoders.ts";

export interface EncodeOptions {
  readonly encoding: Encoding;
  /** Made of the encoding, for what is encoded in this thread. */
  readonly encoder: BatchEncoder;
  /** Worker threads. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** Tells the batches' source that nobody will take more: it may be waiting for the server. */
  readonly stopSource: () => void;
}

/** What is encoded before a thread would have started. */
const HERE_BYTES = 1024 * 1024;

/**
 * Records of the batches, in the same order. The batches' memory is used up. Memory is bounded: threads wait until what
 * they sent was pulled.
 * @throws ShellError what {@link BatchEncoder} throws, and what the batches' source throws
 */
export async function* encodeBatches(
  batches: AsyncGenerator<RowBatch>,
  options: EncodeOptions,
): AsyncGenerator<EncodedBatch> {
  const { encoder, encoding, jobs, signal, stopSource } = options;
  let bytes = 0;
  try {
    while (bytes < HERE_BYTES) {
      const next = await batches.next();
      if (next.done === true) return;
      bytes += next.value.sourceBytes;
      yield encoder.encode(next.value);
    }
    await using crew = new Crew<RowBatch, EncodedBatch>(batches, {
      entry: workerFile("encode-worker", import.meta.url),
      workerData: encoding,
      size: jobs,
      ordered: true,
      moved: (batch) => [batch.bytes, asBytes(batch.ends)],
      signal,
    });
    try {
      yield* crew.items();
    } finally {
      stopSource();
    }
  } finally {
    await batches.return(undefined);
  }
}

function asBytes({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
