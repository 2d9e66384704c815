// \db, \dconfig, \dd, \ddp, \dl, \drds and \dy: what is set, kept and said in a database. They run on PostgreSQL 10 to 18.
import { comment, privileges, roleName, USER_SCHEMAS, when } from "./catalogue-sql.ts";
import type { Asked, Query } from "./listing.ts";

/** The server tells it of the database's own tablespace, and to who may use another or read all statistics. */
const TABLESPACE_SIZE = `CASE
    WHEN t.oid = (SELECT d.dattablespace FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
      OR pg_catalog.has_tablespace_privilege(t.oid, 'CREATE') OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
    THEN pg_catalog.pg_size_pretty(pg_catalog.pg_tablespace_size(t.oid)) ELSE 'No Access' END`;

export function tablespaces({ verbose }: Asked): Query {
  return {
    title: "List of tablespaces",
    objects: "tablespaces",
    columns: [
      ["Name", "t.spcname"],
      ["Owner", roleName("t.spcowner")],
      ["Location", "pg_catalog.pg_tablespace_location(t.oid)"],
      ...when(
        verbose,
        ["Access privileges", privileges("t.spcacl")],
        ["Options", "t.spcoptions"],
        ["Size", TABLESPACE_SIZE],
        ["Description", "pg_catalog.shobj_description(t.oid, 'pg_tablespace')"],
      ),
    ],
    from: "FROM pg_catalog.pg_tablespace t",
    where: [],
    matching: { name: "t.spcname" },
    order: "1",
  };
}

/** Without a pattern, those that are not as the server was built. */
export function parameters({ verbose, pattern, versionNumber }: Asked): Query {
  const isAll = pattern !== undefined;
  const rights = `(SELECT ${privileges("a.paracl")} FROM pg_catalog.pg_parameter_acl a
    WHERE pg_catalog.lower(a.parname) = pg_catalog.lower(s.name))`;
  return {
    title: `List of ${isAll ? "" : "non-default "}configuration parameters`,
    objects: "configuration parameters",
    columns: [
      ["Parameter", "s.name"],
      ["Value", "pg_catalog.current_setting(s.name)"],
      ...when(
        verbose,
        ["Type", "s.vartype"],
        ["Context", "s.context"],
        ["Access privileges", versionNumber >= 150_000 ? rights : "NULL"],
      ),
    ],
    from: "FROM pg_catalog.pg_settings s",
    where: isAll ? [] : ["s.source <> 'default'", "s.setting IS DISTINCT FROM s.boot_val"],
    matching: { name: "pg_catalog.lower(s.name)" },
    order: "1",
  };
}

/** An object that only a comment is to be listed of: a branch of the union below. */
function described(kind: string, catalog: string, name: string, schema: string, visible: string, rest = ""): string {
  return `SELECT '${kind}' AS kind, 'pg_catalog.${catalog}'::pg_catalog.regclass AS catalog, o.oid,
      o.${name} AS name, ${schema} AS schema, pg_catalog.${visible} AS visible
    FROM pg_catalog.${catalog} o ${rest}`;
}

const TABLE_OF = (column: string): string => `JOIN pg_catalog.pg_class c ON c.oid = o.${column}`;

/** Objects that no other listing shows the comments of. */
const DESCRIBED = [
  described(
    "table constraint",
    "pg_constraint",
    "conname",
    "c.relnamespace",
    "pg_table_is_visible(c.oid)",
    TABLE_OF("conrelid"),
  ),
  described(
    "domain constraint",
    "pg_constraint",
    "conname",
    "t.typnamespace",
    "pg_type_is_visible(t.oid)",
    "JOIN pg_catalog.pg_type t ON t.oid = o.contypid",
  ),
  described("operator class", "pg_opclass", "opcname", "o.opcnamespace", "pg_opclass_is_visible(o.oid)"),
  described("operator family", "pg_opfamily", "opfname", "o.opfnamespace", "pg_opfamily_is_visible(o.oid)"),
  described(
    "rule",
    "pg_rewrite",
    "rulename",
    "c.relnamespace",
    "pg_table_is_visible(c.oid)",
    `${TABLE_OF("ev_class")} WHERE o.rulename <> '_RETURN'`,
  ),
  described("trigger", "pg_trigger", "tgname", "c.relnamespace", "pg_table_is_visible(c.oid)", TABLE_OF("tgrelid")),
].join("\n    UNION ALL ");

