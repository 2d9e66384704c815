// BACKUP: plan and recipe. The order of the recipe's steps is the safety argument: every key has wrapped before
// anything is written, the wrapped keys are there before data, data before the manifest, the manifest before LATEST.
import { randomUUID } from "node:crypto";
import type { BackupOption, BackupStatement } from "../../grammar/index.ts";
import { BackupTotals, captureDatabase } from "../backups/capture.ts";
import { databasesOf } from "../backups/databases.ts";
import { createEncryption } from "../backups/encryption.ts";
import { folderOf, isSegmentKey, MANIFEST } from "../backups/folders.ts";
import { MANIFEST_FORMAT, MANIFEST_VERSION, type BackupManifest, type ManifestDatabase } from "../backups/manifest.ts";
import { planTargets, type BackupTargets } from "../backups/targets.ts";
import { OpenServices, type KeyChoice } from "../backups/unlocking.ts";
import { BackupWriter } from "../backups/writer.ts";
import type { Engine } from "../engines/engine.ts";
import type { RoleStatement } from "../engines/role-statement.ts";
import { readRoles } from "../engines/roles.ts";
import type { Environment } from "../environment.ts";
import { asShellError, ShellError } from "../errors.ts";
import type { Column, Event, Events } from "../events.ts";
import type { RowFormat } from "../formats/rows.ts";
import type { Location } from "../location.ts";
import { conflict, type Reading } from "../plan/reading.ts";
import { takeBackLeftovers } from "../storage/leftovers.ts";
import type { Leftovers, ObjectStore } from "../storage/store.ts";
import { VERSION } from "../version.ts";

export interface BackupPlan extends KeyChoice {
  readonly collection: Location;
  readonly targets: BackupTargets;
  readonly detached: boolean;
  /** `text` when WITH rows = 'text' asks for it; binary where it is safe otherwise. */
  readonly rows: RowFormat;
}

/** Makes every complaint about the statement's text. */
export function planBackup(statement: BackupStatement, reading: Reading): BackupPlan {
  if (statement.legacy !== undefined) {
    throw unsupported("BACKUP … TO writes no collection", statement.span, "write BACKUP … INTO a collection");
  }
  if (statement.into !== undefined) {
    const { span } = statement.into.type === "latest" ? statement : statement.into.subdirectory;
    throw unsupported(
      "incremental backups are not supported yet",
      span,
      "leave out the folder: BACKUP … INTO 'uri' takes a full backup",
    );
  }
  if (statement.asOf !== undefined) {
    throw unsupported(
      "AS OF SYSTEM TIME needs CockroachDB: PostgreSQL keeps no history to read",
      statement.asOf.span,
      "leave it out: the backup is of the moment it starts",
    );
  }
  const options = planOptions(statement.options, reading);
  return {
    collection: reading.oneStorage(statement.collection, "write"),
    targets: planTargets(statement.targets),
    ...options,
  };
}

type PlannedOptions = Pick<BackupPlan, "kms" | "passphrase" | "detached" | "rows">;

function planOptions(options: readonly BackupOption[], reading: Reading): PlannedOptions {
  const planned: { -readonly [K in keyof PlannedOptions]: PlannedOptions[K] } = {
    kms: [],
    passphrase: undefined,
    detached: false,
    rows: "binary",
  };
  for (const option of options) {
    switch (option.name) {
      case "kms":
        planned.kms = reading.kms(option.uris);
        break;
      case "encryption_passphrase":
        planned.passphrase = reading.passphrase(option.text);
        break;
      case "detached":
        planned.detached = reading.boolean(option);
        break;
      case "rows":
        planned.rows = rowsOf(reading.text(option.text), option.span);
        break;
      default:
        refuseClusterOption(option, reading);
    }
    if (planned.passphrase !== undefined && planned.kms.length > 0) {
      throw conflict("cannot have both encryption_passphrase and kms option set", option.span);
    }
  }
  return planned;
}

function rowsOf(value: string, span: BackupStatement["span"]): RowFormat {
  if (value === "text" || value === "binary") return value;
  throw new ShellError("option/value", `rows must be 'text' or 'binary', not '${value}'`, {
    span,
    note: "nothing was written",
  });
}

/** Options that mean something to a CockroachDB cluster only. Switched off they ask for nothing, so they pass. */
function refuseClusterOption(option: BackupOption, reading: Reading): void {
  if ("value" in option && !reading.boolean(option)) return;
  throw unsupported(`${option.name} needs a CockroachDB cluster`, option.span, "leave the option out");
}

function unsupported(message: string, span: BackupStatement["span"], hint: string): ShellError {
  return new ShellError("engine/unsupported", message, { span, hint, note: "nothing was written" });
}

const RESULT: readonly Column[] = [
  { name: "job_id", kind: "text" },
  { name: "status", kind: "text" },
  { name: "fraction_completed", kind: "number" },
  { name: "rows", kind: "number" },
  { name: "bytes", kind: "number" },
  { name: "stored_bytes", kind: "number" },
  { name: "files", kind: "number" },
  { name: "path", kind: "text" },
  { name: "keys", kind: "number" },
];

const PASSWORDS_LEFT_OUT: Event = {
  type: "notice",
  severity: "WARNING",
  message: "the backup is not encrypted, so the roles' passwords are left out of it",
  hint: "encrypt it: WITH kms = '…' or WITH encryption_passphrase = '…'",
};

/** An object of a backup is complete in memory before its upload begins: an hour of silence is no pause. */
const BACKUP_LEFTOVERS: Leftovers = { prefix: "", isOwn: isSegmentKey, idleMs: 3_600_000 };

