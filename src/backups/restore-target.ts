// Where a RESTORE goes: which databases of the backup, into which databases of the server.
import { planDatabase } from "../engines/database-facts.ts";
import type { Engine } from "../engines/engine.ts";
import { readTargetNames } from "../engines/restore-target.ts";
import { ShellError } from "../errors.ts";
import type { Event } from "../events.ts";
import { nearest } from "../std/nearest.ts";
import { connectableDatabases } from "./databases.ts";
import { isRelation } from "./dump-graph.ts";
import type { BackupManifest, ManifestDatabase } from "./manifest.ts";
import type { RestoreTarget } from "./restore-plan.ts";
import { takeBack } from "./restore-run.ts";
import type { ObjectPattern, RestoreSelection } from "./restore-selection.ts";
import type { UndoLog } from "./restore-transaction.ts";
import { printPattern, type BackupTargets, type TablePattern } from "./targets.ts";

/** One database of the backup and where it goes. */
export interface WantedRestore {
  readonly database: ManifestDatabase;
  readonly targetName: string;
  readonly selection: RestoreSelection;
  /** Whether the target is made when it is not there: tables go into a database that exists. */
  readonly mayCreate: boolean;
}

export interface RestoreChoice {
  readonly targets: BackupTargets;
  readonly intoDb: string | undefined;
  readonly newDbName: string | undefined;
}

/** Throws `backup/target` for what the backup does not hold, `engine/unsupported` for several databases where there is one. */
export function selectDatabases(
  manifest: BackupManifest,
  choice: RestoreChoice,
  engine: Engine,
): readonly WantedRestore[] {
  const wanted = choose(manifest, choice, engine);
  if (engine.capabilities.manyDatabases || wanted.length <= 1) return wanted;
  throw new ShellError(
    "engine/unsupported",
    `the backup holds ${wanted.length} databases, the ${engine.description.name} engine has one`,
    {
      detail: wanted.map(({ database }) => database.name),
      hint: "restore one of them: RESTORE DATABASE name FROM …",
      note: "nothing was changed",
    },
  );
}

function choose(manifest: BackupManifest, choice: RestoreChoice, engine: Engine): readonly WantedRestore[] {
  const { targets } = choice;
  if (targets.type === "server") {
    return manifest.databases.map((database) => whole(database, database.name));
  }
  if (targets.type === "databases") {
    return targets.names.map((name) => whole(findDatabase(manifest, name), choice.newDbName ?? name));
  }
  const byDatabase = new Map<ManifestDatabase, TablePattern[]>();
  for (const pattern of targets.patterns) {
    const database = databaseOf(pattern, manifest, engine);
    byDatabase.set(database, [...(byDatabase.get(database) ?? []), pattern]);
  }
  return [...byDatabase].map(([database, patterns]) => ({
    database,
    targetName: choice.intoDb ?? patterns[0]?.database ?? engine.description.database,
    selection: { kind: "objects", patterns: patterns.flatMap((pattern) => resolve(pattern, database)) },
    mayCreate: false,
  }));
}

function whole(database: ManifestDatabase, targetName: string): WantedRestore {
  const selection: RestoreSelection =
    database.selected === undefined ? { kind: "database" } : { kind: "objects", patterns: database.selected };
  return { database, targetName, selection, mayCreate: true };
}

function findDatabase(manifest: BackupManifest, name: string): ManifestDatabase {
  const found = manifest.databases.find((database) => database.name === name);
  if (found !== undefined) return found;
  const names = manifest.databases.map((database) => database.name);
  const near = nearest(name, names);
  throw new ShellError("backup/target", `database "${name}" is not in this backup`, {
    hint: near === undefined ? `it holds: ${names.join(", ")}` : `did you mean ${near}?`,
    note: "nothing was changed",
  });
}

/** A name without a database means the connected one's, or the only one there is. */
function databaseOf(pattern: TablePattern, manifest: BackupManifest, engine: Engine): ManifestDatabase {
  if (pattern.database !== undefined) return findDatabase(manifest, pattern.database);
  const [first, second] = manifest.databases;
  if (first !== undefined && second === undefined) return first;
  return findDatabase(manifest, engine.description.database);
}

function resolve(pattern: TablePattern, database: ManifestDatabase): readonly ObjectPattern[] {
  const { name } = pattern;
  if (name === undefined) return [{ schema: pattern.schema ?? "public" }];
  if (pattern.schema !== undefined) return [{ schema: pattern.schema, name }];
  const schemas = database.objects
    .filter((entry) => isRelation(entry) && entry.tag === name)
    .map((entry) => entry.schema);
  const schema = schemas.includes("public") ? "public" : schemas[0];
  if (schema === undefined) {
    const names = database.objects.filter(isRelation).map((entry) => entry.tag);
    const near = nearest(name, names);
    throw new ShellError("backup/target", `table "${printPattern(pattern)}" is not in this backup`, {
      hint: near === undefined ? "SHOW BACKUP FROM … IN … lists what is" : `did you mean ${near}?`,
      note: "nothing was changed",
      span: pattern.span,
    });
  }
  if (schemas.length > 1 && schema !== "public") {
    throw new ShellError("backup/target", `table "${name}" is in several schemas of this backup`, {
      detail: schemas.map((one) => `${one}.${name}`),
      hint: "write the schema before the name",
      note: "nothing was changed",
      span: pattern.span,
    });
  }
  return [{ schema, name }];
}

