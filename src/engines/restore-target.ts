/** A catalogue query: all rows as text. */
export type CatalogQuery = (sql: string) => Promise<readonly (readonly (string | null)[])[]>;

/** What the planning of a restore needs to know of the target besides a dump of it. */
export interface TargetNames {
  readonly versionNumber: number;
  readonly roles: ReadonlySet<string>;
  readonly tablespaces: ReadonlySet<string>;
  readonly schemas: ReadonlySet<string>;
}

async function names(query: CatalogQuery, sql: string): Promise<ReadonlySet<string>> {
  const rows = await query(sql);
  return new Set(rows.map(([name]) => name ?? ""));
}

/** Reads the names over a session to the target database. */
export async function readTargetNames(query: CatalogQuery): Promise<TargetNames> {
  const [[version] = []] = await query("SELECT pg_catalog.current_setting('server_version_num')");
  return {
    versionNumber: Number(version ?? 0),
    roles: await names(query, "SELECT rolname FROM pg_catalog.pg_roles"),
    tablespaces: await names(query, "SELECT spcname FROM pg_catalog.pg_tablespace"),
    schemas: await names(query, "SELECT nspname FROM pg_catalog.pg_namespace"),
  };
}
