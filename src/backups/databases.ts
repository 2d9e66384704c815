import type { Span } from "../../grammar/index.ts";
import type { Engine } from "../engines/engine.ts";
import { ShellError } from "../errors.ts";
import { nearest } from "../std/nearest.ts";
import type { BackupTargets, TablePattern } from "./targets.ts";

/** One database of a backup; `patterns` absent means all of it. */
export interface WantedDatabase {
  readonly name: string;
  readonly patterns?: readonly TablePattern[];
}

/**
 * The databases a BACKUP visits, in byte order.
 * @throws ShellError `backup/target` for a database the server does not have.
 */
export async function databasesOf(targets: BackupTargets, engine: Engine): Promise<readonly WantedDatabase[]> {
  const existing = await connectableDatabases(engine);
  if (targets.type === "server") return existing.map((name) => ({ name }));
  if (targets.type === "databases") {
    for (const [index, name] of targets.names.entries()) requireDatabase(name, existing, targets.spans?.[index]);
    return [...new Set(targets.names)].toSorted().map((name) => ({ name }));
  }
  const byDatabase = new Map<string, TablePattern[]>();
  for (const pattern of targets.patterns) {
    const name = pattern.database ?? engine.description.database;
    requireDatabase(name, existing, pattern.span);
    byDatabase.set(name, [...(byDatabase.get(name) ?? []), pattern]);
  }
  return [...byDatabase].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, patterns]) => ({ name, patterns }));
}

/** Databases one can connect to, without the templates. An engine with one database has just that. */
export async function connectableDatabases(engine: Engine): Promise<readonly string[]> {
  if (!engine.capabilities.manyDatabases) return [engine.description.database];
  // Before PostgreSQL 12 the type name takes no collation.
  const rows = await engine.rows(
    `SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname::text COLLATE "C"`,
  );
  return rows.map(([name]) => name ?? "");
}

function requireDatabase(name: string, existing: readonly string[], span: Span | undefined): void {
  if (existing.includes(name)) return;
  const near = nearest(name, existing);
  throw new ShellError("backup/target", `database "${name}" does not exist`, {
    hint: near === undefined ? `the server has: ${existing.join(", ")}` : `did you mean ${near}?`,
    note: "nothing was written",
    ...(span === undefined ? {} : { span }),
  });
}
