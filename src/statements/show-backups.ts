// SHOW BACKUPS IN uri: the complete full backups of a collection, oldest first. Needs no key. WITH details: their layers,
// sizes and keys as well.
import type { ShowBackupsStatement } from "../../grammar/index.ts";
import { Collection } from "../backups/collection.ts";
import { printTime } from "../backups/listing.ts";
import { listStoredBackups, readStoredKeys, type StoredKeys } from "../backups/stored-backups.ts";
import type { Environment } from "../environment.ts";
import type { Column, Events, Row } from "../events.ts";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";
import type { Reading } from "../plan/reading.ts";
import type { ObjectStore } from "../storage/store.ts";

export interface ShowBackupsPlan {
  readonly collection: Location;
  readonly details: boolean;
}

/** Makes every complaint about the statement's text. */
export function planShowBackups(statement: ShowBackupsStatement, reading: Reading): ShowBackupsPlan {
  const bound = statement.newerThan ?? statement.olderThan;
  const option = statement.options.find(({ name }) => name === "revision start time");
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
  const details = statement.options.some(({ name }) => name === "details");
  return { collection: reading.oneStorage(statement.collection, "read"), details };
}

export async function* performShowBackups(
  plan: ShowBackupsPlan,
  environment: Environment,
  signal?: AbortSignal,
): Events {
  const started = performance.now();
  await using store = await environment.openStore(plan.collection);
  const { columns, rows } = plan.details ? await detailsOf(store, signal) : await pathsOf(store, signal);
  yield { type: "columns", columns };
  yield { type: "rows", rows };
  yield { type: "finished", tag: `SHOW BACKUPS ${rows.length}`, elapsedMs: performance.now() - started };
}

interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

async function pathsOf(store: ObjectStore, signal: AbortSignal | undefined): Promise<Table> {
  const folders = await new Collection(store).folders(signal);
  return { columns: [{ name: "path", kind: "text" }], rows: folders.map((folder) => [`/${folder}`]) };
}

const DETAILS: readonly Column[] = [
  { name: "path", kind: "text" },
  { name: "backup_type", kind: "text" },
  { name: "full_backup", kind: "text" },
  { name: "end_time", kind: "time" },
  { name: "stored_bytes", kind: "number" },
  { name: "files", kind: "number" },
  { name: "encryption", kind: "text" },
  { name: "keys", kind: "number" },
];

async function detailsOf(store: ObjectStore, signal: AbortSignal | undefined): Promise<Table> {
  const rows: Row[] = [];
  let keys: StoredKeys = { encryption: "none", files: [], keys: 0 };
  for (const backup of await listStoredBackups(store, signal)) {
    const { folder, kind, full, endTime, bytes, files } = backup;
    // Layers are opened with the keys of their full backup, which stands before them.
    if (kind === "full") keys = await readStoredKeys(store, folder, signal);
    rows.push([
      `/${folder}`,
      kind,
      `/${full}`,
      printTime(endTime?.toISOString() ?? null),
      String(bytes),
      String(files),
      keys.encryption,
      String(keys.keys),
    ]);
  }
  return { columns: DETAILS, rows };
}
