// \des, \det, \deu and \dew: what stands for data that is elsewhere. They run on PostgreSQL 10 to 18.
import { comment, foreignOptions, privileges, roleName, when } from "./catalogue-sql.ts";
import type { Asked, Query } from "./listing.ts";

export function foreignServers({ verbose }: Asked): Query {
  return {
    title: "List of foreign servers",
    objects: "foreign servers",
    columns: [
      ["Name", "s.srvname"],
      ["Owner", roleName("s.srvowner")],
      ["Foreign-data wrapper", "f.fdwname"],
      ...when(
        verbose,
        ["Access privileges", privileges("s.srvacl")],
        ["Type", "s.srvtype"],
        ["Version", "s.srvversion"],
        ["FDW options", foreignOptions("s.srvoptions")],
        ["Description", comment("pg_foreign_server", "s.oid")],
      ),
    ],
    from: "FROM pg_catalog.pg_foreign_server s JOIN pg_catalog.pg_foreign_data_wrapper f ON f.oid = s.srvfdw",
    where: [],
    matching: { name: "s.srvname" },
    order: "1",
  };
}

export function foreignTables({ verbose }: Asked): Query {
  return {
    title: "List of foreign tables",
    objects: "foreign tables",
    columns: [
      ["Schema", "n.nspname"],
      ["Table", "c.relname"],
      ["Server", "s.srvname"],
      ...when(verbose, ["FDW options", foreignOptions("t.ftoptions")], ["Description", comment("pg_class", "c.oid")]),
    ],
    from: `FROM pg_catalog.pg_foreign_table t JOIN pg_catalog.pg_class c ON c.oid = t.ftrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_foreign_server s ON s.oid = t.ftserver`,
    where: [],
    matching: { schema: "n.nspname", name: "c.relname", visible: "pg_catalog.pg_table_is_visible(c.oid)" },
    order: "1, 2",
  };
}

/** The view hides the options, which may hold a password, from who may not see them. */
export function userMappings({ verbose }: Asked): Query {
  return {
    title: "List of user mappings",
    objects: "user mappings",
    columns: [
      ["Server", "m.srvname"],
      ["User name", "m.usename"],
      ...when(verbose, ["FDW options", foreignOptions("m.umoptions")]),
    ],
    from: "FROM pg_catalog.pg_user_mappings m",
    where: [],
    matching: { name: "m.srvname", otherName: "m.usename" },
    order: "1, 2",
  };
}

export function foreignDataWrappers({ verbose }: Asked): Query {
  return {
    title: "List of foreign-data wrappers",
    objects: "foreign-data wrappers",
    columns: [
      ["Name", "f.fdwname"],
      ["Owner", roleName("f.fdwowner")],
      ["Handler", "f.fdwhandler::pg_catalog.regproc"],
      ["Validator", "f.fdwvalidator::pg_catalog.regproc"],
      ...when(
        verbose,
        ["Access privileges", privileges("f.fdwacl")],
        ["FDW options", foreignOptions("f.fdwoptions")],
        ["Description", comment("pg_foreign_data_wrapper", "f.oid")],
      ),
    ],
    from: "FROM pg_catalog.pg_foreign_data_wrapper f",
    where: [],
    matching: { name: "f.fdwname" },
    order: "1",
  };
}
