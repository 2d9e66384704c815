import { workerData } from "node:worker_threads";
import type { SharedSnapshot } from "../engines/engine.ts";
import { joinSnapshot } from "../engines/shared.ts";
import { packTasks, type ExportTask, type PackOptions, type RangeDone, type SealedSegment } from "./pack.ts";
import { WorkerLink } from "./worker-link.ts";

export interface ExportWorkerData {
  readonly share: SharedSnapshot;
  readonly options: Omit<PackOptions, "signal">;
}

const link = new WorkerLink<ExportTask, SealedSegment | RangeDone>();
await link.run(async () => {
  const { share, options } = workerData as ExportWorkerData;
  await using reader = await joinSnapshot(share);
  for await (const item of packTasks(link.tasks(), reader, { ...options, signal: link.signal })) {
    await link.send(item, item.type === "segment" ? item.stored : undefined);
  }
});
