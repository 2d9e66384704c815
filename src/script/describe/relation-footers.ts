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
    || coalesce(E'\\n      USING (' || pg_catalog.pg_get_expr(polqual, polrelid) || ')', '')
    || coalesce(E'\\n      WITH CHECK (' || pg_catalog.pg_get_expr(polwithcheck, polrelid) || ')', '')
  FROM pg_catalog.pg_policy WHERE polrelid = $1::pg_catalog.oid ORDER BY polname`;

const RULES = `SELECT pg_catalog.regexp_replace(pg_catalog.pg_get_ruledef(oid, true), '^CREATE RULE ', '')
  FROM pg_catalog.pg_rewrite WHERE ev_class = $1::pg_catalog.oid AND rulename <> '_RETURN' ORDER BY rulename`;

const TRIGGERS = `SELECT pg_catalog.regexp_replace(pg_catalog.pg_get_triggerdef(oid, true), '^CREATE (CONSTRAINT )?TRIGGER ', '')
    || CASE WHEN tgenabled = 'D' THEN ' (disabled)' ELSE '' END
  FROM pg_catalog.pg_trigger WHERE tgrelid = $1::pg_catalog.oid AND NOT tgisinternal ORDER BY tgname`;

const INHERITS = `SELECT inhparent::pg_catalog.regclass::pg_catalog.text FROM pg_catalog.pg_inherits
  JOIN pg_catalog.pg_class c ON c.oid = inhrelid
  WHERE inhrelid = $1::pg_catalog.oid AND NOT c.relispartition ORDER BY inhseqno`;

const PARTITION_OF = `SELECT inhparent::pg_catalog.regclass::pg_catalog.text || ' ' || pg_catalog.pg_get_expr(c.relpartbound, c.oid)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_inherits ON c.oid = inhrelid
  WHERE c.oid = $1::pg_catalog.oid AND c.relispartition`;

const PARTITIONS = `SELECT inhrelid::pg_catalog.regclass::pg_catalog.text || ' ' || pg_catalog.pg_get_expr(c.relpartbound, c.oid)
  FROM pg_catalog.pg_inherits JOIN pg_catalog.pg_class c ON c.oid = inhrelid
  WHERE inhparent = $1::pg_catalog.oid AND c.relispartition ORDER BY 1`;

const CHILDREN = `SELECT inhrelid::pg_catalog.regclass::pg_catalog.text FROM pg_catalog.pg_inherits
  JOIN pg_catalog.pg_class c ON c.oid = inhrelid WHERE inhparent = $1::pg_catalog.oid AND NOT c.relispartition ORDER BY 1`;

/** In psql's order. */
const SECTIONS: readonly Section[] = [
  { heading: "Partition of", kinds: "rpf", sql: () => PARTITION_OF },
  { heading: "Partition key", kinds: "p", sql: () => "SELECT pg_catalog.pg_get_partkeydef($1::pg_catalog.oid)" },
  { heading: "Indexes", kinds: "rpmt", sql: () => INDEXES },
  { heading: "Check constraints", kinds: "rpf", sql: () => constraints("c") },
  { heading: "Foreign-key constraints", kinds: "rpf", sql: () => constraints("f") },
  { heading: "Referenced by", kinds: "rp", sql: () => REFERENCED_BY },
  { heading: "Policies", kinds: "rp", sql: () => POLICIES },
  { heading: "Rules", kinds: "rpvm", sql: () => RULES },
  { heading: "Triggers", kinds: "rpvf", sql: () => TRIGGERS },
  { heading: "Inherits", kinds: "rf", sql: () => INHERITS },
];

/** Headings whose single value stands on the heading's own line. */
const ONE_LINE = new Set(["Partition of", "Partition key", "Inherits"]);

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
  lines.push(...(await childLines(relation, asked, column)));
  if (relation.kind === "i" || relation.kind === "I") lines.push(...(await column(INDEX_OF)));
  if (relation.kind === "S") lines.push(...(await column(OWNED_BY)));
  if (asked.verbose && (relation.kind === "v" || relation.kind === "m")) {
    lines.push("View definition:", ...(await column("SELECT pg_catalog.pg_get_viewdef($1::pg_catalog.oid, true)")));
  }
  return lines;
}

async function childLines(
  { kind }: Relation,
  { verbose }: Asked,
  column: (sql: string) => Promise<string[]>,
): Promise<string[]> {
  if (!"rpf".includes(kind)) return [];
  const children = await column(kind === "p" ? PARTITIONS : CHILDREN);
  const word = kind === "p" ? "partitions" : "child tables";
  if (verbose && children.length > 0) {
    return children.map((child, index) => {
      const heading = kind === "p" ? "Partitions: " : "Child tables: ";
      const lead = index === 0 ? heading : " ".repeat(heading.length);
      return `${lead}${child}${index < children.length - 1 ? "," : ""}`;
    });
  }
  if (children.length === 0) return kind === "p" ? ["Number of partitions: 0"] : [];
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
