/** What a schema dump is to hold. */
export interface DumpRequest {
  readonly database: string;
  /** From pg_export_snapshot(); the session's own view when absent. */
  readonly snapshotId?: string;
}

/** A libpq connection string that says only the database's name, whatever characters that holds. */
export function databaseArgument(database: string): string {
  return `dbname='${database.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/**
 * pg_dump's arguments for a table of contents without data. Two sections instead of `--schema-only`, because only so
 * is there an entry for each materialized view that holds rows. Large objects, of which there may be millions, are read as
 * rows are (engines/large-objects.ts).
 */
export function dumpArguments(request: DumpRequest): readonly string[] {
  return [
    "--format=custom",
    "--compress=0",
    "--section=pre-data",
    "--section=post-data",
    "--no-blobs",
    "--encoding=UTF8",
    "--no-password",
    ...(request.snapshotId === undefined ? [] : [`--snapshot=${request.snapshotId}`]),
    "--dbname",
    databaseArgument(request.database),
  ];
}
