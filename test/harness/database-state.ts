// What a database is, as lines that can be compared: its definitions as a dump has them, its rows, its sequences.
import type { Engine } from "../../src/engines/engine.ts";
import { quoteQualified } from "../../src/engines/sql.ts";
import { normalised } from "./schema.ts";

/** Definitions, digests of all rows, values of sequences, and what the database itself has. Two restored alike are equal. */
export async function readState(engine: Engine): Promise<readonly string[]> {
  const lines: string[] = [];
  {
    await using snapshot = await engine.openSnapshot();
    lines.push(...normalised(await snapshot.dumpSchema()));
    lines.push(...(await snapshot.sequences()).map((sequence) => `sequence ${JSON.stringify(sequence)}`).toSorted());
  }
  lines.push(...(await readRows(engine)));
  return lines;
}

/** One line per table and materialized view: how many rows and a digest of them in the order of their text. */
export async function readRows(engine: Engine): Promise<readonly string[]> {
  const tables =
    await engine.rows(`SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND c.relispopulated
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1, 2`);
  const lines: string[] = [];
  for (const [schema = null, name = null] of tables) {
    const table = quoteQualified(schema ?? "", name ?? "");
    const [row] = await engine.rows(
      `SELECT count(*), md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "C"), '')) FROM ONLY ${table} AS t`,
    );
    lines.push(`rows of ${table}: ${row?.join(" ")}`);
  }
  return lines;
}

const CATALOGS = [
  "pg_namespace",
  "pg_attribute",
  "pg_attrdef",
  "pg_type",
  "pg_enum",
  "pg_proc",
  "pg_constraint",
  "pg_trigger",
  "pg_policy",
  "pg_description",
  "pg_default_acl",
  "pg_event_trigger",
  "pg_extension",
  "pg_publication",
  "pg_rewrite",
  "pg_authid",
  "pg_auth_members",
  "pg_db_role_setting",
];

/** A digest of the catalogs themselves, object ids included, and the rows: equal only when nothing was changed at all. */
export async function readFingerprint(engine: Engine): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const catalog of CATALOGS) {
    const [row] = await engine.rows(
      `SELECT md5(coalesce(string_agg(c::text, E'\\n' ORDER BY c::text COLLATE "C"), '')) FROM pg_catalog.${catalog} AS c`,
    );
    lines.push(`${catalog}: ${row?.[0]}`);
  }
  const relations = await engine.rows(
    `SELECT oid, relname, relkind, relacl, relowner FROM pg_catalog.pg_class ORDER BY oid`,
  );
  const databases = await engine.rows("SELECT datname FROM pg_catalog.pg_database ORDER BY 1");
  return [
    ...lines,
    ...relations.map((row) => row.join(" ")),
    `databases: ${databases.join(", ")}`,
    ...(await readRows(engine)),
  ];
}
