import { workerData } from "node:worker_threads";
import { checkTask, type CheckTask, type PlainChecked } from "./check.ts";
import type { SegmentKeys } from "./segment-id.ts";
import { WorkerLink } from "./worker-link.ts";

export interface CheckWorkerData {
  readonly keys: SegmentKeys | undefined;
}

const link = new WorkerLink<CheckTask, PlainChecked>();
await link.run(async () => {
  const { keys } = workerData as CheckWorkerData;
  for await (const task of link.tasks()) await link.send(await checkTask(task, keys, (id) => link.fetch(id)));
});
