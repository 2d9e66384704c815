// VERIFY BACKUP FROM folder IN uri: reads and authenticates every byte, checks every row count, restores nothing.
// It goes on after a damaged file, so that one run names them all.
import type { VerifyBackupStatement } from "../../grammar/index.ts";
import { SegmentReader } from "../backups/segments.ts";
import { TableTally } from "../backups/table-tally.ts";
import { checkTables, damage, type CheckedFile, type CheckedTable } from "../backups/verify.ts";
import { locateBackup, type BackupReference } from "../backups/unlocking.ts";
import { storedTables, type ManifestTable } from "../backups/manifest.ts";
import type { Environment } from "../environment.ts";
import type { ShellError } from "../errors.ts";
import type { Column, Event, Events, Row } from "../events.ts";
import type { Reading } from "../plan/reading.ts";
import { planReference } from "../plan/reference.ts";

export type VerifyBackupPlan = BackupReference;

export function planVerifyBackup(statement: VerifyBackupStatement, reading: Reading): VerifyBackupPlan {
  return planReference(statement, reading);
}

const VERB = "VERIFY BACKUP";

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
  yield { type: "phase", jobId: job.jobId, verb: VERB, phase: "locate", facts: {} };
  await using located = await locateBackup(plan, environment, job.signal);
  yield* located.notices;
  const { manifest, label } = located.backup;
  const reader = new SegmentReader(located.collection.store, located.backup);
  const all = manifest.databases.flatMap((database) =>
    storedTables(database).map((table) => ({ database: database.name, table })),
  );
  const progress = new Progress(all, job.jobId);
  yield progress.begin();
  const failures: ShellError[] = [];
  const rows: Row[] = [];
  const run = { reader, jobs: environment.connectionsMax, signal: job.signal };
  const tables = all.map(({ table }) => table);
  for await (const result of checkTables(tables, run)) {
    if (result.type === "file") {
      yield progress.after(result);
      continue;
    }
    failures.push(...result.checked.failures);
    const checked = all[result.index];
    if (checked !== undefined) rows.push(rowOf(checked, result.checked));
  }
  // All at once: whoever is sent to the background between two rows has nowhere to put the first.
  yield { type: "columns", columns: COLUMNS };
  yield { type: "rows", rows };
  // The table is told also when it ends in a complaint: it says which tables are intact.
  yield {
    type: "finished",
    tag: `VERIFY BACKUP ${progress.files}`,
    elapsedMs: performance.now() - started,
    summary: { ...progress.summary(), damaged: failures.length },
  };
  const failure = damage(failures, label);
  if (failure !== undefined) throw failure;
}

interface StoredTable {
  readonly database: string;
  readonly table: ManifestTable;
}

/** What has been read so far, in all and by table. */
class Progress {
  files = 0;
  #rows = 0n;
  #bytes = 0n;
  #storedBytes = 0n;
  readonly #tally = new TableTally();
  readonly #tables: readonly StoredTable[];
  readonly #jobId: string;
  readonly #hasDatabases: boolean;
  readonly #total: { readonly files: number; readonly bytes: bigint };
  readonly #left: number[];

  constructor(tables: readonly StoredTable[], jobId: string) {
    [this.#tables, this.#jobId] = [tables, jobId];
    this.#hasDatabases = new Set(tables.map(({ database }) => database)).size > 1;
    this.#left = tables.map(({ table }) => table.segments.length);
    this.#total = {
      files: this.#left.reduce((sum, files) => sum + files, 0),
      bytes: tables.reduce((sum, { table }) => sum + BigInt(table.bytes), 0n),
    };
  }

  begin(): Event {
    const facts = { tables: this.#tables.length, files: this.#total.files, bytes: String(this.#total.bytes) };
    return { type: "phase", jobId: this.#jobId, verb: VERB, phase: "verify", facts };
  }

  after({ index, rows, bytesStated, storedBytes }: CheckedFile): Event {
    this.files += 1;
    this.#rows += BigInt(rows);
    this.#bytes += BigInt(bytesStated);
    this.#storedBytes += BigInt(storedBytes);
    const { name, bytes } = this.#tableAt(index);
    this.#tally.add(name, { rows, bytes: bytesStated }, bytes);
    const left = (this.#left[index] ?? 0) - 1;
    this.#left[index] = left;
    if (left === 0) this.#tally.end(name, bytes);
    const done = { files: this.files, rows: this.#rows, bytes: this.#bytes, storedBytes: this.#storedBytes };
    const { active } = this.#tally;
    return { type: "progress", jobId: this.#jobId, verb: VERB, phase: "verify", done, total: this.#total, active };
  }

  summary(): Readonly<Record<string, string | number>> {
    const [rows, bytes, stored] = [this.#rows, this.#bytes, this.#storedBytes].map(String);
    return { rows: rows ?? "", bytes: bytes ?? "", stored: stored ?? "", files: this.files };
  }

  #tableAt(index: number): { readonly name: string; readonly bytes: bigint } {
    const { database, table } = this.#tables[index] ?? {};
    const name = `${table?.schema}.${table?.name}`;
    return { name: this.#hasDatabases ? `${database}.${name}` : name, bytes: BigInt(table?.bytes ?? 0) };
  }
}

function rowOf({ database, table }: StoredTable, checked: CheckedTable): Row {
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
