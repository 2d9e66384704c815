import type { Session } from "../../session.ts";
import type { Asked } from "./listing.ts";
import type { Relation } from "./relation.ts";

/** A list below a relation: a heading and one line for each row, read by a query with the relation's oid as $1. */
interface Section {
  readonly heading: string;
  readonly kinds: string;
  readonly sql: (asked: Asked) => string;
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
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c2 ON i.indexrelid = c2.oid
  LEFT JOIN pg_catalog.pg_constraint con
    ON con.conrelid = i.indrelid AND con.conindid = i.indexrelid AND con.contype IN ('p','u','x')
  WHERE i.indrelid = $1::pg_catalog.oid ORDER BY i.indisprimary DESC, c2.relname`;

function constraints(type: string): string {
  return `SELECT '"' || conname || '" ' || pg_catalog.pg_get_constraintdef(oid, true)
  FROM pg_catalog.pg_constraint WHERE conrelid = $1::pg_catalog.oid AND contype = '${type}' ORDER BY conname`;
}

const REFERENCED_BY = `SELECT 'TABLE "' || pg_catalog.replace(conrelid::pg_catalog.regclass::pg_catalog.text, '"', '') || '" CONSTRAINT "' || conname || '" '
    || pg_catalog.pg_get_constraintdef(oid, true)
  FROM pg_catalog.pg_constraint WHERE confrelid = $1::pg_catalog.oid AND contype = 'f' ORDER BY conname`;

const POLICIES = `SELECT 'POLICY "' || polname || '"' || CASE WHEN NOT polpermissive THEN ' AS RESTRICTIVE' ELSE '' END
    || CASE polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE'
      WHEN 'd' THEN ' FOR DELETE' ELSE '' END
    || CASE WHEN polroles = '{0}' THEN '' ELSE E'\\n      TO ' || pg_catalog.array_to_string(ARRAY(SELECT rolname
      FROM pg_catalog.pg_roles WHERE oid = ANY (polroles) ORDER BY 1), ',') END
    || coalesce(E'\\n      USING (' || pg_catalog.pg_get_expr(polqual, polrelid) || ')', '')
    || coalesce(E'\\n      WITH CHECK (' || pg_catalog.pg_get_expr(polwithcheck, polrelid) || ')', '')
  FROM pg_catalog.pg_policy WHERE polrelid = $1::pg_catalog.oid ORDER BY polname`;

function rules(enabled: string): string {
  return `SELECT pg_catalog.regexp_replace(trim(trailing ';' from pg_catalog.pg_get_ruledef(oid, true)), '^CREATE RULE ', '')
  FROM pg_catalog.pg_rewrite WHERE ev_class = $1::pg_catalog.oid AND rulename <> '_RETURN' AND ev_enabled = '${enabled}'
  ORDER BY rulename`;
}

function triggers(enabled: string): string {
  return `SELECT pg_catalog.regexp_replace(pg_catalog.pg_get_triggerdef(oid, true), '^CREATE (CONSTRAINT )?TRIGGER ', '')
  FROM pg_catalog.pg_trigger WHERE tgrelid = $1::pg_catalog.oid AND NOT tgisinternal AND tgenabled = '${enabled}'
  ORDER BY tgname`;
}

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
  return `SELECT '"' || stxnamespace::pg_catalog.regnamespace || '.' || stxname || '"'
    || CASE WHEN ${shown} THEN '' ELSE ' (' || ${kinds} || ')' END
    || ' ON ' || ${columns} || ' FROM ' || stxrelid::pg_catalog.regclass
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
  WHERE inhparent = $1::pg_catalog.oid AND c.relispartition ORDER BY 1`;

const CHILDREN = `SELECT inhrelid::pg_catalog.regclass::pg_catalog.text FROM pg_catalog.pg_inherits
  JOIN pg_catalog.pg_class c ON c.oid = inhrelid WHERE inhparent = $1::pg_catalog.oid AND NOT c.relispartition ORDER BY 1`;

const FOREIGN_SERVER = `SELECT s.srvname FROM pg_catalog.pg_foreign_table t
  JOIN pg_catalog.pg_foreign_server s ON s.oid = t.ftserver WHERE t.ftrelid = $1::pg_catalog.oid`;

const FDW_OPTIONS = `SELECT '(' || pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.quote_ident(option_name) || ' '
    || pg_catalog.quote_literal(option_value) FROM pg_catalog.pg_options_to_table(ftoptions)), ', ') || ')'
  FROM pg_catalog.pg_foreign_table WHERE ftrelid = $1::pg_catalog.oid AND ftoptions IS NOT NULL`;

/** Lines that end the description; those beyond the tablespace only with +. */
function closing({ verbose, versionNumber }: Asked): string {
  const line = (label: string, value: string, kinds: string): string =>
    `SELECT '${label}: ' || (${value}) FROM pg_catalog.pg_class c WHERE c.oid = $1::pg_catalog.oid AND c.relkind IN (${kinds})`;
  const identity = "CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' END";
  const tablespace = `SELECT '"' || spcname || '"' FROM pg_catalog.pg_tablespace t WHERE t.oid = c.reltablespace`;
  const method = "SELECT amname FROM pg_catalog.pg_am am WHERE am.oid = c.relam";
  const lines = [
    ...(verbose ? [line("Replica Identity", identity, "'r','m'")] : []),
    line("Tablespace", tablespace, "'r','m','p','i','I','t'"),
    ...(verbose && versionNumber >= 120_000 ? [line("Access method", method, "'r','m','p','t'")] : []),
    ...(verbose
      ? [line("Options", "pg_catalog.array_to_string(c.reloptions, ', ')", "'r','m','p','v','i','I','t'")]
      : []),
  ];
  return lines.join(" UNION ALL ");
}

/** In psql's order. */
const SECTIONS: readonly Section[] = [
  { heading: "Partition of", kinds: "rpfiI", sql: () => PARTITION_OF },
  { heading: "Partition key", kinds: "p", sql: () => "SELECT pg_catalog.pg_get_partkeydef($1::pg_catalog.oid)" },
  { heading: "Indexes", kinds: "rpmt", sql: () => INDEXES },
  { heading: "Check constraints", kinds: "rpf", sql: () => constraints("c") },
  { heading: "Foreign-key constraints", kinds: "rpf", sql: () => constraints("f") },
  { heading: "Referenced by", kinds: "rp", sql: () => REFERENCED_BY },
  { heading: "Policies", kinds: "rp", sql: () => POLICIES },
  { heading: "Statistics objects", kinds: "rpmf", sql: statistics },
  { heading: "Rules", kinds: "rpvm", sql: () => rules("O") },
  { heading: "Disabled rules", kinds: "rpvm", sql: () => rules("D") },
  { heading: "Rules firing always", kinds: "rpvm", sql: () => rules("A") },
  { heading: "Rules firing on replica only", kinds: "rpvm", sql: () => rules("R") },
  { heading: "Publications", kinds: "rp", sql: publications },
  { heading: "Triggers", kinds: "rpvf", sql: () => triggers("O") },
  { heading: "Disabled user triggers", kinds: "rpvf", sql: () => triggers("D") },
  { heading: "Triggers firing always", kinds: "rpvf", sql: () => triggers("A") },
  { heading: "Triggers firing on replica only", kinds: "rpvf", sql: () => triggers("R") },
  { heading: "Server", kinds: "f", sql: () => FOREIGN_SERVER },
  { heading: "FDW options", kinds: "f", sql: () => FDW_OPTIONS },
  { heading: "Inherits", kinds: "rf", sql: () => INHERITS },
];

/** Headings whose single value stands on the heading's own line. */
const ONE_LINE = new Set(["Partition of", "Partition key", "Inherits", "Server", "FDW options"]);

/** The lines below the columns of `\d NAME`. */
export async function footersOf(session: Session, relation: Relation, asked: Asked): Promise<string[]> {
  const column = async (sql: string): Promise<string[]> =>
    (await session.rows(sql, [relation.oid])).map(([text]) => text ?? "");
  const lines: string[] = [];
  for (const section of SECTIONS) {
    if (!section.kinds.includes(relation.kind)) continue;
    const found = await column(section.sql(asked));
    if (found.length === 0) continue;
    if (ONE_LINE.has(section.heading)) lines.push(`${section.heading}: ${found.join(", ")}`);
    else lines.push(`${section.heading}:`, ...found.map((line) => `    ${line}`));
  }
  if (relation.kind === "i" || relation.kind === "I") lines.push(...(await column(INDEX_OF)));
  lines.push(...(await childLines(relation, asked, column)));
  if (relation.kind === "S") lines.push(...(await column(OWNED_BY)));
  if (asked.verbose && (relation.kind === "v" || relation.kind === "m")) {
    lines.push("View definition:", ...(await column("SELECT pg_catalog.pg_get_viewdef($1::pg_catalog.oid, true)")));
  }
  lines.push(...(await column(closing(asked))).filter((line) => line !== ""));
  return lines;
}

async function childLines(
  { kind }: Relation,
  { verbose }: Asked,
  column: (sql: string) => Promise<string[]>,
): Promise<string[]> {
  if (!"rpfI".includes(kind)) return [];
  const isWhole = kind === "p" || kind === "I";
  const children = await column(isWhole ? PARTITIONS : CHILDREN);
  const word = isWhole ? "partitions" : "child tables";
  if (verbose && children.length > 0) {
    return children.map((child, index) => {
      const heading = isWhole ? "Partitions: " : "Child tables: ";
      const lead = index === 0 ? heading : " ".repeat(heading.length);
      return `${lead}${child}${index < children.length - 1 ? "," : ""}`;
    });
  }
  if (children.length === 0) return isWhole ? ["Number of partitions: 0"] : [];
  return [`Number of ${word}: ${children.length} (Use \\d+ to list them.)`];
}

const INDEX_OF = `SELECT CASE WHEN i.indisprimary THEN 'primary key, ' WHEN i.indisunique THEN 'unique, ' ELSE '' END
    || am.amname || ', for table "' || n.nspname || '.' || c2.relname || '"'
    || coalesce(', predicate (' || pg_catalog.pg_get_expr(i.indpred, i.indrelid, true) || ')', '')
    || CASE WHEN i.indisvalid THEN '' ELSE ', invalid' END
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_class c2 ON c2.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c2.relnamespace
  JOIN pg_catalog.pg_am am ON am.oid = c.relam WHERE i.indexrelid = $1::pg_catalog.oid`;

const OWNED_BY = `SELECT CASE d.deptype WHEN 'i' THEN 'Sequence for identity column: ' ELSE 'Owned by: ' END
    || n.nspname || '.' || c.relname || '.' || a.attname
  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.refobjid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    AND d.objid = $1::pg_catalog.oid AND d.deptype IN ('a', 'i')`;
