// What SHOW BACKUP shows of a manifest: columns and their order are CockroachDB's (docs/statements/show-backup.md).
import type { Column, Row } from "../events.ts";
import type { DumpEntry } from "../formats/dump-toc.ts";
import type { BackupManifest, ManifestDatabase, ManifestSegment, ManifestTable } from "./manifest.ts";

export interface ListingOptions {
  readonly schemas: boolean;
  readonly privileges: boolean;
  readonly debugIds: boolean;
  readonly skipSize: boolean;
  /** Stored size of every object of the backup by its key below the folder, when files were looked at. */
  readonly fileBytes?: ReadonlyMap<string, number>;
}

interface Listed {
  readonly database: ManifestDatabase;
  /** Absent for the database itself and its large objects. */
  readonly entry?: DumpEntry;
  readonly objectType: string;
}

type Cell = (listed: Listed) => string | null;
type ColumnOf = readonly [Column, Cell];

/** pg_dump's object types as CockroachDB calls them; what is not here has no row of its own. */
const OBJECT_TYPES: ReadonlyMap<string, string> = new Map([
  ["SCHEMA", "schema"],
  ["TABLE", "table"],
  ["VIEW", "table"],
  ["MATERIALIZED VIEW", "table"],
  ["SEQUENCE", "table"],
  ["FOREIGN TABLE", "table"],
  ["TYPE", "type"],
  ["DOMAIN", "type"],
  ["FUNCTION", "function"],
  ["PROCEDURE", "function"],
  ["AGGREGATE", "function"],
]);

/** All large objects of a database are one row; CockroachDB has none. */
const LARGE_OBJECTS = "large objects";

export function columnsOfListing(manifest: BackupManifest, options: ListingOptions): readonly Column[] {
  return cellsOf(manifest, options).map(([column]) => column);
}

/** One row per database, schema, type, function and table, in dump order. */
export function rowsOfListing(manifest: BackupManifest, options: ListingOptions): readonly Row[] {
  const cells = cellsOf(manifest, options);
  return manifest.databases.flatMap(listDatabase).map((listed) => cells.map(([, cell]) => cell(listed)));
}

function listDatabase(database: ManifestDatabase): Listed[] {
  const listed: Listed[] = [{ database, objectType: "database" }];
  for (const entry of database.objects) {
    const objectType = OBJECT_TYPES.get(entry.type);
    if (objectType !== undefined) listed.push({ database, entry, objectType });
  }
  if (database.largeObjects !== undefined) listed.push({ database, objectType: LARGE_OBJECTS });
  return listed;
}

function cellsOf(manifest: BackupManifest, options: ListingOptions): readonly ColumnOf[] {
  const tables = new Map(manifest.databases.map((database) => [database, tablesByName(database)]));
  const tableOf = (listed: Listed): ManifestTable | undefined =>
    listed.entry === undefined
      ? undefined
      : tables.get(listed.database)?.get(nameKey(listed.entry.schema, listed.entry.tag));
  const columns: ColumnOf[] = [text("database_name", (l) => (l.objectType === "database" ? null : l.database.name))];
  if (options.debugIds) columns.push(number("database_id", () => null));
  columns.push(text("parent_schema_name", (l) => l.entry?.schema || null));
  if (options.debugIds) columns.push(number("parent_schema_id", (l) => schemaOid(l)));
  columns.push(
    text("object_name", (l) => l.entry?.tag ?? (l.objectType === LARGE_OBJECTS ? LARGE_OBJECTS : l.database.name)),
  );
  if (options.debugIds) columns.push(number("object_id", (l) => (l.entry === undefined ? null : String(l.entry.oid))));
  columns.push(
    text("object_type", (l) => l.objectType),
    text("backup_type", () => manifest.kind),
    time("start_time", () => printTime(manifest.startTime)),
    time("end_time", () => printTime(manifest.endTime)),
    number("size_bytes", (l) => sizeOf(l, tableOf(l), options, (table) => table.bytes)),
    number("rows", (l) => sizeOf(l, tableOf(l), options, (table) => table.rows)),
    [{ name: "is_full_cluster", kind: "boolean" }, () => (manifest.wholeServer ? "t" : "f")],
    text("regions", () => null),
  );
  if (options.schemas) columns.push(text("create_statement", createStatementOf));
  if (options.privileges) columns.push(text("privileges", privilegesOf), text("owner", ownerOf));
  const fileBytes = options.fileBytes;
  if (fileBytes !== undefined)
    columns.push(number("file_bytes", (l) => fileBytesOf(filesOf(l, tableOf(l)), fileBytes)));
  return columns;
}

