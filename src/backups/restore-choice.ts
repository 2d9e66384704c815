// Which databases of a backup a RESTORE is about, and into which databases of the server they go.
import type { Span } from "../../grammar/index.ts";
import type { Engine } from "../engines/engine.ts";
import { ShellError } from "../errors.ts";
import { nearest } from "../std/nearest.ts";
import { isRelation } from "./dump-graph.ts";
import type { BackupManifest, ManifestDatabase } from "./manifest.ts";
import type { ObjectPattern, RestoreSelection } from "./restore-selection.ts";
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
    return targets.names.map((name, index) =>
      whole(findDatabase(manifest, name, targets.spans?.[index]), choice.newDbName ?? name),
    );
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

function findDatabase(manifest: BackupManifest, name: string, span?: Span): ManifestDatabase {
  const found = manifest.databases.find((database) => database.name === name);
  if (found !== undefined) return found;
  const names = manifest.databases.map((database) => database.name);
  const near = nearest(name, names);
  throw new ShellError("backup/target", `database "${name}" is not in this backup`, {
    hint: near === undefined ? `it holds: ${names.join(", ")}` : `did you mean ${near}?`,
    note: "nothing was changed",
    ...(span === undefined ? {} : { span }),
  });
}

/** A name without a database means the connected one's, or the only one there is. */
function databaseOf(pattern: TablePattern, manifest: BackupManifest, engine: Engine): ManifestDatabase {
  if (pattern.database !== undefined) return findDatabase(manifest, pattern.database, pattern.span);
  const [first, second] = manifest.databases;
  if (first !== undefined && second === undefined) return first;
  return findDatabase(manifest, engine.description.database, pattern.span);
}

function resolve(pattern: TablePattern, database: ManifestDatabase): readonly ObjectPattern[] {
  const { name } = pattern;
  if (name === undefined) return [{ schema: pattern.schema ?? "public" }];
  if (pattern.schema !== undefined) return [requireTable({ schema: pattern.schema, name }, database, pattern.span)];
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

function requireTable(wanted: Required<ObjectPattern>, database: ManifestDatabase, span: Span): ObjectPattern {
  const tables = database.objects.filter(isRelation);
  if (tables.some(({ schema, tag }) => schema === wanted.schema && tag === wanted.name)) return wanted;
  const typed = `${wanted.schema}.${wanted.name}`;
  const near = nearest(
    typed,
    tables.map(({ schema, tag }) => `${schema}.${tag}`),
  );
  throw new ShellError("backup/target", `${typed} is not in this backup`, {
    hint: near === undefined ? "SHOW BACKUP FROM … IN … lists what is" : `did you mean ${near}?`,
    note: "nothing was changed",
    span,
  });
}
