import type { Session } from "../../session.ts";
import type { Asked } from "./listing.ts";
import {
  checkConstraints,
  disabledInternalTriggers,
  foreignKeys,
  notNullConstraints,
  POLICIES,
  referencedBy,
  rules,
  RULES_OF_VIEW,
  triggers,
} from "./relation-constraints.ts";
import type { Relation } from "./relation.ts";

/** A list below a relation: a heading and one line for each row, read by a query with the relation's oid as $1. */
interface Section {
  /** Empty where the rows have one of their own. */
  readonly heading: string;
  readonly kinds: string;
  /** Undefined where there is nothing to ask. */
  readonly sql: (asked: Asked) => string | undefined;
}

const INDEXES = `SELECT '"' || c2.relname || '"'
    || CASE WHEN i.indisprimary THEN ' PRIMARY KEY,' WHEN i.indisunique AND con.contype = 'u' THEN ' UNIQUE CONSTRAINT,'
      WHEN i.indisunique THEN ' UNIQUE,' ELSE '' END
    || CASE WHEN con.contype = 'x' THEN ' ' || pg_catalog.pg_get_constraintdef(con.oid, true)
      ELSE regexp_replace(pg_catalog.pg_get_indexdef(i.indexrelid, 0, true), '^.* USING ', ' ') END
    || CASE WHEN con.condeferrable THEN ' DEFERRABLE' ELSE '' END
    || CASE WHEN con.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END
    || CASE WHEN i.indisclustered THEN ' CLUSTER' ELSE '' END
    || CASE WHEN NOT i.indisvalid THEN ' INVALID' ELSE '' END
    || CASE WHEN i.indisreplident THEN ' REPLICA IDENTITY' ELSE '' END
    || coalesce(', tablespace "' || ts.spcname || '"', '')
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c2 ON i.indexrelid = c2.oid
  LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c2.reltablespace
  LEFT JOIN pg_catalog.pg_constraint con
    ON con.conrelid = i.indrelid AND con.conindid = i.indexrelid AND con.contype IN ('p','u','x')
  WHERE i.indrelid = $1::pg_catalog.oid ORDER BY i.indisprimary DESC, c2.relname`;

/** Kinds are named unless all are there; before version 14 always. */
function statistics({ versionNumber }: Asked): string {
  const kind = (letter: string, word: string): string => `CASE WHEN '${letter}' = ANY (stxkind) THEN '${word}' END`;
  const kinds = `pg_catalog.array_to_string(ARRAY[${kind("d", "ndistinct")}, ${kind("f", "dependencies")}, ${kind("m", "mcv")}], ', ')`;
  const columns =
    versionNumber >= 140_000
      ? "pg_catalog.pg_get_statisticsobjdef_columns(oid)"
      : `(SELECT pg_catalog.string_agg(pg_catalog.quote_ident(attname), ', ') FROM pg_catalog.unnest(stxkeys) k(attnum)
      JOIN pg_catalog.pg_attribute a ON stxrelid = a.attrelid AND a.attnum = k.attnum AND NOT attisdropped)`;
  const shown = versionNumber >= 140_000 ? `${kinds} IN ('', 'ndistinct, dependencies, mcv')` : "false";
  const target =
    versionNumber >= 130_000
      ? " || CASE WHEN stxstattarget >= 0 THEN '; STATISTICS ' || stxstattarget ELSE '' END"
      : "";
  return `SELECT '"' || stxnamespace::pg_catalog.regnamespace || '.' || stxname || '"'
    || CASE WHEN ${shown} THEN '' ELSE ' (' || ${kinds} || ')' END
    || ' ON ' || ${columns} || ' FROM ' || stxrelid::pg_catalog.regclass${target}
  FROM pg_catalog.pg_statistic_ext WHERE stxrelid = $1::pg_catalog.oid ORDER BY stxname`;
}

