// What the catalogues of PostgreSQL, of Redshift (which has those of PostgreSQL 8.0) and of the embedded engine are
// asked for. Only catalogues and functions that all of them have, CockroachDB too by its documentation; a foreign key's
// columns are read from its definition.
import { ShellError } from "../errors.ts";
import { Catalogue, PROCEDURE, type Relation, type RelationKind } from "./catalogue.ts";
import { readIdentifier } from "./identifiers.ts";

export type CatalogueRows = readonly (readonly (string | null)[])[];

/** Runs one query of the catalogue. */
export type AskCatalogue = (sql: string) => Promise<CatalogueRows>;

/** Longest turn before whoever types gets one; looked at every so many rows. */
const TURN_MS = 5;
const TURN_ROWS = 32;
/** The first version with roles instead of users and groups; Redshift says 8.0.2. */
const ROLES_SINCE = 80_100;

/** Schemas whose objects are not named, or only by their own session. */
const HIDDEN_SCHEMAS = "n.nspname !~ '^pg_(toast|temp|internal)'";

function relationsWhere(condition: string): string {
  return `SELECT c.oid, n.nspname, c.relname, c.relkind FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'i', 'I') AND ${condition} ORDER BY n.nspname, c.relname`;
}

function columnsWhere(condition: string): string {
  return `SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND ${condition}
  ORDER BY a.attrelid, a.attnum`;
}

const FOREIGN_KEYS = `SELECT k.conrelid, k.confrelid, pg_catalog.pg_get_constraintdef(k.oid)
  FROM pg_catalog.pg_constraint k WHERE k.contype = 'f'`;

/** The first version that knows procedures; before, nothing is one. */
const PROCEDURES_SINCE = 110_000;

// Functions behind operators and types are nobody's to call. What a procedure gives differs between versions.
function functionsOf(versionNumber: number): string {
  const isProcedure = versionNumber >= PROCEDURES_SINCE ? "p.prokind = 'p'" : "false";
  return `SELECT n.nspname, p.proname, CASE WHEN p.pronargs = 0 AND EXISTS (SELECT 1 FROM pg_catalog.pg_aggregate g
      WHERE g.aggfnoid = p.oid) THEN '*' ELSE pg_catalog.oidvectortypes(p.proargtypes) END,
    CASE WHEN ${isProcedure} THEN '${PROCEDURE}' ELSE pg_catalog.format_type(p.prorettype, NULL) END, p.proretset
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE ${HIDDEN_SCHEMAS} AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_description d
    WHERE d.objoid = p.oid AND (d.description LIKE 'implementation of %' OR d.description LIKE 'internal %' OR d.description = 'I/O'))
  ORDER BY p.proname, 3`;
}

const TYPES = `SELECT n.nspname, t.typname FROM pg_catalog.pg_type t
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
  WHERE t.typname !~ '^_' AND t.typtype <> 'p' AND (c.oid IS NULL OR c.relkind = 'c') AND ${HIDDEN_SCHEMAS}
    AND n.nspname <> 'information_schema' ORDER BY t.typname`;

const SCHEMAS = `SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE ${HIDDEN_SCHEMAS} ORDER BY 1`;
const DATABASES = "SELECT datname FROM pg_catalog.pg_database WHERE datallowconn ORDER BY 1";
const ROLES = "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' ORDER BY 1";
const USERS = "SELECT usename FROM pg_catalog.pg_user ORDER BY 1";
const SEARCH_PATH = "SELECT pg_catalog.current_setting('search_path'), current_user";
const IS_TEMPORARY = "n.oid = pg_catalog.pg_my_temp_schema()";

/** What one session sees and others do not. */
export interface SessionNames {
  readonly searchPath: readonly string[];
  readonly relations: CatalogueRows;
  readonly columns: CatalogueRows;
}

/** Undefined where the session may not be asked, or not to the end. */
export async function readSessionNames(
  ask: (sql: string) => Promise<CatalogueRows | undefined>,
  versionNumber: number,
): Promise<SessionNames | undefined> {
  const rows = await ask(SEARCH_PATH);
  if (rows === undefined) return undefined;
  const searchPath = parseSearchPath(rows[0]?.[0] ?? "", rows[0]?.[1] ?? "");
  if (versionNumber < ROLES_SINCE) return { searchPath, relations: [], columns: [] };
  const [relations, columns] = [await ask(relationsWhere(IS_TEMPORARY)), await ask(columnsWhere(IS_TEMPORARY))];
  if (relations === undefined || columns === undefined) return undefined;
  // Temporary tables are found before all others.
  const own = relations[0]?.[1];
  return { searchPath: own === null || own === undefined ? searchPath : [own, ...searchPath], relations, columns };
}

/**
 * Asks for everything, what matters most first, and gives the catalogue after every step: it may be used from the first
 * one on. Throws what the connection throws.
 */