/** A database that is being restored into, with the way back. */
export class OpenTarget implements AsyncDisposable {
  readonly engine: Engine;
  readonly notices: readonly Event[];
  /** What a failure takes back. */
  readonly undo: UndoLog = [];
  readonly #last: readonly string[];
  readonly #drop: (() => Promise<readonly string[]>) | undefined;
  readonly #owned: boolean;

  constructor(engine: Engine, fields: TargetFields) {
    this.engine = engine;
    this.notices = fields.notices ?? [];
    this.#last = fields.last ?? [];
    this.#drop = fields.drop;
    this.#owned = fields.owned;
  }

  /** What the plan of a restore looks at. */
  async facts(signal: AbortSignal): Promise<RestoreTarget> {
    const names = await readTargetNames((sql) => this.engine.rows(sql));
    if (await this.#isEmpty()) return { ...names, entries: [] };
    await using snapshot = await this.engine.openSnapshot(signal);
    const { entries } = await snapshot.dumpSchema(signal);
    return { ...names, entries };
  }

  /** Nothing but what initdb made: there is nothing to describe. Object ids of users begin at 16384 (FirstNormalObjectId). */
  async #isEmpty(): Promise<boolean> {
    const catalogues = ["pg_class", "pg_type", "pg_proc", "pg_namespace", "pg_extension", "pg_operator", "pg_cast"];
    const any = catalogues.map((name) => `EXISTS (SELECT FROM pg_catalog.${name} WHERE oid >= 16384)`).join(" OR ");
    const [row] = await this.engine.rows(`SELECT ${any}`);
    return row?.[0] === "f";
  }

  /** Settings, owner and grants of a database that this restore made: last, as they could stop the restore. */
  async finish(): Promise<void> {
    for (const statement of this.#last) await this.engine.rows(statement);
  }

  /** Nothing was made here yet. */
  get isUntouched(): boolean {
    return this.#drop === undefined && this.undo.length === 0;
  }

  /** Takes everything back that was made here. Returns what could not be. */
  async takeBack(): Promise<readonly string[]> {
    if (this.#drop === undefined) return takeBack(this.engine, this.undo);
    return this.#drop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#owned) await this.engine[Symbol.asyncDispose]();
  }
}

interface TargetFields {
  readonly owned: boolean;
  readonly notices?: readonly Event[];
  readonly last?: readonly string[];
  /** Returns what could not be taken back. */
  readonly drop?: () => Promise<readonly string[]>;
}

/**
 * Connects to the target, making the database when it is not there and may be made.
 * @throws ShellError `backup/target` when tables are to go into a database that does not exist.
 */
export async function openTarget(wanted: WantedRestore, engine: Engine): Promise<OpenTarget> {
  const { database, targetName } = wanted;
  const current = engine.description.database;
  if (targetName === current) return new OpenTarget(engine, { owned: false });
  if (!engine.capabilities.manyDatabases) {
    const message = `the ${engine.description.name} engine has one database: ${targetName} is restored into ${current}`;
    return new OpenTarget(engine, { owned: false, notices: [{ type: "notice", severity: "NOTICE", message }] });
  }
  if ((await connectableDatabases(engine)).includes(targetName)) {
    return new OpenTarget(await engine.openDatabase(targetName), { owned: true });
  }
  if (!wanted.mayCreate) {
    throw new ShellError("backup/target", `database "${targetName}" does not exist`, {
      hint: "create it, or name another WITH into_db = '…'",
      note: "nothing was changed",
    });
  }
  return createTarget(database, targetName, engine);
}

async function createTarget(database: ManifestDatabase, name: string, engine: Engine): Promise<OpenTarget> {
  const { roles, versionNumber } = await readTargetNames((sql) => engine.rows(sql));
  const plan = planDatabase(database, { name, versionNumber, roles });
  await engine.rows(plan.create);
  const drop = async (): Promise<readonly string[]> => takeBack(engine, [[plan.undo]]);
  try {
    const made = await engine.openDatabase(name);
    for (const statement of plan.first) await made.rows(statement);
    const notices: Event[] = plan.missingRoles.map((role) => ({
      type: "notice",
      severity: "NOTICE",
      message: `role ${role} does not exist here: what is its on database ${name} is left out`,
    }));
    return new OpenTarget(made, {
      owned: true,
      notices,
      last: plan.last,
      drop: async () => {
        await made[Symbol.asyncDispose]();
        return drop();
      },
    });
  } catch (thrown) {
    await drop();
    throw thrown;
  }
}
