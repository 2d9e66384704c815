// RESTORE: plan and recipe. Everything that can be refused by reading is refused first: the backup is opened and
// authenticated, the objects are planned, names that are taken are found; only then is something created. What fails
// after that is dropped again.
import type { RestoreOption, RestoreStatement } from "../../grammar/index.ts";
import { NotedRestore, takeKilledRestores } from "../backups/killed-restores.ts";
import { aboutNewerSource } from "../backups/older-servers.ts";
import { planRestores } from "../backups/plan-restores.ts";
import { selectDatabases, type WantedRestore } from "../backups/restore-choice.ts";
import { openTarget, type OpenTarget } from "../backups/restore-target.ts";
import { restoreRoles, type RestoredRoles } from "../backups/restore-roles.ts";
import { runRestore } from "../backups/restore-run.ts";
import type { SkipOptions } from "../backups/restore-selection.ts";
import { SegmentReader } from "../backups/segments.ts";
import { planTargets, type BackupTargets } from "../backups/targets.ts";
import { locateBackup, type BackupReference } from "../backups/unlocking.ts";
import type { Environment } from "../environment.ts";
import { asShellError, ShellError } from "../errors.ts";
import type { Engine } from "../engines/engine.ts";
import type { Column, Event, Events } from "../events.ts";
import type { Reading } from "../plan/reading.ts";
import { conflict } from "../plan/reading.ts";
import { planReference } from "../plan/reference.ts";

export interface RestorePlan extends BackupReference, SkipOptions {
  readonly targets: BackupTargets;
  /** Where tables go instead of the database they come from. */
  readonly intoDb: string | undefined;
  /** What the one database is called after the restore. */
  readonly newDbName: string | undefined;
  readonly schemaOnly: boolean;
  /** With schemaOnly: read and authenticate all rows without loading them. */
  readonly verifyTableData: boolean;
  readonly detached: boolean;
  readonly asOf: string | undefined;
}

/** Options that mean something to a CockroachDB cluster only. */
const CLUSTER_ONLY: ReadonlySet<RestoreOption["name"]> = new Set([
  "virtual_cluster_name",
  "virtual_cluster",
  "execution locality",
  "debug_pause_on",
  "incremental_location",
  "unsafe_restore_incompatible_version",
  "remove_regions",
  "skip_localities_check",
  "experimental copy",
  "experimental deferred copy",
  "grants",
]);

/** Makes every complaint about the statement's text. */
export function planRestoreStatement(statement: RestoreStatement, reading: Reading): RestorePlan {
  const { options, targets, asOf } = statement;
  const has = (name: RestoreOption["name"]): boolean => options.some((option) => option.name === name);
  for (const option of options) refuseClusterOnly(option);
  if (has("verify_backup_table_data") && !has("schema_only")) {
    throw conflict("to set the verify_backup_table_data option, the schema_only option must be set", statement.span);
  }
  if (targets?.type === "system-users") {
    throw new ShellError("engine/unsupported", "RESTORE SYSTEM USERS is CockroachDB's", {
      hint: "RESTORE FROM … IN … of a whole server brings its roles",
      span: statement.span,
      note: "nothing was changed",
    });
  }
  const planned = planTargets(targets);
  const intoDb = textOption(options, "into_db", reading);
  const newDbName = textOption(options, "new_db_name", reading);
  if (newDbName !== undefined && (planned.type !== "databases" || planned.names.length !== 1)) {
    throw conflict("new_db_name can only be used for RESTORE DATABASE with a single target database", statement.span);
  }
  if (intoDb !== undefined && planned.type !== "tables") {
    throw conflict(
      "into_db can only be used for RESTORE TABLE",
      statement.span,
      "for a database, WITH new_db_name names the target",
    );
  }
  return {
    ...planReference(statement, reading),
    targets: planned,
    intoDb,
    newDbName,
    schemaOnly: has("schema_only"),
    verifyTableData: has("verify_backup_table_data"),
    detached: has("detached"),
    asOf: asOf === undefined ? undefined : (asOf.literal ?? asOf.text),
    skipMissingForeignKeys: has("skip_missing_foreign_keys"),
    skipMissingSequences: has("skip_missing_sequences"),
    skipMissingSequenceOwners: has("skip_missing_sequence_owners"),
    skipMissingViews: has("skip_missing_views"),
    skipMissingUdfs: has("skip_missing_udfs"),
  };
}

function refuseClusterOnly(option: RestoreOption): void {
  if (!CLUSTER_ONLY.has(option.name)) return;
  throw new ShellError("engine/unsupported", `${option.name} needs a CockroachDB cluster`, {
    hint: "leave the option out",
    note: "nothing was changed",
    span: option.span,
  });
}

function textOption(
  options: readonly RestoreOption[],
  name: "into_db" | "new_db_name",
  reading: Reading,
): string | undefined {
  const option = options.find((one) => one.name === name);
  return option !== undefined && "text" in option ? reading.text(option.text) : undefined;
}

const RESULT: readonly Column[] = [
  { name: "job_id", kind: "text" },
  { name: "status", kind: "text" },
  { name: "fraction_completed", kind: "number" },
  { name: "rows", kind: "number" },
];