function latestLeftBehind(folder: string): Event {
  return {
    type: "notice",
    severity: "WARNING",
    message: "the backup is complete, but LATEST could not be pointed to it",
    hint: `name it: FROM '${folder}' IN …`,
  };
}

export interface JobContext {
  readonly jobId: string;
  readonly signal: AbortSignal;
}

/**
 * Takes a backup. On failure, and on abort, deletes what it wrote and says so.
 * Throws what the engine, the store and the keys throw.
 */
export async function* performBackup(plan: BackupPlan, environment: Environment, job: JobContext): Events {
  const started = performance.now();
  const { jobId, signal } = job;
  const engine = await environment.engine();
  if (engine.transaction !== "idle") {
    throw new ShellError(
      "statement/transaction",
      "BACKUP cannot be used inside a multi-statement transaction without DETACHED option",
      { hint: "COMMIT or ROLLBACK first", note: "nothing was written" },
    );
  }
  await using store = await environment.openStore(plan.collection);
  await using services = await OpenServices.open(plan.kms, environment);
  yield { type: "phase", jobId, verb: "BACKUP", phase: "keys", facts: { kms: plan.kms.length } };
  using encryption = await untouched(createEncryption(services.all, plan.passphrase, signal));

  const instant = await untouched(serverTime(engine));
  const folder = await untouched(freeFolder(store, instant));
  yield { type: "phase", jobId, verb: "BACKUP", phase: "snapshot", facts: { backup: folder } };
  const writer = new BackupWriter(store, folder, encryption?.key.keyObject());
  const totals = new BackupTotals();
  let settled = false;
  try {
    await writer.claim(jobId, signal);
    yield* await takeBackLeftovers(store, BACKUP_LEFTOVERS, signal);
    if (encryption !== undefined) await writer.writeEncryptionInfo(encryption.info, signal);
    const databases: ManifestDatabase[] = [];
    for (const wanted of await databasesOf(plan.targets, engine)) {
      const key = encryption?.key;
      const jobs = environment.connectionsMax;
      const capture = { ...wanted, rows: plan.rows, key, jobs, writer, totals, jobId, signal };
      databases.push(yield* captureDatabase(engine, capture));
    }
    const roles = plan.targets.type === "server" ? await readRoles(engine) : [];
    if (encryption === undefined && roles.some((statement) => statement.secret)) yield PASSWORDS_LEFT_OUT;
    yield { type: "phase", jobId, verb: "BACKUP", phase: "manifest", facts: { files: totals.files } };
    signal.throwIfAborted();
    const { isLatest } = await writer.commit(
      manifestOf(plan, engine, { instant, databases, roles, encrypted: encryption !== undefined }),
      environment.now(),
    );
    settled = true;
    if (!isLatest) yield latestLeftBehind(folder);
  } catch (thrown) {
    settled = true;
    throw await takeBack(writer, thrown);
  } finally {
    // Whoever reads the events may stop reading.
    if (!settled) await writer.discard();
  }
  const keys = plan.kms.length + (plan.passphrase === undefined ? 0 : 1);
  yield { type: "columns", columns: RESULT };
  yield { type: "rows", rows: [[jobId, "succeeded", "1", ...totals.cells(), `/${folder}`, String(keys)]] };
  yield {
    type: "finished",
    tag: "BACKUP",
    elapsedMs: performance.now() - started,
    summary: { backup: folder, ...totals.summary() },
  };
}

/** The server's clock names the folder, so that backups of one server sort as they were taken. */
async function serverTime(engine: Engine): Promise<Date> {
  const [row] = await engine.rows("SELECT extract(epoch FROM clock_timestamp())");
  return new Date(Number(row?.[0]) * 1000);
}

/** Folder names have hundredths of a second: two backups of one hundredth take neighbouring names. */
async function freeFolder(store: ObjectStore, instant: Date): Promise<string> {
  for (let shift = 0; ; shift += 10) {
    const folder = folderOf(new Date(instant.getTime() + shift));
    if (await isFree(store, folder)) return folder;
  }
}

async function isFree(store: ObjectStore, folder: string): Promise<boolean> {
  for await (const _ of store.list(`${folder}/`)) return false;
  return true;
}

function manifestOf(plan: BackupPlan, engine: Engine, parts: Captured): BackupManifest {
  const { name, version, versionNumber } = engine.description;
  return {
    format: MANIFEST_FORMAT,
    version: MANIFEST_VERSION,
    id: randomUUID(),
    kind: "full",
    startTime: null,
    endTime: parts.instant.toISOString(),
    engine: { name, version, versionNumber },
    wholeServer: plan.targets.type === "server",
    databases: parts.databases,
    roles: parts.encrypted ? parts.roles : parts.roles.filter((statement) => statement.secret !== true),
    localities: [],
    tool: { name: "sealift", version: VERSION },
  };
}

interface Captured {
  readonly instant: Date;
  readonly databases: readonly ManifestDatabase[];
  readonly roles: readonly RoleStatement[];
  readonly encrypted: boolean;
}

/** What fails before anything is written says so. */
async function untouched<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    const error = asShellError(thrown);
    throw error.with({ note: error.note ?? "nothing was written" });
  }
}

/** Deletes what was written; the error then says that nothing stays, or names what could not be deleted. */
async function takeBack(writer: BackupWriter, thrown: unknown): Promise<ShellError> {
  const error = asShellError(thrown);
  const left = await writer.discard();
  if (left.length === 0) return error.with({ note: "nothing was written" });
  if (left.some((key) => key.endsWith(`/${MANIFEST}`))) {
    return error.with({ note: "the store did not say whether the backup was made: SHOW BACKUPS IN tells" });
  }
  return error.with({
    note: `no backup was made; ${left.length} objects could not be deleted: ${left.slice(0, 3).join(", ")}`,
  });
}
