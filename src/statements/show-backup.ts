// SHOW BACKUP [SCHEMAS | FILES] FROM folder IN uri: what one backup holds, from its manifest alone.
import type { ShowBackupStatement, Span } from "../../grammar/index.ts";
import { locateBackup, type BackupReference } from "../backups/unlocking.ts";
import { columnsOfListing, rowsOfListing } from "../backups/listing.ts";
import { storedTables, type BackupManifest } from "../backups/manifest.ts";
import { MANIFEST } from "../backups/folders.ts";
import type { Environment } from "../environment.ts";
import { ShellError } from "../errors.ts";
import type { Column, Events, Row } from "../events.ts";
import type { Reading } from "../plan/reading.ts";
import { planReference } from "../plan/reference.ts";

export interface ShowBackupPlan extends BackupReference {
  readonly details: "objects" | "schemas" | "files";
  readonly checkFiles: boolean;
  readonly privileges: boolean;
  readonly debugIds: boolean;
  readonly skipSize: boolean;
  readonly asJson: boolean;
}

/** Makes every complaint about the statement's text. */
export function planShowBackup(statement: ShowBackupStatement, reading: Reading): ShowBackupPlan {
  for (const { name, span } of statement.options) refuseDropped(name, span);
  const has = (name: string): boolean => statement.options.some((option) => option.name === name);
  return {
    ...planReference(statement, reading),
    details: detailsOf(statement),
    checkFiles: has("check_files"),
    privileges: has("privileges"),
    debugIds: has("debug_ids"),
    skipSize: has("skip size"),
    asJson: has("as_json"),
  };
}

const NOT_OURS = {
  ranges: [
    "SHOW BACKUP RANGES shows key ranges, which only CockroachDB's backups have",
    "SHOW BACKUP FILES FROM … lists the data files",
  ],
  validate: [
    "SHOW BACKUP VALIDATE is CockroachDB's check of its own metadata",
    "VERIFY BACKUP FROM … IN … reads and authenticates every byte",
  ],
} as const;

/** Options of former CockroachDB releases that nothing here could heed. */
const DROPPED: ReadonlyMap<string, readonly [message: string, hint: string]> = new Map([
  [
    "incremental_location",
    [
      "incremental_location is not supported: a Sealift collection holds all of a backup",
      "leave it out, and name the collection after IN",
    ],
  ],
  [
    "encryption_info_dir",
    [
      "encryption_info_dir is not supported: ENCRYPTION_INFO lies in the backup's own folder",
      "leave it out, or bring the file back into that folder",
    ],
  ],
  [
    "debug_dump_metadata_sst",
    [
      "debug_dump_metadata_sst is not supported: a Sealift backup has no such file",
      "WITH as_json shows the whole manifest",
    ],
  ],
]);

function refuseDropped(name: string, span: Span): void {
  const found = DROPPED.get(name);
  if (found === undefined) return;
  throw new ShellError("engine/unsupported", found[0], { hint: found[1], note: "nothing was changed", span });
}

function detailsOf({ details, span }: ShowBackupStatement): ShowBackupPlan["details"] {
  if (details === undefined) return "objects";
  if (details === "schemas" || details === "files") return details;
  const [message, hint] = NOT_OURS[details];
  throw new ShellError("engine/unsupported", message, { hint, span });
}

export async function* performShowBackup(plan: ShowBackupPlan, environment: Environment, signal?: AbortSignal): Events {
  const started = performance.now();
  await using located = await locateBackup(plan, environment, signal);
  yield* located.notices;
  const { backup, collection } = located;
  let fileBytes: ReadonlyMap<string, number> | undefined;
  if (plan.checkFiles) {
    const objects = await collection.objects(backup.folder, signal);
    fileBytes = new Map(objects.map((object) => [object.key.slice(backup.folder.length + 1), object.bytes]));
    refuseMissingFiles(backup.manifest, fileBytes, backup.label);
  }
  const { columns, rows } = describe(plan, backup.folder, backup.manifest, fileBytes);
  yield { type: "columns", columns };
  yield { type: "rows", rows };
  yield { type: "finished", tag: `SHOW BACKUP ${rows.length}`, elapsedMs: performance.now() - started };
}

interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

function describe(
  plan: ShowBackupPlan,
  folder: string,
  manifest: BackupManifest,
  fileBytes: ReadonlyMap<string, number> | undefined,
): Table {
  if (plan.asJson) {
    return { columns: [{ name: "manifest", kind: "json" }], rows: [[JSON.stringify(manifest)]] };
  }
  if (plan.details === "files") return describeFiles(folder, manifest, fileBytes);
  const options = {
    schemas: plan.details === "schemas",
    privileges: plan.privileges,
    debugIds: plan.debugIds,
    skipSize: plan.skipSize,
    ...(fileBytes === undefined ? {} : { fileBytes }),
  };
  return { columns: columnsOfListing(manifest, options), rows: rowsOfListing(manifest, options) };
}

const FILE_COLUMNS: readonly Column[] = [
  { name: "path", kind: "text" },
  { name: "backup_type", kind: "text" },
  { name: "start_pretty", kind: "text" },
  { name: "end_pretty", kind: "text" },
  { name: "start_key", kind: "bytes" },
  { name: "end_key", kind: "bytes" },
  { name: "size_bytes", kind: "number" },
  { name: "rows", kind: "number" },
  { name: "locality", kind: "text" },
  { name: "file_bytes", kind: "number" },
];

/** One row per segment. Segments have no keys: `start_pretty` and `end_pretty` name the table and the rows' numbers. */
function describeFiles(
  folder: string,
  manifest: BackupManifest,
  fileBytes: ReadonlyMap<string, number> | undefined,
): Table {
  const rows: Row[] = [];
  for (const database of manifest.databases) {
    for (const table of storedTables(database)) {
      let first = 0n;
      for (const segment of table.segments) {
        const next = first + BigInt(segment.rows);
        const name = `/${database.name}/${table.schema}/${table.name}`;
        const file = `data/${segment.id}`;
        const bytes = fileBytes === undefined ? "-1" : String(fileBytes.get(file) ?? 0);
        rows.push([
          `/${folder}/${file}`,
          manifest.kind,
          `${name}/${first}`,
          `${name}/${next}`,
          null,
          null,
          String(segment.bytes),
          String(segment.rows),
          "NULL",
          bytes,
        ]);
        first = next;
      }
    }
  }
  return { columns: FILE_COLUMNS, rows };
}

/** CHECK_FILES: every file the manifest lists is there with the recorded size. Contents are VERIFY's to read. */
function refuseMissingFiles(manifest: BackupManifest, fileBytes: ReadonlyMap<string, number>, label: string): void {
  const bad: string[] = [];
  if (!fileBytes.has(`${MANIFEST}-CHECKSUM`)) bad.push(`${MANIFEST}-CHECKSUM: missing`);
  for (const table of manifest.databases.flatMap(storedTables)) {
    for (const segment of table.segments) {
      const found = fileBytes.get(`data/${segment.id}`);
      const what = `data/${segment.id} (${table.schema}.${table.name})`;
      if (found === undefined) bad.push(`${what}: missing`);
      else if (found !== segment.storedBytes) bad.push(`${what}: ${found} bytes, recorded ${segment.storedBytes}`);
    }
  }
  if (bad.length === 0) return;
  const shown = bad.slice(0, 10);
  if (bad.length > shown.length) shown.push(`and ${bad.length - shown.length} more`);
  throw new ShellError(
    "integrity/missing",
    `${bad.length === 1 ? "1 file" : `${bad.length} files`} of ${label} missing or of another size`,
    {
      detail: shown,
      hint: "bring them back from a copy of the collection or from the store's object versions",
      note: "nothing was changed",
    },
  );
}
