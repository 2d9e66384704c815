// SHOW BACKUPS IN uri: the complete full backups of a collection, oldest first. Needs no key.
import { Collection } from "../backups/collection.ts";
import type { Environment } from "../environment.ts";
import type { Events } from "../events.ts";
import type { Location } from "../location.ts";

export interface ShowBackupsPlan {
  readonly collection: Location;
}

export async function* performShowBackups(
  plan: ShowBackupsPlan,
  environment: Environment,
  signal?: AbortSignal,
): Events {
  const started = performance.now();
  await using store = await environment.openStore(plan.collection);
  const folders = await new Collection(store).folders(signal);
  yield { type: "columns", columns: [{ name: "path", kind: "text" }] };
  yield { type: "rows", rows: folders.map((folder) => [`/${folder}`]) };
  yield { type: "finished", tag: `SHOW BACKUPS ${folders.length}`, elapsedMs: performance.now() - started };
}
