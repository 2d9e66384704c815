import type { Candidate } from "./sql-candidates.ts";
import type { Catalogue, Relation } from "./catalogue.ts";
import { writeIdentifier } from "./identifiers.ts";
import { functionCandidates, schemaPrefix } from "./sql-functions.ts";
import type { CommonQuery } from "./sql-block.ts";
import { joinConditions, joinedTables, writeRelation } from "./sql-joins.ts";
import type { ScopedSource } from "./sql-scope.ts";
import type { Wanted } from "./sql-wanted.ts";

/** What has been typed of the name. */
export interface Written {
  readonly typed: string;
  /** A double quote has been typed before it. */
  readonly quoted: boolean;
  /** The names before its dot. */
  readonly path: readonly string[];
}

interface Known {
  readonly catalogue: Catalogue;
  readonly common: readonly CommonQuery[];
}

/** Of each kind at the most: what fits best of many names. */
const FOUND_MAX = 200;

const RANK = { text: 0, column: 1, qualifier: 3, name: 3, relation: 4, quotes: 0.3, elsewhere: 4.5, far: 7 } as const;

export function* nameCandidates(wanted: Wanted, written: Written, known: Known): Generator<Candidate> {
  const { catalogue } = known;
  const write = (name: string): string => (written.quoted ? quoted(name) : writeIdentifier(name, catalogue.dialect));
  if (written.path.length > 0) {
    yield* below(wanted, written, catalogue, write);
    return;
  }
  const simple = (name: string, kind: Candidate["kind"], rank: number): Candidate => ({
    match: name,
    insert: write(name),
    kind,
    rank,
  });
  if (wanted.joinOn !== undefined && !written.quoted) yield* joinConditions(catalogue, wanted.joinOn);
  if (!written.quoted) yield* joinedTables(catalogue, wanted.joinTables);
  yield* columnCandidates(wanted, written, catalogue, write);
  // Output columns are likelier than those that the query reads.
  const namesRank = wanted.namesAre === "column" ? RANK.text : RANK.name;
  for (const text of wanted.texts ?? []) yield { match: text, insert: text, kind: "column", rank: RANK.text };
  for (const name of wanted.names) yield simple(name, wanted.namesAre, namesRank);
  const typed = written.typed.toLowerCase();
  if (wanted.relations.length > 0) yield* relationCandidates(wanted, typed, catalogue, written.quoted);
  if (wanted.schemas) {
    for (const name of catalogue.schemas.find(typed, FOUND_MAX)) {
      yield simple(name, "schema", isSystemSchema(name) ? RANK.far : RANK.relation);
    }
  }
  if (wanted.functions !== undefined && !written.quoted) {
    yield* functionCandidates(wanted.functions, catalogue, { typed, write, prefixOf: schemaPrefix(catalogue, write) });
  }
  if (wanted.types) {
    for (const word of written.quoted ? [] : COMMON_TYPES) {
      yield { match: word, insert: word, kind: "type", rank: RANK.column };
    }
    for (const { name, schema } of catalogue.types.find(typed, FOUND_MAX)) {
      const isSystem = schema === "pg_catalog";
      yield { ...simple(name, "type", isSystem ? RANK.far : RANK.relation), ...(isSystem ? {} : { detail: schema }) };
    }
  }
  if (wanted.databases) for (const name of catalogue.databases) yield simple(name, "value", RANK.name);
  if (wanted.roles) for (const name of catalogue.roles) yield simple(name, "value", RANK.name);
}

function isSystemSchema(name: string): boolean {
  return name.startsWith("pg_") || name === "information_schema";
}

/** Types by the names that SQL has for them; the catalogue knows them by others. */
const COMMON_TYPES =
  `bigint,bigserial,boolean,bytea,char(,character varying(,date,decimal(,double precision,integer,interval,
json,jsonb,numeric(,real,serial,smallint,text,time,timestamp,timestamp with time zone,timestamptz,uuid,varchar(`
    .replaceAll("\n", "")
    .split(",");

