// SHOW BACKUPS IN uri: the complete full backups of a collection, oldest first. Needs no key. WITH details: their layers,
// sizes and keys as well.
import type { ShowBackupsStatement } from "../../grammar/index.ts";
import { printTime } from "../backups/listing.ts";
import { listCollection, readStoredKeys, type StoredBackup, type StoredKeys } from "../backups/stored-backups.ts";
import type { Environment } from "../environment.ts";
import type { Column, Event, Events, Row } from "../events.ts";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";
import { printSize } from "../plan/amounts.ts";
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
  const { backups, unfinished } = await listCollection(store, signal);
  if (unfinished.length > 0) yield aboutUnfinished(unfinished);
  const { columns, rows } = plan.details ? await detailsOf(backups, store, signal) : pathsOf(backups);
  yield { type: "columns", columns };
  yield { type: "rows", rows };
  yield { type: "finished", tag: `SHOW BACKUPS ${rows.length}`, elapsedMs: performance.now() - started };
}

interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

function pathsOf(backups: readonly StoredBackup[]): Table {
  const rows = backups.filter(({ kind }) => kind === "full").map(({ folder }) => [`/${folder}`]);
  return { columns: [{ name: "path", kind: "text" }], rows };
}

const SHOWN_MAX = 10;

/** A BACKUP that was killed could not take its files back, and nothing else would ever speak of them. */
function aboutUnfinished(unfinished: readonly StoredBackup[]): Event {
  const shown = unfinished.slice(0, SHOWN_MAX).map(({ folder, files, bytes }) => {
    const count = files === 1 ? "1 file" : `${files} files`;
    return `/${folder}: ${count}, ${printSize(bytes)}`;
  });
  if (unfinished.length > SHOWN_MAX) shown.push(`and ${unfinished.length - SHOWN_MAX} more`);
  return {
    type: "notice",
    severity: "NOTICE",
    message:
      unfinished.length === 1
        ? "one folder holds no complete backup"
        : `${unfinished.length} folders hold no complete backup`,
    detail: shown.join("\n"),
    hint: "a BACKUP writes there still, or was killed; when none does, delete what is in it",
  };
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

async function detailsOf(
  backups: readonly StoredBackup[],
  store: ObjectStore,
  signal: AbortSignal | undefined,
): Promise<Table> {
  const rows: Row[] = [];
  let keys: StoredKeys = { encryption: "none", files: [], keys: 0 };
  for (const backup of backups) {
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
