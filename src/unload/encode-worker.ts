import { workerData } from "node:worker_threads";
import { releaseBytes } from "../std/bytes.ts";
import { WorkerLink } from "../transfer/worker-link.ts";
import type { RowBatch } from "./batches.ts";
import { BatchEncoder, type EncodedBatch, type Encoding } from "./encoders.ts";

const link = new WorkerLink<RowBatch, EncodedBatch>();
await link.run(async () => {
  const encoder = await BatchEncoder.open(workerData as Encoding);
  for await (const batch of link.tasks()) {
    const encoded = encoder.encode(batch);
    releaseBytes(batch.bytes);
    await link.send(encoded, encoded.plain, encoded.packed);
  }
});