export function descriptions({ system }: Asked): Query {
  return {
    title: "Object descriptions",
    objects: "object descriptions",
    columns: [
      ["Schema", "n.nspname"],
      ["Name", "o.name"],
      ["Object", "o.kind"],
      ["Description", "d.description"],
    ],
    from: `FROM (${DESCRIBED}) o
  JOIN pg_catalog.pg_description d ON d.classoid = o.catalog AND d.objoid = o.oid AND d.objsubid = 0
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.schema`,
    where: system ? [] : [USER_SCHEMAS],
    matching: { schema: "n.nspname", name: "o.name", visible: "o.visible" },
    order: "1, 2, 3",
  };
}

export function defaultPrivileges(): Query {
  const kind = `CASE a.defaclobjtype WHEN 'r' THEN 'table' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'function'
    WHEN 'T' THEN 'type' WHEN 'n' THEN 'schema' WHEN 'L' THEN 'large object' END`;
  return {
    title: "Default access privileges",
    objects: "default access privileges",
    columns: [
      ["Owner", roleName("a.defaclrole")],
      ["Schema", "n.nspname"],
      ["Type", kind],
      ["Access privileges", privileges("a.defaclacl")],
    ],
    from: "FROM pg_catalog.pg_default_acl a LEFT JOIN pg_catalog.pg_namespace n ON n.oid = a.defaclnamespace",
    where: [],
    matching: { name: "n.nspname", otherName: roleName("a.defaclrole") },
    order: "1, 2, 3",
  };
}

export function largeObjects({ verbose }: Asked): Query {
  return {
    title: "Large objects",
    objects: "large objects",
    numeric: new Set(["ID"]),
    columns: [
      ["ID", "m.oid"],
      ["Owner", roleName("m.lomowner")],
      ...when(verbose, ["Access privileges", privileges("m.lomacl")]),
      ["Description", comment("pg_largeobject", "m.oid")],
    ],
    from: "FROM pg_catalog.pg_largeobject_metadata m",
    where: [],
    matching: { name: "m.oid::pg_catalog.text" },
    order: "m.oid",
  };
}

/** What ALTER ROLE and ALTER DATABASE have set. */
export function roleSettings(_asked: Asked, [role, database]: readonly string[]): Query {
  const ofDatabase = database === undefined ? "" : ` and database "${database}"`;
  const of = role === undefined ? "" : ` for role "${role}"${ofDatabase}`;
  return {
    title: "List of settings",
    objects: "settings",
    nothing: `Did not find any settings${of}.`,
    columns: [
      ["Role", "r.rolname"],
      ["Database", "d.datname"],
      ["Settings", "pg_catalog.array_to_string(s.setconfig, E'\\n')"],
    ],
    from: `FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole`,
    where: [],
    matching: { name: "r.rolname" },
    matchingMore: [{ name: "d.datname" }],
    order: "1, 2",
  };
}

export function eventTriggers({ verbose }: Asked): Query {
  const enabled = `CASE e.evtenabled WHEN 'O' THEN 'enabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always'
    WHEN 'D' THEN 'disabled' END`;
  return {
    title: "List of event triggers",
    objects: "event triggers",
    columns: [
      ["Name", "e.evtname"],
      ["Event", "e.evtevent"],
      ["Owner", roleName("e.evtowner")],
      ["Enabled", enabled],
      ["Function", "e.evtfoid::pg_catalog.regproc"],
      ["Tags", "pg_catalog.array_to_string(e.evttags, ', ')"],
      ...when(verbose, ["Description", comment("pg_event_trigger", "e.oid")]),
    ],
    from: "FROM pg_catalog.pg_event_trigger e",
    where: [],
    matching: { name: "e.evtname" },
    order: "1",
  };
}
