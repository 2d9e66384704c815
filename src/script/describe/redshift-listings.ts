// Catalogue queries of the \d listings for Redshift, whose pg_catalog is PostgreSQL 8.0's: no roles, no collations, no
// extensions, and no E'…' either. What release 8.0 had no place for (external tables, materialized views) is in SVV views.
import type { Asked, Query } from "./listing.ts";

const USER_SCHEMAS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/** An array of access rights, one a line. */
function privileges(column: string): string {
  return `pg_catalog.array_to_string(${column}, chr(10))`;
}

const RELATION_KIND =
  "CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'i' THEN 'index' WHEN 'S' THEN 'sequence' END";

const KINDS: Readonly<Record<string, string>> = { t: "'r'", v: "'v'", m: "'m'", i: "'i'", s: "'S'" };

/** \dt \dv \dm \di \ds \dE and their mixtures. Views of materialized views count as views, too. */
export function relations(letters: string): (asked: Asked) => Query {
  if (letters === "E") return externalTables;
  if (letters === "m") return materializedViews;
  return ({ verbose, system }) => ({
    title: "List of relations",
    objects: "relations",
    columns: [
      ["Schema", "n.nspname"],
      ["Name", "c.relname"],
      ["Type", RELATION_KIND],
      ["Owner", "pg_catalog.pg_get_userbyid(c.relowner)"],
      ...(verbose ? ([["Description", "pg_catalog.obj_description(c.oid, 'pg_class')"]] as const) : []),
    ],
    from: "FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace",
    where: [
      `c.relkind IN (${Object.keys(KINDS)
        .flatMap((letter) => (letters.includes(letter) ? KINDS[letter] : []))
        .join(",")})`,
      ...(system ? [] : [USER_SCHEMAS]),
    ],
    matching: {
      schema: "n.nspname",
      name: "c.relname",
      visible: "pg_catalog.pg_table_is_visible(c.oid)",
      withoutCollations: true,
    },
    order: "1, 2",
  });
}

function externalTables({ verbose }: Asked): Query {
  return {
    title: "List of relations",
    objects: "relations",
    columns: [
      ["Schema", "t.schemaname"],
      ["Name", "t.tablename"],
      ["Type", "'external table'"],
      ["Location", "t.location"],
      ...(verbose ? ([["Input format", "t.input_format"]] as const) : []),
    ],
    from: "FROM svv_external_tables t",
    where: [],
    matching: { schema: "t.schemaname", name: "t.tablename", withoutCollations: true },
    order: "1, 2",
  };
}

/** CHAR columns, which keep the blanks behind their values. */
function materializedViews(): Query {
  return {
    title: "List of relations",
    objects: "relations",
    columns: [
      ["Schema", "trim(m.schema_name)"],
      ["Name", "trim(m.name)"],
      ["Type", "'materialized view'"],
      ["Owner", "trim(m.user_name)"],
      ["Stale", "m.is_stale"],
    ],
    from: "FROM svv_mv_info m",
    where: [],
    matching: { schema: "trim(m.schema_name)", name: "trim(m.name)", withoutCollations: true },
    order: "1, 2",
  };
}

export function schemas({ verbose, system }: Asked): Query {
  return {
    title: "List of schemas",
    objects: "schemas",
    columns: [
      ["Name", "n.nspname"],
      ["Owner", "pg_catalog.pg_get_userbyid(n.nspowner)"],
      ...(verbose ? ([["Access privileges", privileges("n.nspacl")]] as const) : []),
    ],
    from: "FROM pg_catalog.pg_namespace n",
    where: system ? [] : [USER_SCHEMAS],
    matching: { name: "n.nspname", withoutCollations: true },
    order: "1",
  };
}

/** Users and, as 8.0 had them, groups. */
export function roles(): Query {
  return {
    title: "List of users and groups",
    objects: "users",
    columns: [
      ["Name", "r.name"],
      ["Attributes", "r.attributes"],
    ],
    from: `FROM (SELECT u.usename AS name,
      CASE WHEN u.usesuper AND u.usecreatedb THEN 'Superuser, Create DB' WHEN u.usesuper THEN 'Superuser'
        WHEN u.usecreatedb THEN 'Create DB' ELSE '' END AS attributes FROM pg_catalog.pg_user u
    UNION ALL SELECT g.groname, 'Group' FROM pg_catalog.pg_group g) r`,
    where: [],
    matching: { name: "r.name", withoutCollations: true },
    order: "1",
  };
}