function text(name: string, cell: Cell): ColumnOf {
  return [{ name, kind: "text" }, cell];
}

function number(name: string, cell: Cell): ColumnOf {
  return [{ name, kind: "number" }, cell];
}

function time(name: string, cell: Cell): ColumnOf {
  return [{ name, kind: "time" }, cell];
}

/** `2026-11-21 07:18:26.12+00`, as PostgreSQL prints a timestamptz in UTC. */
export function printTime(iso: string | null): string | null {
  if (iso === null) return null;
  const [date = "", rest = ""] = iso.replace("Z", "").split("T");
  const trimmed = rest.includes(".") ? rest.replace(/0+$/, "").replace(/\.$/, "") : rest;
  return `${date} ${trimmed}+00`;
}

function nameKey(schema: string, name: string): string {
  return JSON.stringify([schema, name]);
}

function tablesByName(database: ManifestDatabase): ReadonlyMap<string, ManifestTable> {
  return new Map(database.tables.map((table) => [nameKey(table.schema, table.name), table]));
}

function sizeOf(
  listed: Listed,
  table: ManifestTable | undefined,
  options: ListingOptions,
  pick: (table: ManifestTable) => string,
): string | null {
  const { largeObjects } = listed.database;
  if (listed.objectType === LARGE_OBJECTS && largeObjects !== undefined && !options.skipSize) {
    // What is in them, and how many they are.
    return pick({ ...largeObjects.contents, rows: largeObjects.objects.rows });
  }
  if (listed.objectType !== "table" || options.skipSize) return null;
  return table === undefined ? "0" : pick(table);
}

function schemaOid(listed: Listed): string | null {
  const schema = listed.entry?.schema;
  const entry = listed.database.objects.find((object) => object.type === "SCHEMA" && object.tag === schema);
  return entry === undefined ? null : String(entry.oid);
}

function createStatementOf(listed: Listed): string | null {
  if (listed.objectType === LARGE_OBJECTS) return null;
  if (listed.entry === undefined) return listed.database.statements[0]?.sql ?? null;
  const own = listed.entry.create.trim();
  const satellites = satellitesOf(listed.database, listed.entry)
    .filter((object) => object.type !== "ACL" && object.type !== "COMMENT" && object.type !== "TABLE DATA")
    .map((object) => object.create.trim());
  return [own, ...satellites].filter((sql) => sql !== "").join("\n");
}

/** Defaults, constraints, indexes, triggers, policies, grants and comments: what hangs on this object alone. */
function satellitesOf(database: ManifestDatabase, entry: DumpEntry): readonly DumpEntry[] {
  const own = entry.tag;
  return database.objects.filter(
    (object) =>
      object !== entry &&
      object.dependencies.includes(entry.dumpId) &&
      object.schema === entry.schema &&
      (object.tag === own ||
        object.tag.startsWith(`${own} `) ||
        object.type === "INDEX" ||
        object.tag.endsWith(` ${own}`)),
  );
}

function privilegesOf(listed: Listed): string | null {
  const entry = listed.entry;
  if (listed.objectType === LARGE_OBJECTS) return null;
  const acl =
    entry === undefined
      ? listed.database.statements.filter((statement) => statement.sql.startsWith("GRANT")).map((s) => s.sql)
      : listed.database.objects
          .filter((object) => object.type === "ACL" && object.dependencies.includes(entry.dumpId))
          .map((object) => object.create);
  return acl
    .flatMap((sql) => sql.split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ");
}

function ownerOf(listed: Listed): string | null {
  if (listed.objectType === LARGE_OBJECTS) return null;
  return listed.entry === undefined ? listed.database.owner : listed.entry.owner || null;
}

function filesOf(
  { database, objectType }: Listed,
  table: ManifestTable | undefined,
): readonly ManifestSegment[] | undefined {
  const { largeObjects } = database;
  if (objectType !== LARGE_OBJECTS || largeObjects === undefined) return table?.segments;
  return [...largeObjects.objects.segments, ...largeObjects.contents.segments];
}

function fileBytesOf(
  segments: readonly ManifestSegment[] | undefined,
  fileBytes: ReadonlyMap<string, number>,
): string | null {
  if (segments === undefined) return null;
  let sum = 0;
  for (const segment of segments) sum += fileBytes.get(`data/${segment.id}`) ?? 0;
  return String(sum);
}
