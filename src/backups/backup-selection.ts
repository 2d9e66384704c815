// Which objects of a database a BACKUP TABLE covers. Chosen relations bring their parts and what they are built on.
// What they only mention (the other end of a foreign key, the tables of a view) is kept as a definition, so that a
// RESTORE can name what is missing.
import type { Engine, TableName } from "../engines/engine.ts";
import { quoteIdentifier } from "../engines/sql.ts";
import { ShellError } from "../errors.ts";
import type { DumpEntry, DumpToc } from "../formats/dump-toc.ts";
import { nearest } from "../std/nearest.ts";
import { DumpGraph, isRelation } from "./dump-graph.ts";
import type { ManifestSelection } from "./manifest.ts";
import { closureOf } from "./restore-selection.ts";
import { printPattern, type TablePattern } from "./targets.ts";

export interface BackupSelection {
  /** Absent when all of the database was chosen. */
  readonly patterns?: readonly ManifestSelection[];
  holdsDefinition(entry: DumpEntry): boolean;
  holdsRows(table: TableName): boolean;
}

/** The whole database. */
export const EVERYTHING: BackupSelection = { holdsDefinition: () => true, holdsRows: () => true };

/**
 * @param patterns absent for the whole database.
 * @param engine connected to the database: resolves names without a schema by its search path.
 * @throws ShellError `backup/target` for a name that is not there.
 */
export async function selectForBackup(
  toc: DumpToc,
  patterns: readonly TablePattern[] | undefined,
  engine: Engine,
): Promise<BackupSelection> {
  if (patterns === undefined) return EVERYTHING;
  const graph = new DumpGraph(toc.entries);
  const resolved: ManifestSelection[] = [];
  for (const pattern of patterns) resolved.push(...(await resolve(pattern, graph, engine)));
  const { included, mentioned } = closureOf(graph, resolved);
  const rows = new Set(toc.entries.filter((entry) => included.has(entry.dumpId) && isRelation(entry)).map(keyOfEntry));
  // Settings of the dump (encoding, string syntax) belong to every restore.
  const settings = new Set(toc.entries.filter((entry) => entry.type === "ENCODING" || entry.type === "STDSTRINGS"));
  return {
    patterns: resolved,
    holdsDefinition: (entry) => settings.has(entry) || included.has(entry.dumpId) || mentioned.has(entry.dumpId),
    holdsRows: (table) => rows.has(JSON.stringify([table.schema, table.name])),
  };
}

function keyOfEntry(entry: DumpEntry): string {
  return JSON.stringify([entry.schema, entry.tag]);
}

async function resolve(pattern: TablePattern, graph: DumpGraph, engine: Engine): Promise<readonly ManifestSelection[]> {
  const { name } = pattern;
  if (name === undefined) {
    const schemas = pattern.schema === undefined ? await searchPath(engine) : [pattern.schema];
    const known = new Set(graph.entries.map((entry) => (entry.type === "SCHEMA" ? entry.tag : entry.schema)));
    const found = schemas.filter((schema) => known.has(schema));
    if (found.length > 0) return found.map((schema) => ({ schema }));
    throw notThere(
      `schema "${pattern.schema ?? schemas.join(", ")}"`,
      pattern,
      new Map([...known].map((schema) => [schema, schema])),
    );
  }
  const schema = pattern.schema ?? (await schemaOf(name, engine));
  const relations = graph.entries.filter(isRelation);
  if (schema !== undefined && relations.some((entry) => entry.schema === schema && entry.tag === name)) {
    return [{ schema, name }];
  }
  const isBare = pattern.schema === undefined;
  const known = new Map(
    relations.map((entry) => {
      const full = `${entry.schema}.${entry.tag}`;
      return isBare ? [entry.tag, entry.schema === "public" ? entry.tag : full] : [full, full];
    }),
  );
  throw notThere(`table "${printPattern(pattern)}"`, pattern, known);
}

async function searchPath(engine: Engine): Promise<readonly string[]> {
  const rows = await engine.rows("SELECT pg_catalog.unnest(pg_catalog.current_schemas(false))");
  return rows.map(([schema]) => schema ?? "");
}

async function schemaOf(name: string, engine: Engine): Promise<string | undefined> {
  const [row] = await engine.rows(
    `SELECT n.nspname FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.oid = pg_catalog.to_regclass($1)`,
    [quoteIdentifier(name)],
  );
  return row?.[0] ?? undefined;
}

/** @param known the names that the pattern may have been meant to be, each with the way to write it. */
function notThere(what: string, pattern: TablePattern, known: ReadonlyMap<string, string>): ShellError {
  const near = known.get(nearest(printPattern(pattern), known.keys()) ?? "");
  return new ShellError("backup/target", `${what} does not exist`, {
    hint: near === undefined ? "\\dt *.* lists the tables of this database" : `did you mean ${near}?`,
    note: "nothing was written",
    span: pattern.span,
  });
}
