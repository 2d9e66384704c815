// Catalogue queries of the \d listings. They run on PostgreSQL 10 to 18: what a version lacks is left out by its number.
import { comment, privileges, USER_SCHEMAS } from "./catalogue-sql.ts";
import type { Asked, Query } from "./listing.ts";

const RELATION_KIND = `CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
    WHEN 'i' THEN 'index' WHEN 'S' THEN 'sequence' WHEN 't' THEN 'TOAST table' WHEN 'f' THEN 'foreign table'
    WHEN 'p' THEN 'partitioned table' WHEN 'I' THEN 'partitioned index' END`;

const KINDS: Readonly<Record<string, string>> = { t: "'r','p'", v: "'v'", m: "'m'", i: "'i','I'", s: "'S'", E: "'f'" };

/** \dt \dv \dm \di \ds \dE and their mixtures; \d alone is \dtvmsE. */
export function relations(letters: string): (asked: Asked) => Query {
  const asksIndexes = letters.includes("i");
  return ({ verbose, system, versionNumber }) => ({
    title: "List of relations",
    objects: "relations",
    columns: [
      ["Schema", "n.nspname"],
      ["Name", "c.relname"],
      ["Type", RELATION_KIND],
      ["Owner", "pg_catalog.pg_get_userbyid(c.relowner)"],
      ...(asksIndexes ? ([["Table", "c2.relname"]] as const) : []),
      ...(verbose ? relationDetails(versionNumber, letters) : []),
    ],
    from: `FROM pg_catalog.pg_class c
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam${
    asksIndexes
      ? `
  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
  LEFT JOIN pg_catalog.pg_class c2 ON i.indrelid = c2.oid`
      : ""
  }`,
    where: [
      `c.relkind IN (${Array.from(letters, (letter) => KINDS[letter]).join(",")}${system ? ",''" : ""})`,
      ...(system ? [] : [USER_SCHEMAS]),
    ],
    matching: { schema: "n.nspname", name: "c.relname", visible: "pg_catalog.pg_table_is_visible(c.oid)" },
    order: "1, 2",
  });
}

function relationDetails(versionNumber: number, letters: string): readonly (readonly [string, string])[] {
  const persistence =
    "CASE c.relpersistence WHEN 'p' THEN 'permanent' WHEN 't' THEN 'temporary' WHEN 'u' THEN 'unlogged' END";
  const method = versionNumber >= 120_000 && /[tmi]/.test(letters) ? ([["Access method", "am.amname"]] as const) : [];
  return [
    ["Persistence", persistence],
    ...method,
    ["Size", "pg_catalog.pg_size_pretty(pg_catalog.pg_table_size(c.oid))"],
    ["Description", comment("pg_class", "c.oid")],
  ];
}

export function schemas({ verbose, system }: Asked): Query {
  return {
    title: "List of schemas",
    objects: "schemas",
    columns: [
      ["Name", "n.nspname"],
      ["Owner", "pg_catalog.pg_get_userbyid(n.nspowner)"],
      ...(verbose
        ? ([
            ["Access privileges", privileges("n.nspacl")],
            ["Description", comment("pg_namespace", "n.oid")],
          ] as const)
        : []),
    ],
    from: "FROM pg_catalog.pg_namespace n",
    where: system ? [] : [USER_SCHEMAS],
    matching: { name: "n.nspname" },
    order: "1",
  };
}

const ROLE_ATTRIBUTES = `pg_catalog.array_to_string(ARRAY[nullif(pg_catalog.array_to_string(ARRAY[
    CASE WHEN r.rolsuper THEN 'Superuser' END, CASE WHEN NOT r.rolinherit THEN 'No inheritance' END,
    CASE WHEN r.rolcreaterole THEN 'Create role' END, CASE WHEN r.rolcreatedb THEN 'Create DB' END,
    CASE WHEN NOT r.rolcanlogin THEN 'Cannot login' END, CASE WHEN r.rolreplication THEN 'Replication' END,
    CASE WHEN r.rolbypassrls THEN 'Bypass RLS' END], ', '), ''),
  CASE WHEN r.rolconnlimit = 0 THEN 'No connections' WHEN r.rolconnlimit = 1 THEN '1 connection'
    WHEN r.rolconnlimit > 1 THEN r.rolconnlimit || ' connections' END,
  'Password valid until ' || r.rolvaliduntil], E'\\n')`;

export function roles({ verbose, system }: Asked): Query {
  const groups = `SELECT b.rolname FROM pg_catalog.pg_auth_members m
    JOIN pg_catalog.pg_roles b ON m.roleid = b.oid WHERE m.member = r.oid ORDER BY 1`;
  return {
    title: "List of roles",
    objects: "roles",
    footers: [],
    columns: [
      ["Role name", "r.rolname"],
      ["Attributes", ROLE_ATTRIBUTES],
      ["Member of", `ARRAY(${groups})`],
      ...(verbose ? ([["Description", "pg_catalog.shobj_description(r.oid, 'pg_authid')"]] as const) : []),
    ],
    from: "FROM pg_catalog.pg_roles r",
    where: system ? [] : ["r.rolname !~ '^pg_'"],
    matching: { name: "r.rolname" },
    order: "1",
  };
}

