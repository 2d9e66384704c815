// The databases of the server that a RESTORE goes into: found and looked at first, opened or made later.
import { planDatabase, UNFINISHED, type DatabasePlan } from "../engines/database-facts.ts";
import type { Engine } from "../engines/engine.ts";
import { readTargetNames } from "../engines/restore-target.ts";
import { quoteIdentifier } from "../engines/sql.ts";
import { ShellError } from "../errors.ts";
import { connectableDatabases } from "./databases.ts";
import type { ManifestDatabase } from "./manifest.ts";
import type { WantedRestore } from "./restore-choice.ts";
import type { RestoreTarget } from "./restore-plan.ts";
import { takeBack } from "./restore-run.ts";
import type { UndoLog } from "./restore-transaction.ts";

/** Where a database goes. */
export type TargetPlace =
  | { readonly kind: "current" }
  | { readonly kind: "existing"; readonly name: string }
  /** It is made before its objects are. */
  | { readonly kind: "new"; readonly name: string; readonly plan: DatabasePlan };

/**
 * Finds out where a database goes, changing nothing.
 * @param roles those that will be there when it is restored.
 * @throws ShellError `backup/target` when tables are to go into a database that does not exist, `restore/conflict` for one
 * that a RESTORE made and did not finish, `engine/unsupported` for a locale that the server cannot have.
 */
export async function locateTarget(
  wanted: WantedRestore,
  engine: Engine,
  roles: ReadonlySet<string>,
): Promise<TargetPlace> {
  const { database, targetName: name } = wanted;
  if (name === engine.description.database || !engine.capabilities.manyDatabases) return { kind: "current" };
  if ((await connectableDatabases(engine)).includes(name)) {
    await refuseUnfinished(engine, name);
    return { kind: "existing", name };
  }
  if (!wanted.mayCreate) {
    throw new ShellError("backup/target", `database "${name}" does not exist`, {
      hint: "create it, or name another WITH into_db = '…'",
      note: "nothing was changed",
    });
  }
  const { versionNumber } = await readTargetNames((sql) => engine.rows(sql));
  return { kind: "new", name, plan: planDatabase(database, { name, versionNumber, roles }) };
}

/** A database that a killed RESTORE left may look whole. */
async function refuseUnfinished(engine: Engine, name: string): Promise<void> {
  const [row] = await engine.rows(
    "SELECT pg_catalog.shobj_description(oid, 'pg_database') FROM pg_catalog.pg_database WHERE datname = $1",
    [name],
  );
  if (row?.[0] !== UNFINISHED) return;
  throw new ShellError("restore/conflict", `database "${name}" was left by a RESTORE that has not ended`, {
    detail: ["its comment says so; what it holds is not all that was to be restored"],
    hint: `if no RESTORE into it is under way, DROP DATABASE ${quoteIdentifier(name)} and restore again`,
    note: "nothing was changed",
  });
}

/** What the user should know of the place. */
export function placeReports(place: TargetPlace, wanted: WantedRestore, engine: Engine): readonly string[] {
  const { name, database } = engine.description;
  if (place.kind === "new") {
    return place.plan.missingRoles.map(
      (role) => `role ${role} does not exist here: what is its on database ${place.name} is left out`,
    );
  }
  if (place.kind === "existing" || wanted.targetName === database) return [];
  return [`the ${name} engine has one database: ${wanted.targetName} is restored into ${database}`];
}

/** The schemas of a database that was just made (template0). */
const FIRST_SCHEMAS = ["information_schema", "pg_catalog", "pg_toast"];

/** What the plan of a restore looks at, of a database that is there; `roles` as in `locateTarget`. */
export async function readTarget(
  engine: Engine,
  roles: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<RestoreTarget> {
  const names = { ...(await readTargetNames((sql) => engine.rows(sql))), roles };
  if (await isEmpty(engine)) return { ...names, entries: [] };
  await using snapshot = await engine.openSnapshot(signal);
  const { entries } = await snapshot.dumpSchema(signal);
  return { ...names, entries };
}

/** `readTarget` of a database that will be made on the engine's server. */
export async function foreseeTarget(
  { definition }: ManifestDatabase,
  engine: Engine,
  roles: ReadonlySet<string>,
): Promise<RestoreTarget> {
  const names = await readTargetNames((sql) => engine.rows(sql));
  const schemas = new Set([...FIRST_SCHEMAS, ...(definition.hasPublic ? ["public"] : [])]);
  return { ...names, roles, schemas, entries: [] };
}

/** Nothing but what initdb made: there is nothing to describe. Object ids of users begin at 16384 (FirstNormalObjectId). */
async function isEmpty(engine: Engine): Promise<boolean> {
  const catalogues = ["pg_class", "pg_type", "pg_proc", "pg_namespace", "pg_extension", "pg_operator", "pg_cast"];
  const any = catalogues.map((name) => `EXISTS (SELECT FROM pg_catalog.${name} WHERE oid >= 16384)`).join(" OR ");
  const [row] = await engine.rows(`SELECT ${any}`);
  return row?.[0] === "f";
}

/** A database that is being restored into, with the way back. */
export class OpenTarget implements AsyncDisposable {
  readonly engine: Engine;
  /** What a failure takes back. */
  readonly undo: UndoLog = [];
  readonly #fields: TargetFields;

  constructor(engine: Engine, fields: TargetFields) {
    this.engine = engine;
    this.#fields = fields;
  }

  /** Settings, owner and grants of a database that this restore made: last, as they could stop the restore. */
  async finish(): Promise<void> {
    for (const statement of this.#fields.last ?? []) await this.engine.rows(statement);
  }

  /** Nothing was made here yet. */
  get isUntouched(): boolean {
    return this.#fields.drop === undefined && this.undo.length === 0;
  }

  /** Takes everything back that was made here. Returns what could not be. */
  async takeBack(): Promise<readonly string[]> {
    if (this.#fields.drop === undefined) return takeBack(this.engine, this.undo);
    return this.#fields.drop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#fields.owned) await this.engine[Symbol.asyncDispose]();
  }
}

interface TargetFields {
  readonly owned: boolean;
  readonly last?: readonly string[];
  /** Returns what could not be taken back. */
  readonly drop?: () => Promise<readonly string[]>;
}

/** Connects to the place, making the database when it is a new one. */
export async function openTarget(place: TargetPlace, engine: Engine): Promise<OpenTarget> {
  if (place.kind === "current") return new OpenTarget(engine, { owned: false });
  if (place.kind === "existing") return new OpenTarget(await engine.openDatabase(place.name), { owned: true });
  const { name, plan } = place;
  await engine.rows(plan.create);
  const drop = async (): Promise<readonly string[]> => takeBack(engine, [[plan.undo]]);
  try {
    const made = await engine.openDatabase(name);
    for (const statement of [plan.mark, ...plan.first]) await made.rows(statement);
    return new OpenTarget(made, {
      owned: true,
      last: [plan.unmark, ...plan.last],
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