/**
 * Restores what the plan names. On failure everything that was made is dropped again, and the error says so.
 * Throws `restore/*`, `backup/*`, `key/*`, `integrity/*`, `engine/*`.
 */
export async function* performRestore(
  plan: RestorePlan,
  environment: Environment,
  job: { readonly jobId: string; readonly signal: AbortSignal },
): Events {
  const started = performance.now();
  const { jobId, signal } = job;
  const engine = await environment.engine();
  refuseTransaction(engine);
  yield phase(jobId, "locate", {});
  await using located = await locateBackup(plan, environment, signal);
  yield* located.notices;
  const { manifest } = located.backup;
  const newer = aboutNewerSource(manifest.engine, engine.description);
  if (newer !== undefined) yield { type: "notice", severity: "NOTICE", message: newer };
  refuseOtherTime(plan.asOf, manifest.endTime);
  const reader = new SegmentReader(located.collection.store, located.backup);
  const wanted = selectDatabases(manifest, plan, engine);
  yield* await takeKilledRestores(environment.restoreNotes, engine.description, wanted.map(placeName(engine)));
  const roles = manifest.wholeServer && plan.targets.type === "server" ? manifest.roles : [];
  await using stack = new AsyncDisposableStack();
  const made: (OpenTarget | RestoredRoles)[] = [];
  const notes = new NotedRestore(environment, located.backup.folder);
  let rows = 0n;
  let settled = false;
  try {
    const run = { reader, jobs: environment.connectionsMax, jobId, signal };
    const planned = yield* planRestores(engine, { wanted, roles, options: plan, ...run });
    if (roles.length > 0) made.push(yield* restoreRoles(roles, engine));
    for (const { place, ...one } of planned) {
      const target = stack.use(await openTarget(place, engine));
      made.push(target);
      await notes.add(target);
      rows += yield* runRestore(target.engine, { ...one, ...run }, target.undo);
      await target.finish();
    }
    settled = true;
    await notes.strike();
  } catch (thrown) {
    settled = true;
    const error = asShellError(thrown);
    const hint = error.code === "engine/failed" ? (error.hint ?? newer) : error.hint;
    throw await takeAllBack(made, hint === undefined ? error : error.with({ hint }), notes);
  } finally {
    // Whoever reads the events may stop reading.
    if (!settled) await takeAllBack(made, new ShellError("job/interrupted", "interrupted"), notes);
  }
  yield { type: "columns", columns: RESULT };
  yield { type: "rows", rows: [[jobId, "succeeded", "1", String(rows)]] };
  yield {
    type: "finished",
    tag: "RESTORE",
    elapsedMs: performance.now() - started,
    summary: { backup: located.backup.folder, rows: String(rows), databases: wanted.length },
  };
}

/** Which database one goes into. */
function placeName({ capabilities, description }: Engine): (wanted: WantedRestore) => string {
  return ({ targetName }) => (capabilities.manyDatabases ? targetName : description.database);
}

function refuseTransaction(engine: Engine): void {
  if (engine.transaction === "idle") return;
  throw new ShellError(
    "statement/transaction",
    "RESTORE cannot be used inside a multi-statement transaction without DETACHED option",
    { hint: "COMMIT or ROLLBACK first", note: "nothing was changed" },
  );
}

async function takeAllBack(
  made: readonly (OpenTarget | RestoredRoles)[],
  error: ShellError,
  notes: NotedRestore,
): Promise<ShellError> {
  const isUntouched = made.every((one) => one.isUntouched);
  const left: string[] = [];
  for (const one of isUntouched ? [] : made.toReversed()) left.push(...(await one.takeBack()));
  if (left.length === 0) {
    await notes.strike();
    const note = "everything this restore had made was dropped; the database is as it was";
    return error.with({ note: isUntouched ? (error.note ?? "nothing was changed") : note });
  }
  const count = left.length === 1 ? "one of the things it made" : `${left.length} of the things it made`;
  // Without a connection nobody knows what the server has made of the last of it.
  const are =
    error.code === "engine/lost" ? "may still be there" : left.length === 1 ? "is still there" : "are still there";
  return error.with({
    detail: [...error.detail, "could not be taken back:", ...left.slice(0, 10)],
    note: `the restore failed, and ${count} ${are}`,
  });
}

function phase(jobId: string, name: "locate", facts: Readonly<Record<string, string>>): Event {
  return { type: "phase", jobId, verb: "RESTORE", phase: name, facts };
}

/** A full backup knows one instant: another one cannot be restored from it. */
function refuseOtherTime(asOf: string | undefined, endTime: string): void {
  if (asOf === undefined || new Date(asOf).getTime() === new Date(endTime).getTime()) return;
  throw new ShellError("option/value", `the backup is of ${endTime}, not of ${asOf}`, {
    detail: ["restoring to another time needs a backup with revision history, which only CockroachDB takes"],
    hint: "leave out AS OF SYSTEM TIME, or choose another backup: SHOW BACKUPS IN …",
    note: "nothing was changed",
  });
}