type Write = (name: string) => string;

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** After a dot: columns of a source, relations and functions of a schema. */
function* below(wanted: Wanted, { path, typed }: Written, catalogue: Catalogue, write: Write): Generator<Candidate> {
  const [only] = path;
  const lower = typed.toLowerCase();
  const isColumn = wanted.columns.length > 0 || wanted.functions === "any";
  const source = wanted.columns.find((one) =>
    path.length === 1 ? one.name === only : one.relation !== undefined && one.relation === catalogue.relation(path),
  );
  const columns = source?.columns ?? (isColumn ? (catalogue.relation(path)?.columns ?? []) : []);
  for (const { name, type } of columns) {
    yield { match: name, insert: write(name), kind: "column", detail: type, rank: RANK.column };
  }
  if (source !== undefined && isColumn) yield { match: "*", insert: "*", kind: "column", rank: RANK.qualifier };
  if (path.length !== 1 || only === undefined || source !== undefined) return;
  const kinds = isColumn ? ["table", "view"] : wanted.relations;
  const accepts = ({ kind }: Relation): boolean => kinds.includes(kind);
  for (const relation of catalogue.relationsIn(only)?.find(lower, FOUND_MAX, accepts) ?? []) {
    yield { match: relation.name, insert: write(relation.name), kind: kindOf(relation), rank: RANK.relation };
  }
  if (wanted.functions !== undefined) {
    const inSchema = { typed: lower, prefixOf: () => "", write, schema: only };
    yield* functionCandidates(wanted.functions, catalogue, inSchema);
  }
  for (const { name, schema } of wanted.types ? catalogue.types.find(lower, FOUND_MAX) : []) {
    if (schema === only) yield { match: name, insert: write(name), kind: "type", rank: RANK.relation };
  }
}

function* columnCandidates(wanted: Wanted, written: Written, catalogue: Catalogue, write: Write): Generator<Candidate> {
  const { columnList } = wanted;
  if (columnList !== undefined) {
    for (const source of wanted.columns) yield* listed(source, columnList, write);
    return;
  }
  const owners = new Map<string, number>();
  for (const { columns } of wanted.columns) {
    for (const { name } of columns) owners.set(name, (owners.get(name) ?? 0) + 1);
  }
  for (const source of wanted.columns) {
    for (const { name, type } of source.columns) {
      const isShared = (owners.get(name) ?? 0) > 1;
      const insert = isShared && source.name !== "" ? `${write(source.name)}.${write(name)}` : write(name);
      yield { match: name, insert, kind: "column", detail: type, rank: RANK.column };
    }
    if (source.name !== "") {
      yield { match: source.name, insert: write(source.name), kind: "table", rank: RANK.qualifier };
    }
  }
  // Nothing has been named to read from: columns of everything, once a letter tells which.
  const isOpen = wanted.columns.length === 0 && wanted.functions === "any" && written.typed !== "";
  if (!isOpen) return;
  for (const { name, relations } of catalogue.columns.find(written.typed.toLowerCase(), FOUND_MAX)) {
    yield { match: name, insert: write(name), kind: "column", detail: ownersOf(relations), rank: RANK.far };
  }
}

function ownersOf(relations: readonly Relation[]): string {
  const names = relations.slice(0, 2).map(({ name }) => name);
  return relations.length > 2 ? `${names.join(", ")}, …` : names.join(", ");
}

function* listed(source: ScopedSource, list: NonNullable<Wanted["columnList"]>, write: Write): Generator<Candidate> {
  const free = source.columns.filter(({ name }) => !list.used.has(name));
  if (list.offersAll && free.length > 1) {
    const insert = free.map(({ name }) => write(name)).join(", ");
    yield { match: insert, insert, kind: "column", detail: "all columns", rank: 0 };
  }
  for (const { name, type } of free) {
    yield { match: name, insert: write(name), kind: "column", detail: type, rank: RANK.column };
  }
}

function* relationCandidates(
  wanted: Wanted,
  typed: string,
  catalogue: Catalogue,
  isQuoted: boolean,
): Generator<Candidate> {
  // The views of the standard are many, and their names everybody's: they come after their schema.
  const accepts = (relation: Relation): boolean =>
    wanted.relations.includes(relation.kind) &&
    !(isSystemSchema(relation.schema) && (typed === "" || relation.schema === "information_schema")) &&
    !(isQuoted && !catalogue.isVisible(relation));
  for (const relation of catalogue.relations.find(typed, FOUND_MAX * 5, accepts)) {
    const isSystem = isSystemSchema(relation.schema);
    const insert = isQuoted ? quoted(relation.name) : writeRelation(catalogue, relation);
    const isNear = catalogue.isVisible(relation);
    const rank = isSystem || relation.kind === "sequence" ? RANK.far : isNear ? RANK.relation : RANK.elsewhere;
    // Who types without quotes more likely wants a name without them.
    const inQuotes = !isQuoted && insert.includes('"') ? RANK.quotes : 0;
    yield {
      match: relation.name,
      insert,
      kind: kindOf(relation),
      rank: rank + inQuotes,
      detail: detailOf(relation, isNear),
      ...(isSystem ? { strict: true } : {}),
    };
  }
}

/** What the kind does not tell, and the schema of what is not found without it. */
function detailOf({ kind, schema }: Relation, isNear: boolean): string {
  const words = [kind === "index" || kind === "sequence" ? kind : "", isNear ? "" : schema];
  return words.filter((word) => word !== "").join(" in ");
}

function kindOf({ kind }: Relation): "table" | "view" {
  return kind === "view" ? "view" : "table";
}
