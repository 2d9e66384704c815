// VERIFY BACKUP FROM folder IN uri: reads and authenticates every byte, checks every row count, restores nothing.
// It goes on after a damaged file, so that one run names them all.
import type { VerifyBackupStatement } from "../../grammar/index.ts";
import { SegmentReader } from "../backups/segments.ts";
import { checkTables, damage, type CheckedTable } from "../backups/verify.ts";
import { locateBackup, type BackupReference } from "../backups/unlocking.ts";
import { storedTables, type ManifestTable } from "../backups/manifest.ts";
import type { Environment } from "../environment.ts";
import type { ShellError } from "../errors.ts";
import type { Column, Events, Row } from "../events.ts";
import type { Reading } from "../plan/reading.ts";
import { planReference } from "../plan/reference.ts";

export type VerifyBackupPlan = BackupReference;

export function planVerifyBackup(statement: VerifyBackupStatement, reading: Reading): VerifyBackupPlan {
  return planReference(statement, reading);
}

const COLUMNS: readonly Column[] = [
  { name: "database_name", kind: "text" },
  { name: "schema_name", kind: "text" },
  { name: "table_name", kind: "text" },
  { name: "files", kind: "number" },
  { name: "rows", kind: "number" },
  { name: "bytes", kind: "number" },
  { name: "stored_bytes", kind: "number" },
  { name: "status", kind: "text" },
];

/** Throws the first `integrity/*` error after all tables were read, with the others in its detail. */
export async function* performVerifyBackup(
  plan: VerifyBackupPlan,
  environment: Environment,
  job: { readonly jobId: string; readonly signal: AbortSignal },
): Events {
  const started = performance.now();
  await using located = await locateBackup(plan, environment, job.signal);
  yield* located.notices;
  const { manifest } = located.backup;
  const reader = new SegmentReader(located.collection.store, located.backup);
  const all = manifest.databases.flatMap((database) =>
    storedTables(database).map((table) => ({ database: database.name, table })),
  );
  const total = { files: all.reduce((sum, { table }) => sum + table.segments.length, 0) };
  const failures: ShellError[] = [];
  let files = 0;
  let storedBytes = 0n;
  let bytes = 0n;
  yield { type: "columns", columns: COLUMNS };
  const run = { reader, jobs: environment.connectionsMax, signal: job.signal };
  const tables = all.map(({ table }) => table);
  for await (const result of checkTables(tables, run)) {
    if (result.type === "table") {
      failures.push(...result.checked.failures);
      const { database, table } = all[result.index] ?? {};
      if (database !== undefined && table !== undefined) {
        yield { type: "rows", rows: [rowOf(database, table, result.checked)] };
      }
      continue;
    }
    files += 1;
    storedBytes += BigInt(result.storedBytes);
    bytes += BigInt(result.bytes);
    const active = [`${result.table.schema}.${result.table.name}`];
    const done = { files, storedBytes, bytes };
    yield { type: "progress", jobId: job.jobId, verb: "VERIFY BACKUP", phase: "verify", done, total, active };
  }
  // The table is told also when it ends in a complaint: it says which tables are intact.
  yield { type: "finished", tag: `VERIFY BACKUP ${files}`, elapsedMs: performance.now() - started };
  const failure = damage(failures, located.backup.label);
  if (failure !== undefined) throw failure;
}

function rowOf(database: string, table: ManifestTable, checked: CheckedTable): Row {
  const bad = checked.failures.length;
  return [
    database,
    table.schema,
    table.name,
    String(table.segments.length),
    String(checked.rows),
    String(checked.bytes),
    String(checked.storedBytes),
    bad === 0 ? "ok" : `${bad} damaged`,
  ];
}