/** Publications of the table, since version 15 of its schema, and of all tables. */
function publications({ versionNumber }: Asked): string {
  const details =
    versionNumber >= 150_000
      ? `coalesce(' (' || (SELECT pg_catalog.string_agg(attname, ', ') FROM pg_catalog.unnest(pr.prattrs) k(attnum)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = pr.prrelid AND a.attnum = k.attnum) || ')', '')
    || coalesce(' WHERE ' || pg_catalog.pg_get_expr(pr.prqual, pr.prrelid), '')`
      : "''";
  const ofSchema = `
  UNION SELECT '"' || p.pubname || '"' FROM pg_catalog.pg_publication p
    JOIN pg_catalog.pg_publication_namespace pn ON p.oid = pn.pnpubid
    JOIN pg_catalog.pg_class c ON c.relnamespace = pn.pnnspid WHERE c.oid = $1::pg_catalog.oid`;
  return `SELECT '"' || p.pubname || '"' || ${details} FROM pg_catalog.pg_publication p
    JOIN pg_catalog.pg_publication_rel pr ON p.oid = pr.prpubid WHERE pr.prrelid = $1::pg_catalog.oid
  UNION SELECT '"' || pubname || '"' FROM pg_catalog.pg_publication
    WHERE puballtables AND pg_catalog.pg_relation_is_publishable($1::pg_catalog.oid)${versionNumber >= 150_000 ? ofSchema : ""}
  ORDER BY 1`;
}

const INHERITS = `SELECT inhparent::pg_catalog.regclass::pg_catalog.text FROM pg_catalog.pg_inherits
  JOIN pg_catalog.pg_class c ON c.oid = inhrelid
  WHERE inhrelid = $1::pg_catalog.oid AND NOT c.relispartition ORDER BY inhseqno`;

const PARTITION_OF = `SELECT inhparent::pg_catalog.regclass::pg_catalog.text || ' ' || coalesce(pg_catalog.pg_get_expr(c.relpartbound, c.oid), '')
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_inherits ON c.oid = inhrelid
  WHERE c.oid = $1::pg_catalog.oid AND c.relispartition`;

const PARTITIONS = `SELECT inhrelid::pg_catalog.regclass::pg_catalog.text
    || coalesce(' ' || pg_catalog.pg_get_expr(c.relpartbound, c.oid), '')
    || CASE c.relkind WHEN 'p' THEN ', PARTITIONED' WHEN 'I' THEN ', PARTITIONED' WHEN 'f' THEN ', FOREIGN' ELSE '' END
  FROM pg_catalog.pg_inherits JOIN pg_catalog.pg_class c ON c.oid = inhrelid
  WHERE inhparent = $1::pg_catalog.oid AND c.relispartition
  ORDER BY pg_catalog.pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT', 1`;

const CHILDREN = `SELECT inhrelid::pg_catalog.regclass::pg_catalog.text FROM pg_catalog.pg_inherits
  JOIN pg_catalog.pg_class c ON c.oid = inhrelid WHERE inhparent = $1::pg_catalog.oid AND NOT c.relispartition ORDER BY 1`;

const PARTITION_CONSTRAINT = `SELECT coalesce('Partition constraint: '
    || pg_catalog.pg_get_partition_constraintdef(c.oid), 'No partition constraint')
  FROM pg_catalog.pg_class c WHERE c.oid = $1::pg_catalog.oid AND c.relispartition`;

const OWNING_TABLE = `SELECT '"' || n.nspname || '.' || c.relname || '"' FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.reltoastrelid = $1::pg_catalog.oid`;

const FOREIGN_SERVER = `SELECT s.srvname FROM pg_catalog.pg_foreign_table t
  JOIN pg_catalog.pg_foreign_server s ON s.oid = t.ftserver WHERE t.ftrelid = $1::pg_catalog.oid`;

const FDW_OPTIONS = `SELECT '(' || pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.quote_ident(option_name) || ' '
    || pg_catalog.quote_literal(option_value) FROM pg_catalog.pg_options_to_table(ftoptions)), ', ') || ')'
  FROM pg_catalog.pg_foreign_table WHERE ftrelid = $1::pg_catalog.oid AND ftoptions IS NOT NULL`;

