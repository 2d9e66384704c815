// \dP and \dD. They run on PostgreSQL 10 to 18.
import { privileges, USER_SCHEMAS } from "./catalogue-sql.ts";
import type { Asked, Query } from "./listing.ts";

const TYPE = "CASE c.relkind WHEN 'p' THEN 'partitioned table' WHEN 'I' THEN 'partitioned index' END";

/** All sizes below a partitioned relation, itself included. */
const TOTAL_SIZE = `(WITH RECURSIVE parts(oid) AS (SELECT c.oid UNION ALL
    SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN parts p ON i.inhparent = p.oid)
    SELECT pg_catalog.pg_size_pretty(sum(pg_catalog.pg_table_size(parts.oid))) FROM parts)`;

/** \dP: `t` tables, `i` indexes, `n` those that are partitions themselves, too. */
export function partitioned(letters: string): (asked: Asked) => Query {
  const nested = letters.includes("n");
  const [tables, indexes] = [letters.includes("t"), letters.includes("i")];
  const both = tables === indexes;
  const kinds = both ? "'p','I'" : tables ? "'p'" : "'I'";
  return ({ verbose, pattern }) => {
    const withParent = nested || pattern !== undefined;
    return {
      title: `List of partitioned ${both ? "relations" : tables ? "tables" : "indexes"}`,
      objects: "partitioned relations",
      columns: [
        ["Schema", "n.nspname"],
        ["Name", "c.relname"],
        ["Owner", "pg_catalog.pg_get_userbyid(c.relowner)"],
        ...(both ? ([["Type", TYPE]] as const) : []),
        ...(withParent ? ([["Parent name", "inh.inhparent::pg_catalog.regclass::pg_catalog.text"]] as const) : []),
        ...(indexes || both ? ([["Table", "c2.oid::pg_catalog.regclass::pg_catalog.text"]] as const) : []),
        ...(verbose
          ? ([
              ["Total size", TOTAL_SIZE],
              ["Description", "pg_catalog.obj_description(c.oid, 'pg_class')"],
            ] as const)
          : []),
      ],
      from: `FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_catalog.pg_class c2 ON i.indrelid = c2.oid
  LEFT JOIN pg_catalog.pg_inherits inh ON c.oid = inh.inhrelid`,
      where: [
        `c.relkind IN (${kinds})`,
        ...(withParent ? [] : ["NOT c.relispartition"]),
        ...(pattern === undefined ? [USER_SCHEMAS] : []),
      ],
      matching: { schema: "n.nspname", name: "c.relname", visible: "pg_catalog.pg_table_is_visible(c.oid)" },
      order: ["1", ...(both ? ["4 DESC"] : []), ...(withParent ? ["inh.inhparent NULLS FIRST"] : []), "2"].join(", "),
    };
  };
}

export function domains({ verbose, system }: Asked): Query {
  const collation = `(SELECT c.collname FROM pg_catalog.pg_collation c, pg_catalog.pg_type bt
    WHERE c.oid = t.typcollation AND bt.oid = t.typbasetype AND t.typcollation <> bt.typcollation)`;
  const checks = `pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.pg_get_constraintdef(r.oid, true)
    FROM pg_catalog.pg_constraint r WHERE t.oid = r.contypid AND r.contype = 'c' ORDER BY r.conname), ' ')`;
  return {
    title: "List of domains",
    objects: "domains",
    columns: [
      ["Schema", "n.nspname"],
      ["Name", "t.typname"],
      ["Type", "pg_catalog.format_type(t.typbasetype, t.typtypmod)"],
      ["Collation", collation],
      ["Nullable", "CASE WHEN t.typnotnull THEN 'not null' END"],
      ["Default", "t.typdefault"],
      ["Check", checks],
      ...(verbose
        ? ([
            ["Access privileges", privileges("t.typacl")],
            ["Description", "d.description"],
          ] as const)
        : []),
    ],
    from: `FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_description d
    ON d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.objoid = t.oid AND d.objsubid = 0`,
    where: ["t.typtype = 'd'", ...(system ? [] : [USER_SCHEMAS])],
    matching: { schema: "n.nspname", name: "t.typname", visible: "pg_catalog.pg_type_is_visible(t.oid)" },
    order: "1, 2",
  };
}
