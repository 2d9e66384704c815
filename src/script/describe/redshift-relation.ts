// \d NAME on Redshift. Columns come from pg_attribute, which has their encoding, distribution and sort keys there;
// SVV_COLUMNS has those of external tables and late-binding views.
import type { Row } from "../../events.ts";
import type { Session } from "../../session.ts";
import type { CommandCall } from "../commands/command.ts";
import type { ScriptEvents } from "../events.ts";
import { showTable, type Asked, type ShownTable } from "./listing.ts";
import { noRelation } from "./not-found.ts";
import { conditionsOf } from "./pattern.ts";

interface Relation {
  /** Absent for what is not in pg_class. */
  readonly oid?: string;
  readonly schema: string;
  readonly name: string;
  readonly title: string;
}

const KIND_TITLES: Readonly<Record<string, string>> = { r: "Table", v: "View", m: "Materialized view", i: "Index" };

export async function* describeOnRedshift(call: CommandCall, patternText: string, asked: Asked): ScriptEvents {
  const { session } = call.shell;
  const own = await localRelations(session, asked);
  const found = own.length > 0 ? own : await externalRelations(session, asked);
  if (found.length === 0) throw await noRelation(session, patternText);
  for (const relation of found) {
    const title = `${relation.title} "${relation.schema}.${relation.name}"`;
    const footers = relation.oid === undefined ? [] : await footersOf(session, relation.oid, asked);
    yield* showTable(call, { title, ...(await shapeOf(session, relation, asked)), footers });
  }
}

async function localRelations(session: Session, { pattern }: Asked): Promise<readonly Relation[]> {
  const parameters: string[] = [];
  const conditions = conditionsOf(
    pattern,
    {
      schema: "n.nspname",
      name: "c.relname",
      visible: "pg_catalog.pg_table_is_visible(c.oid)",
      withoutCollations: true,
    },
    parameters,
  );
  const rows = await session.rows(
    `SELECT c.oid, n.nspname, c.relname, c.relkind
FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE ${["true", ...conditions].join(" AND ")} ORDER BY 2, 3`,
    parameters,
  );
  return rows.map(([oid, schema, name, kind]) => ({
    oid: oid ?? "",
    schema: schema ?? "",
    name: name ?? "",
    title: KIND_TITLES[kind ?? ""] ?? "Relation",
  }));
}

async function externalRelations(session: Session, { pattern }: Asked): Promise<readonly Relation[]> {
  const parameters: string[] = [];
  const columns = { schema: "t.schemaname", name: "t.tablename", withoutCollations: true } as const;
  const conditions = conditionsOf(pattern, columns, parameters);
  const rows = await session.rows(
    `SELECT t.schemaname, t.tablename FROM svv_external_tables t
WHERE ${["true", ...conditions].join(" AND ")} ORDER BY 1, 2`,
    parameters,
  );
  return rows.map(([schema, name]) => ({ schema: schema ?? "", name: name ?? "", title: "External table" }));
}

type Shape = Pick<ShownTable, "headings" | "rows">;

async function shapeOf(session: Session, relation: Relation, { verbose }: Asked): Promise<Shape> {
  const columns: readonly (readonly [string, string])[] = [
    ["Column", "a.attname"],
    ["Type", "pg_catalog.format_type(a.atttypid, a.atttypmod)"],
    ["Nullable", "CASE WHEN a.attnotnull THEN 'not null' ELSE '' END"],
    ["Default", "pg_catalog.pg_get_expr(d.adbin, d.adrelid)"],
    ["Encoding", "format_encoding(a.attencodingtype::integer)"],
    ["Keys", KEYS],
    ...(verbose ? ([["Description", "pg_catalog.col_description(a.attrelid, a.attnum)"]] as const) : []),
  ];
  const rows =
    relation.oid === undefined
      ? []
      : await session.rows(
          `SELECT ${columns.map(([, expression]) => expression).join(", ")}
FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
          [relation.oid],
        );
  if (rows.length > 0) return { headings: columns.map(([heading]) => heading), rows };
  return { headings: ["Column", "Type", "Nullable", "Default"], rows: await describedColumns(session, relation) };
}

/** The sort key's columns are numbered; with interleaved keys every second number is negative. */
const KEYS = `CASE WHEN a.attisdistkey AND a.attsortkeyord <> 0 THEN 'distkey, sortkey ' || a.attsortkeyord
    WHEN a.attisdistkey THEN 'distkey' WHEN a.attsortkeyord <> 0 THEN 'sortkey ' || a.attsortkeyord ELSE '' END`;

async function describedColumns(session: Session, { schema, name }: Relation): Promise<readonly Row[]> {
  const rows = await session.rows(
    `SELECT column_name, data_type, character_maximum_length, numeric_precision, numeric_scale, is_nullable, column_default
FROM svv_columns WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position`,
    [schema, name],
  );
  return rows.map(([column = "", type, length, precision, scale, nullable, byDefault = null]) => [
    column,
    typeText(type ?? "", [length ?? null, precision ?? null, scale ?? null]),
    /^no$/i.test(nullable ?? "") ? "not null" : "",
    byDefault,
  ]);
}

function typeText(type: string, [length, precision, scale]: Row): string {
  if (/char/.test(type) && length != null) return `${type}(${length})`;
  if (/^(?:numeric|decimal)$/.test(type) && precision != null) return `${type}(${precision},${scale ?? "0"})`;
  return type;
}

/** pg_class.reldiststyle; 10 to 12 are what AUTO has settled on for now. */
const DISTRIBUTION = `SELECT CASE c.reldiststyle WHEN 0 THEN 'EVEN' WHEN 1 THEN 'KEY' WHEN 8 THEN 'ALL' WHEN 9 THEN 'AUTO'
    WHEN 10 THEN 'AUTO(ALL)' WHEN 11 THEN 'AUTO(EVEN)' WHEN 12 THEN 'AUTO(KEY)' END
  FROM pg_catalog.pg_class c WHERE c.oid = $1 AND c.relkind = 'r'`;

const CONSTRAINTS = `SELECT '"' || con.conname || '" ' || pg_catalog.pg_get_constraintdef(con.oid)
  FROM pg_catalog.pg_constraint con WHERE con.conrelid = $1 ORDER BY con.contype DESC, con.conname`;

const VIEW =
  "SELECT pg_catalog.pg_get_viewdef(c.oid, true) FROM pg_catalog.pg_class c WHERE c.oid = $1 AND c.relkind = 'v'";

async function footersOf(session: Session, oid: string, { verbose }: Asked): Promise<string[]> {
  const column = async (sql: string): Promise<string[]> =>
    (await session.rows(sql, [oid])).flatMap(([text]) => (text == null ? [] : [text]));
  const lines = (await column(DISTRIBUTION)).map((style) => `Distribution style: ${style}`);
  const constraints = await column(CONSTRAINTS);
  if (constraints.length > 0) {
    lines.push("Constraints (for the planner, not enforced):", ...constraints.map((line) => `    ${line}`));
  }
  const view = verbose ? await column(VIEW) : [];
  return view.length === 0 ? lines : [...lines, "View definition:", ...view];
}
