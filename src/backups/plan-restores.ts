// What a RESTORE is going to do to every database it covers, found out before anything is changed in any of them.
import type { Engine } from "../engines/engine.ts";
import type { RoleStatement } from "../engines/role-statement.ts";
import type { ShellError } from "../errors.ts";
import type { Event } from "../events.ts";
import { storedTables, type ManifestLargeObjects, type ManifestTable } from "./manifest.ts";
import type { WantedRestore } from "./restore-choice.ts";
import { planLargeObjects } from "./restore-large-objects.ts";
import { planRestore, type RestorePlan, type RestoreTarget } from "./restore-plan.ts";
import type { SkipOptions } from "./restore-selection.ts";
import { foreseeTarget, locateTarget, placeReports, readTarget, type TargetPlace } from "./restore-target.ts";
import type { SegmentReader } from "./segments.ts";
import { checkTables, damage } from "./verify.ts";

export interface RestoresRequest {
  readonly wanted: readonly WantedRestore[];
  /** Roles that the restore makes before the databases. */
  readonly roles: readonly RoleStatement[];
  readonly options: SkipOptions & { readonly schemaOnly: boolean; readonly verifyTableData: boolean };
  readonly reader: SegmentReader;
  /** Connections and worker threads at the most. */
  readonly jobs: number;
  readonly jobId: string;
  readonly signal: AbortSignal;
}

export interface PlannedRestore {
  readonly place: TargetPlace;
  readonly plan: RestorePlan<ManifestTable>;
  readonly largeObjects: ManifestLargeObjects | undefined;
}

/**
 * Plans all databases; each is looked at over a connection that is closed again.
 * @throws ShellError the first complaint: `backup/target`, `restore/*`, `integrity/*` from what is only verified.
 */
export async function* planRestores(
  engine: Engine,
  request: RestoresRequest,
): AsyncGenerator<Event, readonly PlannedRestore[]> {
  const existing = await engine.rows("SELECT rolname FROM pg_catalog.pg_roles");
  const made = request.roles.filter(({ kind }) => kind === "role").map(({ role }) => role);
  const roles = new Set([...existing.map(([role]) => role ?? ""), ...made]);
  const planned: PlannedRestore[] = [];
  const makes = new Map<string, RestorePlan<ManifestTable>["makes"]>();
  for (const wanted of request.wanted) {
    const facts = { database: wanted.targetName };
    yield { type: "phase", jobId: request.jobId, verb: "RESTORE", phase: "preflight", facts };
    request.signal.throwIfAborted();
    const place = await locateTarget(wanted, engine, roles);
    const target = await openForReading(place, engine);
    await using _ = target.closing;
    const seen =
      target.engine === undefined
        ? await foreseeTarget(wanted.database, engine, roles)
        : await readTarget(target.engine, roles, request.signal);
    const before = makes.get(wanted.targetName) ?? [];
    const name = engine.capabilities.manyDatabases ? wanted.targetName : engine.description.database;
    const plan = planOne(wanted, withMade(seen, before), request, name);
    makes.set(wanted.targetName, [...before, ...plan.makes]);
    const whole = wanted.selection.kind === "database" && !request.options.schemaOnly;
    const largeObjects = whole ? wanted.database.largeObjects : undefined;
    const aboutObjects = await planLargeObjects({ ...request, largeObjects }, { engine: target.engine, roles });
    const reports = [...placeReports(place, wanted, engine), ...plan.reports.map(({ text }) => text), ...aboutObjects];
    for (const message of reports) yield { type: "notice", severity: "NOTICE", message };
    planned.push({ place, plan, largeObjects });
  }
  if (request.options.verifyTableData) await verifyRows(request);
  request.signal.throwIfAborted();
  return planned;
}

function planOne(
  { database, selection }: WantedRestore,
  target: RestoreTarget,
  { options }: RestoresRequest,
  name: string,
): RestorePlan<ManifestTable> {
  const { objects: entries, tables, sequences } = database;
  return planRestore({ database: name, entries, tables, sequences, selection, options, target });
}

/** Tables of two databases may go into one: the second finds what the first will have made. */
function withMade(target: RestoreTarget, made: RestorePlan<ManifestTable>["makes"]): RestoreTarget {
  const schemas = made.flatMap(({ type, tag, schema }) => (type === "SCHEMA" ? [tag] : [schema]));
  return {
    ...target,
    entries: [...target.entries, ...made],
    schemas: new Set([...target.schemas, ...schemas.filter((schema) => schema !== "")]),
  };
}

interface Reading {
  /** Undefined for a database that is not there yet. */
  readonly engine: Engine | undefined;
  readonly closing: AsyncDisposable;
}

async function openForReading(place: TargetPlace, engine: Engine): Promise<Reading> {
  const nothing: AsyncDisposable = { [Symbol.asyncDispose]: async () => undefined };
  if (place.kind === "new") return { engine: undefined, closing: nothing };
  if (place.kind === "current") return { engine, closing: nothing };
  const opened = await engine.openDatabase(place.name);
  return { engine: opened, closing: opened };
}

/** Reads and authenticates the rows that schema_only does not load. */
async function verifyRows({ wanted, ...run }: RestoresRequest): Promise<void> {
  const failures: ShellError[] = [];
  const tables = wanted.flatMap(({ database }) => storedTables(database));
  for await (const result of checkTables(tables, run)) {
    if (result.type === "table") failures.push(...result.checked.failures);
  }
  const failure = damage(failures, "the backup");
  if (failure !== undefined) throw failure;
}
