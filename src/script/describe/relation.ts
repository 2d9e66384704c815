// \d NAME: columns of a relation, and below them all that hangs on it.
import type { Session } from "../../session.ts";
import type { CommandCall } from "../commands/command.ts";
import type { ScriptEvents } from "../events.ts";
import { foreignOptions, when } from "./catalogue-sql.ts";
import { askedBy, list, showTable, type Asked, type ShownTable } from "./listing.ts";
import { relations } from "./listings.ts";
import { noRelation } from "./not-found.ts";
import { conditionsOf } from "./pattern.ts";
import { relations as redshiftRelations } from "./redshift-listings.ts";
import { describeOnRedshift } from "./redshift-relation.ts";
import { footersOf } from "./relation-footers.ts";

export interface Relation {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** pg_class.relkind */
  readonly kind: string;
  readonly isPartition: boolean;
  readonly unlogged: boolean;
}

const KIND_TITLES: Readonly<Record<string, string>> = {
  r: "Table",
  p: "Partitioned table",
  v: "View",
  m: "Materialized view",
  i: "Index",
  I: "Partitioned index",
  S: "Sequence",
  f: "Foreign table",
  c: "Composite type",
  t: "TOAST table",
};

export async function* describeRelations(call: CommandCall): ScriptEvents {
  const { texts, asked } = await askedBy(call);
  const [patternText] = texts;
  if (patternText === undefined) {
    yield* list(call, (asked.isRedshift ? redshiftRelations : relations)("tvmsE"));
    return;
  }
  if (asked.isRedshift) {
    yield* describeOnRedshift(call, patternText, asked);
    return;
  }
  const found = await matching(call.shell.session, asked);
  if (found.length === 0) throw await noRelation(call.shell.session, patternText);
  for (const relation of found) yield* describeOne(call, relation, asked);
}

async function matching(session: Session, { pattern }: Asked): Promise<Relation[]> {
  const parameters: string[] = [];
  const columns = { schema: "n.nspname", name: "c.relname", visible: "pg_catalog.pg_table_is_visible(c.oid)" };
  const rows = await session.rows(
    `SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition, c.relpersistence = 'u'
FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE ${["true", ...conditionsOf(pattern, columns, parameters)].join(" AND ")} ORDER BY 2, 3`,
    parameters,
  );
  return rows.map(([oid, schema, name, kind, isPartition, unlogged]) => ({
    oid: oid ?? "",
    schema: schema ?? "",
    name: name ?? "",
    kind: kind ?? "",
    isPartition: isPartition === "t",
    unlogged: unlogged === "t",
  }));
}

async function* describeOne(call: CommandCall, relation: Relation, asked: Asked): ScriptEvents {
  const { session } = call.shell;
  const kind = KIND_TITLES[relation.kind] ?? "Relation";
  const title = `${relation.unlogged ? `Unlogged ${kind.toLowerCase()}` : kind} "${relation.schema}.${relation.name}"`;
  const shape =
    relation.kind === "S"
      ? await sequenceShape(session, relation)
      : relation.kind === "i" || relation.kind === "I"
        ? await indexShape(session, relation, asked)
        : await columnShape(session, relation, asked);
  const footers = await footersOf(session, relation, asked);
  yield* showTable(call, { title, ...shape, footers });
}

type Shape = Pick<ShownTable, "headings" | "numeric" | "rows">;

const SEQUENCE_NUMBERS = new Set(["Start", "Minimum", "Maximum", "Increment", "Cache"]);

async function sequenceShape(session: Session, { oid }: Relation): Promise<Shape> {
  const rows = await session.rows(
    `SELECT pg_catalog.format_type(seqtypid, NULL), seqstart, seqmin, seqmax, seqincrement,
  CASE WHEN seqcycle THEN 'yes' ELSE 'no' END, seqcache FROM pg_catalog.pg_sequence WHERE seqrelid = $1::pg_catalog.oid`,
    [oid],
  );
  return {
    headings: ["Type", "Start", "Minimum", "Maximum", "Increment", "Cycles?", "Cache"],
    numeric: SEQUENCE_NUMBERS,
    rows,
  };
}

const STORAGE =
  "CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END";

const STATS_TARGET = "CASE WHEN a.attstattarget = -1 THEN NULL ELSE a.attstattarget END";

async function indexShape(session: Session, { oid }: Relation, { verbose, versionNumber }: Asked): Promise<Shape> {
  // Columns that are only included came with version 11.
  const isKey = `CASE WHEN a.attnum <= (SELECT i.indnkeyatts FROM pg_catalog.pg_index i WHERE i.indexrelid = a.attrelid)
    THEN 'yes' ELSE 'no' END`;
  const columns: readonly (readonly [string, string])[] = [
    ["Column", "a.attname"],
    ["Type", "pg_catalog.format_type(a.atttypid, a.atttypmod)"],
    ...(versionNumber >= 110_000 ? ([["Key?", isKey]] as const) : []),
    ["Definition", "pg_catalog.pg_get_indexdef(a.attrelid, a.attnum, true)"],
    ...when(verbose, ["Storage", STORAGE], ["Stats target", STATS_TARGET]),
  ];
  const rows = await session.rows(
    `SELECT ${columns.map(([, expression]) => expression).join(", ")}
FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [oid],
  );
  return { headings: columns.map(([heading]) => heading), rows };
}

/** Columns that + adds, by what the relation is and the server knows. */
function verboseColumns({ kind }: Relation, { versionNumber }: Asked): readonly (readonly [string, string])[] {
  const compression = "CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END";
  const stored = "rpm".includes(kind);
  return [
    ["Storage", STORAGE],
    ...when(stored && versionNumber >= 140_000, ["Compression", compression]),
    ...when(stored || kind === "f", ["Stats target", STATS_TARGET]),
    ...when(kind !== "t", ["Description", "pg_catalog.col_description(a.attrelid, a.attnum)"]),
  ];
}

async function columnShape(session: Session, relation: Relation, asked: Asked): Promise<Shape> {
  // Generated columns came with version 12; virtual ones with 18.
  const generated = asked.versionNumber >= 120_000 ? "a.attgenerated" : "''";
  const byDefault = `CASE WHEN a.attidentity = 'a' THEN 'generated always as identity'
    WHEN a.attidentity = 'd' THEN 'generated by default as identity'
    WHEN ${generated} = 's' THEN 'generated always as (' || pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) || ') stored'
    WHEN ${generated} = 'v' THEN 'generated always as (' || pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) || ')'
    ELSE pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) END`;
  const collation = `(SELECT c.collname FROM pg_catalog.pg_collation c, pg_catalog.pg_type t
    WHERE c.oid = a.attcollation AND t.oid = a.atttypid AND a.attcollation <> t.typcollation)`;
  const columns: readonly (readonly [string, string])[] = [
    ["Column", "a.attname"],
    ["Type", "pg_catalog.format_type(a.atttypid, a.atttypmod)"],
    ...when(
      relation.kind !== "t",
      ["Collation", collation],
      ["Nullable", "CASE WHEN a.attnotnull THEN 'not null' ELSE '' END"],
      ["Default", byDefault],
    ),
    ...when(relation.kind === "f", ["FDW options", foreignOptions("a.attfdwoptions")]),
    ...(asked.verbose ? verboseColumns(relation, asked) : []),
  ];
  const rows = await session.rows(
    `SELECT ${columns.map(([, expression]) => expression).join(", ")}
FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [relation.oid],
  );
  return { headings: columns.map(([heading]) => heading), rows };
}