export async function* readCatalogue(
  asking: AskCatalogue,
  versionNumber: number,
  own?: SessionNames,
): AsyncGenerator<Catalogue> {
  const ask = forgiving(asking);
  const catalogue = new Catalogue();
  const hasRoles = versionNumber >= ROLES_SINCE;
  catalogue.dialect = hasRoles ? "postgres" : "redshift";
  const [path] = own === undefined ? await ask(SEARCH_PATH) : [];
  catalogue.searchPath = own?.searchPath ?? parseSearchPath(path?.[0] ?? "", path?.[1] ?? "");
  for (const [name] of await ask(SCHEMAS)) catalogue.addSchema(name ?? "");
  const [relations, columns] = [await ask(relationsWhere(HIDDEN_SCHEMAS)), await ask(columnsWhere(HIDDEN_SCHEMAS))];
  const { relations: temporary = [], columns: theirs = [] } = own ?? {};
  const byOid = await addRelations(catalogue, [...relations, ...temporary], [...columns, ...theirs]);
  yield catalogue;
  for (const [from, to, definition] of await ask(FOREIGN_KEYS)) addKey(catalogue, byOid, [from, to, definition]);
  yield catalogue;
  const functions = await ask(functionsOf(versionNumber));
  await inBatches(functions, ([schema, name, parameters, result, rows]) => {
    if (isCallable(parameters ?? "", result ?? "")) {
      const written = { schema: schema ?? "", name: name ?? "", parameters: parameters ?? "", result: result ?? "" };
      catalogue.functions.add(written.name, { ...written, rows: rows === "t" });
    }
  });
  const types = await ask(TYPES);
  await inBatches(types, ([schema, name]) => {
    catalogue.types.add(name ?? "", { schema: schema ?? "", name: name ?? "" });
  });
  for (const [name] of await ask(DATABASES)) catalogue.databases.push(name ?? "");
  for (const [name] of await ask(hasRoles ? ROLES : USERS)) catalogue.roles.push(name ?? "");
  yield catalogue;
}

/** What a server refuses to answer is not known; all else still is. */
function forgiving(ask: AskCatalogue): AskCatalogue {
  return async (sql) => {
    try {
      return await ask(sql);
    } catch (thrown) {
      if (thrown instanceof ShellError && thrown.code === "engine/failed" && !isStop(thrown)) return [];
      throw thrown;
    }
  };
}

/** The server's time is up, or somebody else's wish: the next question would fare no better. */
function isStop({ sqlState }: ShellError): boolean {
  return sqlState === undefined || /^(?:57|53|08|25)/.test(sqlState);
}

async function inBatches<T>(rows: readonly T[], take: (row: T) => void): Promise<void> {
  let since = performance.now();
  for (const [number, row] of rows.entries()) {
    take(row);
    if (number % TURN_ROWS !== 0 || performance.now() - since < TURN_MS) continue;
    await new Promise((resolve) => void setImmediate(resolve));
    since = performance.now();
  }
}

const KINDS: Readonly<Record<string, RelationKind>> = { v: "view", m: "view", S: "sequence", i: "index", I: "index" };

async function addRelations(
  catalogue: Catalogue,
  relations: CatalogueRows,
  columns: CatalogueRows,
): Promise<ReadonlyMap<string, Relation>> {
  const columnsOf = new Map<string, { name: string; type: string }[]>();
  await inBatches(columns, ([oid, name, type]) => {
    const column = { name: name ?? "", type: type ?? "" };
    const known = columnsOf.get(oid ?? "");
    if (known === undefined) columnsOf.set(oid ?? "", [column]);
    else known.push(column);
  });
  const byOid = new Map<string, Relation>();
  await inBatches(relations, ([oid, schema, name, kind]) => {
    const own = { schema: schema ?? "", name: name ?? "", kind: KINDS[kind ?? ""] ?? "table" };
    const relation: Relation = { ...own, columns: columnsOf.get(oid ?? "") ?? [] };
    byOid.set(oid ?? "", relation);
    catalogue.addRelation(relation);
  });
  return byOid;
}

type KeyRow = readonly [
  from: string | null | undefined,
  to: string | null | undefined,
  text: string | null | undefined,
];

function addKey(catalogue: Catalogue, byOid: ReadonlyMap<string, Relation>, [from, to, text]: KeyRow): void {
  const [source, target] = [byOid.get(from ?? ""), byOid.get(to ?? "")];
  const columns = parseForeignKey(text ?? "");
  if (source === undefined || target === undefined || columns === undefined) return;
  catalogue.addForeignKey({ from: source, to: target, fromColumns: columns.from, toColumns: columns.to });
}

const NAME = String.raw`(?:"(?:[^"]|"")*"|[^\s,()"]+)`;
const NAMES = String.raw`\((${NAME}(?:, ${NAME})*)\)`;
const FOREIGN_KEY = new RegExp(String.raw`^FOREIGN KEY ${NAMES} REFERENCES [^(]*${NAMES}`);

/** The columns in `FOREIGN KEY (a, "b c") REFERENCES s.t(d, e) …`, as pg_get_constraintdef writes it. */
export function parseForeignKey(
  text: string,
): { readonly from: readonly string[]; readonly to: readonly string[] } | undefined {
  const found = FOREIGN_KEY.exec(text);
  return found === null ? undefined : { from: namesOf(found[1] ?? ""), to: namesOf(found[2] ?? "") };
}

function namesOf(list: string): readonly string[] {
  return (list.match(new RegExp(NAME, "g")) ?? []).map(readIdentifier);
}

/** The schemas of search_path's value; `"$user"` is the user's own. */
export function parseSearchPath(value: string, user: string): readonly string[] {
  const names = value.match(/"(?:[^"]|"")*"|[^\s,"]+/g) ?? [];
  return names.map((name) => (name.replaceAll('"', "") === "$user" ? user : readIdentifier(name)));
}

/** Whether somebody may want to call it: not what types, triggers and indexes are made of. */
function isCallable(parameters: string, result: string): boolean {
  return (
    !/\binternal\b|\bcstring\b/.test(`${parameters} ${result}`) && !/^(trigger|event_trigger|.*_handler)$/.test(result)
  );
}