/** Lines that end the description; those beyond the tablespace only with +. */
function closing({ verbose, versionNumber }: Asked): string {
  const line = (label: string, value: string, kinds: string): string =>
    `SELECT '${label}: ' || (${value}) FROM pg_catalog.pg_class c WHERE c.oid = $1::pg_catalog.oid AND c.relkind IN (${kinds})`;
  const identity = `CASE WHEN c.relreplident = 'f' THEN 'FULL'
      WHEN c.relreplident = 'n' AND c.relnamespace <> 'pg_catalog'::pg_catalog.regnamespace THEN 'NOTHING' END`;
  const type = "CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END";
  const tablespace = `SELECT '"' || spcname || '"' FROM pg_catalog.pg_tablespace t WHERE t.oid = c.reltablespace`;
  const method = "SELECT amname FROM pg_catalog.pg_am am WHERE am.oid = c.relam";
  const lines = [
    line("Typed table of type", type, "'r','p'"),
    ...(verbose ? [line("Replica Identity", identity, "'r','m'")] : []),
    ...(verbose && versionNumber < 120_000 ? [line("Has OIDs", "CASE WHEN c.relhasoids THEN 'yes' END", "'r'")] : []),
    line("Tablespace", tablespace, "'r','m','p','i','I','t'"),
    ...(verbose && versionNumber >= 120_000 ? [line("Access method", method, "'r','m','p','t','I'")] : []),
    ...(verbose
      ? [line("Options", "pg_catalog.array_to_string(c.reloptions, ', ')", "'r','m','p','v','i','I','t'")]
      : []),
  ];
  return lines.join(" UNION ALL ");
}

/** In psql's order. What a view selects stands between these and the next. */
const SECTIONS: readonly Section[] = [
  { heading: "Partition of", kinds: "rpfiI", sql: () => PARTITION_OF },
  { heading: "", kinds: "rpfiI", sql: ({ verbose }) => (verbose ? PARTITION_CONSTRAINT : undefined) },
  { heading: "Partition key", kinds: "p", sql: () => "SELECT pg_catalog.pg_get_partkeydef($1::pg_catalog.oid)" },
  { heading: "Owning table", kinds: "t", sql: () => OWNING_TABLE },
  { heading: "Indexes", kinds: "rpmt", sql: () => INDEXES },
  { heading: "Check constraints", kinds: "rpf", sql: checkConstraints },
  { heading: "Foreign-key constraints", kinds: "rpf", sql: foreignKeys },
  { heading: "Referenced by", kinds: "rp", sql: referencedBy },
  { heading: "", kinds: "rp", sql: () => POLICIES },
  { heading: "Statistics objects", kinds: "rpmf", sql: statistics },
  { heading: "Rules", kinds: "rp", sql: () => rules("O") },
  { heading: "Disabled rules", kinds: "rp", sql: () => rules("D") },
  { heading: "Rules firing always", kinds: "rp", sql: () => rules("A") },
  { heading: "Rules firing on replica only", kinds: "rp", sql: () => rules("R") },
  { heading: "Publications", kinds: "rp", sql: publications },
  { heading: "Not-null constraints", kinds: "rpf", sql: notNullConstraints },
];

const LATER_SECTIONS: readonly Section[] = [
  { heading: "Triggers", kinds: "rpvf", sql: triggers("O") },
  { heading: "Disabled user triggers", kinds: "rpvf", sql: triggers("D") },
  { heading: "Disabled internal triggers", kinds: "rpvf", sql: disabledInternalTriggers },
  { heading: "Triggers firing always", kinds: "rpvf", sql: triggers("A") },
  { heading: "Triggers firing on replica only", kinds: "rpvf", sql: triggers("R") },
  { heading: "Server", kinds: "f", sql: () => FOREIGN_SERVER },
  { heading: "FDW options", kinds: "f", sql: () => FDW_OPTIONS },
];

/** Headings whose single value stands on the heading's own line. */
const ONE_LINE = new Set(["Partition of", "Partition key", "Owning table", "Server", "FDW options"]);

type Lines = (sql: string) => Promise<string[]>;

async function sectionLines(
  sections: readonly Section[],
  relation: Relation,
  asked: Asked,
  column: Lines,
): Promise<string[]> {
  const lines: string[] = [];
  for (const { heading, kinds, sql } of sections) {
    const query = kinds.includes(relation.kind) ? sql(asked) : undefined;
    const found = query === undefined ? [] : await column(query);
    if (found.length === 0) continue;
    if (heading === "") lines.push(...found);
    else if (ONE_LINE.has(heading)) lines.push(`${heading}: ${found.join(", ")}`);
    else lines.push(`${heading}:`, ...found.map((line) => `    ${line}`));
  }
  return lines;
}

