// SHOW BACKUPS IN uri: the complete full backups of a collection, oldest first. Needs no key.
import type { ShowBackupsStatement } from "../../grammar/index.ts";
import { Collection } from "../backups/collection.ts";
import type { Environment } from "../environment.ts";
import type { Events } from "../events.ts";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";
import type { Reading } from "../plan/reading.ts";

export interface ShowBackupsPlan {
  readonly collection: Location;
}

/** Makes every complaint about the statement's text. */
export function planShowBackups(statement: ShowBackupsStatement, reading: Reading): ShowBackupsPlan {
  const bound = statement.newerThan ?? statement.olderThan;
  const [option] = statement.options;
  if (bound !== undefined || option !== undefined) {
    throw new ShellError(
      "engine/unsupported",
      "NEWER THAN, OLDER THAN and REVISION START TIME are CockroachDB's and not supported yet",
      {
        hint: "leave them out: the paths sort by time",
        span: bound?.span ?? option?.span ?? statement.span,
      },
    );
  }
  return { collection: reading.oneStorage(statement.collection, "read") };
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