export function functions({ verbose, system }: Asked): Query {
  return {
    title: "List of functions",
    objects: "functions",
    columns: [
      ["Schema", "n.nspname"],
      ["Name", "p.proname"],
      [
        "Result data type",
        "CASE WHEN p.proretset THEN 'setof ' ELSE '' END || pg_catalog.format_type(p.prorettype, NULL)",
      ],
      ["Argument data types", "pg_catalog.oidvectortypes(p.proargtypes)"],
      ...(verbose
        ? ([
            ["Volatility", "CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END"],
            ["Owner", "pg_catalog.pg_get_userbyid(p.proowner)"],
            ["Language", "l.lanname"],
            ["Source code", "p.prosrc"],
          ] as const)
        : []),
    ],
    from: `FROM pg_catalog.pg_proc p
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  LEFT JOIN pg_catalog.pg_language l ON l.oid = p.prolang`,
    where: system ? [] : [USER_SCHEMAS],
    matching: {
      schema: "n.nspname",
      name: "p.proname",
      visible: "pg_catalog.pg_function_is_visible(p.oid)",
      withoutCollations: true,
    },
    order: "1, 2, 4",
  };
}

export function types({ verbose, system }: Asked): Query {
  return {
    title: "List of data types",
    objects: "types",
    columns: [
      ["Schema", "n.nspname"],
      ["Name", "pg_catalog.format_type(t.oid, NULL)"],
      ...(verbose ? ([["Internal name", "t.typname"]] as const) : []),
      ["Description", "pg_catalog.obj_description(t.oid, 'pg_type')"],
    ],
    from: "FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace",
    where: ["t.typrelid = 0", "t.typname !~ '^_'", ...(system ? [] : [USER_SCHEMAS])],
    matching: {
      schema: "n.nspname",
      name: "t.typname",
      visible: "pg_catalog.pg_type_is_visible(t.oid)",
      withoutCollations: true,
    },
    order: "1, 2",
  };
}

/** There are none: libraries, which user-defined functions in Python load, come nearest. */
export function extensions(): Query {
  return {
    title: "List of libraries (Redshift has no extensions)",
    objects: "libraries",
    columns: [
      ["Name", "e.name"],
      ["Language", "l.lanname"],
      ["Owner", "pg_catalog.pg_get_userbyid(e.owner)"],
    ],
    from: "FROM pg_catalog.pg_library e LEFT JOIN pg_catalog.pg_language l ON l.oid = e.language_oid",
    where: [],
    matching: { name: "e.name", withoutCollations: true },
    order: "1",
  };
}

export function accessPrivileges({ system }: Asked): Query {
  return {
    title: "Access privileges",
    objects: "access privileges",
    columns: [
      ["Schema", "n.nspname"],
      ["Name", "c.relname"],
      ["Type", RELATION_KIND],
      ["Access privileges", privileges("c.relacl")],
    ],
    from: "FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace",
    where: ["c.relkind IN ('r','v','m','S')", ...(system ? [] : [USER_SCHEMAS])],
    matching: {
      schema: "n.nspname",
      name: "c.relname",
      visible: "pg_catalog.pg_table_is_visible(c.oid)",
      withoutCollations: true,
    },
    order: "1, 2",
  };
}

export function databases(): Query {
  return {
    title: "List of databases",
    objects: "databases",
    columns: [
      ["Name", "d.datname"],
      ["Owner", "pg_catalog.pg_get_userbyid(d.datdba)"],
      ["Encoding", "pg_catalog.pg_encoding_to_char(d.encoding)"],
      ["Access privileges", privileges("d.datacl")],
    ],
    from: "FROM pg_catalog.pg_database d",
    where: [],
    matching: { name: "d.datname", withoutCollations: true },
    order: "1",
  };
}