/** The lines below the columns of `\d NAME`. */
export async function footersOf(session: Session, relation: Relation, asked: Asked): Promise<string[]> {
  const column: Lines = async (sql) => (await session.rows(sql, [relation.oid])).map(([text]) => text ?? "");
  const lines = await sectionLines(SECTIONS, relation, asked, column);
  if (asked.verbose && (relation.kind === "v" || relation.kind === "m")) {
    lines.push("View definition:", ...(await column("SELECT pg_catalog.pg_get_viewdef($1::pg_catalog.oid, true)")));
    const found = await column(RULES_OF_VIEW);
    if (found.length > 0) lines.push("Rules:", ...found);
  }
  lines.push(...(await sectionLines(LATER_SECTIONS, relation, asked, column)));
  if ("rf".includes(relation.kind)) lines.push(...oneBelowOther("Inherits: ", await column(INHERITS)));
  if (relation.kind === "i" || relation.kind === "I") lines.push(...(await column(indexOf(asked))));
  lines.push(...(await childLines(relation, asked, column)));
  if (relation.kind === "S") lines.push(...(await column(OWNED_BY)));
  lines.push(...(await column(closing(asked))).filter((line) => line !== ""));
  return lines;
}

/** Names behind a heading, each below the one before. */
function oneBelowOther(heading: string, names: readonly string[]): string[] {
  return names.map((name, index) => {
    const lead = index === 0 ? heading : " ".repeat(heading.length);
    return `${lead}${name}${index < names.length - 1 ? "," : ""}`;
  });
}

async function childLines({ kind }: Relation, { verbose }: Asked, column: Lines): Promise<string[]> {
  if (!"rpfI".includes(kind)) return [];
  const isWhole = kind === "p" || kind === "I";
  const children = await column(isWhole ? PARTITIONS : CHILDREN);
  const word = isWhole ? "partitions" : "child tables";
  if (verbose && children.length > 0) {
    return oneBelowOther(isWhole ? "Partitions: " : "Child tables: ", children);
  }
  if (children.length === 0) return isWhole ? ["Number of partitions: 0"] : [];
  return [`Number of ${word}: ${children.length} (Use \\d+ to list them.)`];
}

function indexOf({ versionNumber }: Asked): string {
  const nulls =
    versionNumber >= 150_000 ? "CASE WHEN i.indnullsnotdistinct THEN ' nulls not distinct' ELSE '' END" : "''";
  const constraint = (column: string): string => `EXISTS (SELECT 1 FROM pg_catalog.pg_constraint con
      WHERE con.conrelid = i.indrelid AND con.conindid = i.indexrelid AND con.contype IN ('p','u','x') AND con.${column})`;
  return `SELECT CASE WHEN i.indisprimary THEN 'primary key, ' WHEN i.indisunique THEN 'unique' || ${nulls} || ', ' ELSE '' END
    || am.amname || ', for table "' || n.nspname || '.' || c2.relname || '"'
    || coalesce(', predicate (' || pg_catalog.pg_get_expr(i.indpred, i.indrelid, true) || ')', '')
    || CASE WHEN i.indisclustered THEN ', clustered' ELSE '' END
    || CASE WHEN i.indisvalid THEN '' ELSE ', invalid' END
    || CASE WHEN ${constraint("condeferrable")} THEN ', deferrable' ELSE '' END
    || CASE WHEN ${constraint("condeferred")} THEN ', initially deferred' ELSE '' END
    || CASE WHEN i.indisreplident THEN ', replica identity' ELSE '' END
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_class c2 ON c2.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c2.relnamespace
  JOIN pg_catalog.pg_am am ON am.oid = c.relam WHERE i.indexrelid = $1::pg_catalog.oid`;
}

const OWNED_BY = `SELECT CASE d.deptype WHEN 'i' THEN 'Sequence for identity column: ' ELSE 'Owned by: ' END
    || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
    || '.' || pg_catalog.quote_ident(a.attname)
  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.refobjid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    AND d.objid = $1::pg_catalog.oid AND d.deptype IN ('a', 'i')`;