export function types({ verbose, system }: Asked): Query {
  const labels = "SELECT e.enumlabel FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder";
  return {
    title: "List of data types",
    objects: "types",
    columns: [
      ["Schema", "n.nspname"],
      ["Name", "pg_catalog.format_type(t.oid, NULL)"],
      ...(verbose
        ? ([
            ["Internal name", "t.typname"],
            [
              "Size",
              "CASE WHEN t.typrelid <> 0 THEN 'tuple' WHEN t.typlen < 0 THEN 'var' ELSE t.typlen::pg_catalog.text END",
            ],
            ["Elements", `pg_catalog.array_to_string(ARRAY(${labels}), E'\\n')`],
            ["Owner", "pg_catalog.pg_get_userbyid(t.typowner)"],
            ["Access privileges", privileges("t.typacl")],
          ] as const)
        : []),
      ["Description", comment("pg_type", "t.oid")],
    ],
    from: "FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace",
    where: [
      `(t.typrelid = 0 OR (SELECT c.relkind = 'c' FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid))`,
      "NOT EXISTS (SELECT 1 FROM pg_catalog.pg_type el WHERE el.oid = t.typelem AND el.typarray = t.oid)",
      ...(system ? [] : [USER_SCHEMAS]),
    ],
    matching: { schema: "n.nspname", name: "t.typname", visible: "pg_catalog.pg_type_is_visible(t.oid)" },
    order: "1, 2",
  };
}

export function extensions({ versionNumber }: Asked): Query {
  const newest = "(SELECT a.default_version FROM pg_catalog.pg_available_extensions a WHERE a.name = e.extname)";
  return {
    title: "List of installed extensions",
    objects: "extensions",
    columns: [
      ["Name", "e.extname"],
      ["Version", "e.extversion"],
      ...(versionNumber >= 180_000 ? ([["Default version", newest]] as const) : []),
      ["Schema", "n.nspname"],
      ["Description", comment("pg_extension", "e.oid")],
    ],
    from: "FROM pg_catalog.pg_extension e LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace",
    where: [],
    matching: { name: "e.extname" },
    order: "1",
  };
}

export function accessPrivileges({ system }: Asked): Query {
  const columnRights = `SELECT a.attname || E':\\n  ' || pg_catalog.array_to_string(a.attacl, E'\\n  ')
    FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attacl IS NOT NULL`;
  const policies = `SELECT pol.polname || CASE WHEN pol.polpermissive THEN '' ELSE ' (RESTRICTIVE)' END
    || CASE WHEN pol.polcmd <> '*' THEN ' (' || pol.polcmd::pg_catalog.text || '):' ELSE ':' END
    || coalesce(E'\\n  (u): ' || pg_catalog.pg_get_expr(pol.polqual, pol.polrelid), '')
    || coalesce(E'\\n  (c): ' || pg_catalog.pg_get_expr(pol.polwithcheck, pol.polrelid), '')
    || CASE WHEN pol.polroles = '{0}' THEN '' ELSE E'\\n  to: ' || pg_catalog.array_to_string(ARRAY(SELECT rolname
      FROM pg_catalog.pg_roles WHERE oid = ANY (pol.polroles) ORDER BY 1), ', ') END
    FROM pg_catalog.pg_policy pol WHERE pol.polrelid = c.oid`;
  return {
    title: "Access privileges",
    objects: "access privileges",
    columns: [
      ["Schema", "n.nspname"],
      ["Name", "c.relname"],
      ["Type", RELATION_KIND],
      ["Access privileges", privileges("c.relacl")],
      ["Column privileges", `pg_catalog.array_to_string(ARRAY(${columnRights}), E'\\n')`],
      ["Policies", `pg_catalog.array_to_string(ARRAY(${policies}), E'\\n')`],
    ],
    from: "FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace",
    where: ["c.relkind IN ('r','v','m','S','f','p')", ...(system ? [] : [USER_SCHEMAS])],
    matching: { schema: "n.nspname", name: "c.relname", visible: "pg_catalog.pg_table_is_visible(c.oid)" },
    order: "1, 2",
  };
}

export function databases({ verbose, versionNumber }: Asked): Query {
  const provider = "CASE d.datlocprovider WHEN 'b' THEN 'builtin' WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' END";
  const size = `CASE WHEN pg_catalog.has_database_privilege(d.datname, 'CONNECT')
    THEN pg_catalog.pg_size_pretty(pg_catalog.pg_database_size(d.datname)) ELSE 'No Access' END`;
  return {
    title: "List of databases",
    objects: "databases",
    columns: [
      ["Name", "d.datname"],
      ["Owner", "pg_catalog.pg_get_userbyid(d.datdba)"],
      ["Encoding", "pg_catalog.pg_encoding_to_char(d.encoding)"],
      ...(versionNumber >= 150_000 ? ([["Locale Provider", provider]] as const) : []),
      ["Collate", "d.datcollate"],
      ["Ctype", "d.datctype"],
      ...(versionNumber >= 150_000
        ? ([["Locale", versionNumber >= 170_000 ? "d.datlocale" : "d.daticulocale"]] as const)
        : []),
      ...(versionNumber >= 160_000 ? ([["ICU Rules", "d.daticurules"]] as const) : []),
      ["Access privileges", privileges("d.datacl")],
      ...(verbose
        ? ([
            ["Size", size],
            ["Tablespace", "t.spcname"],
            ["Description", "pg_catalog.shobj_description(d.oid, 'pg_database')"],
          ] as const)
        : []),
    ],
    from: "FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON d.dattablespace = t.oid",
    where: [],
    matching: { name: "d.datname" },
    order: "1",
  };
}
