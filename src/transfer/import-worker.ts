import { workerData } from "node:worker_threads";
import type { SharedConnection } from "../engines/engine.ts";
import { joinConnection } from "../engines/shared.ts";
import { loadTask, type LoadTask, type PartLoaded, type SegmentLoaded } from "./load.ts";
import type { SegmentKeys } from "./segment-id.ts";
import { WorkerLink } from "./worker-link.ts";

export interface ImportWorkerData {
  readonly share: SharedConnection;
  readonly keys: SegmentKeys | undefined;
}

const link = new WorkerLink<LoadTask, SegmentLoaded | PartLoaded>();
await link.run(async () => {
  const { share, keys } = workerData as ImportWorkerData;
  await using engine = await joinConnection(share);
  const options = {
    keys,
    fetch: (id: string) => link.fetch(id),
    signal: link.signal,
    loaded: (segment: SegmentLoaded) => link.send(segment),
  };
  for await (const task of link.tasks()) await link.send(await loadTask(engine, task, options));
});
