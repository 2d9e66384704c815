// What the stand-in's database has beside PostgreSQL's own: Redshift's session functions and the logs of loads and
// unloads, with the columns of Redshift's documentation. They live in pg_catalog, as there.

/** Run once by a superuser. Sequences stand for what Redshift keeps by session and outside of transactions. */
export const REDSHIFT_CATALOGUE = `
SET allow_system_table_mods = on;
CREATE SCHEMA redshift_state;
CREATE SEQUENCE redshift_state.copy_id MINVALUE -1;
CREATE SEQUENCE redshift_state.copy_count MINVALUE -1;
CREATE SEQUENCE redshift_state.unload_id MINVALUE -1;
CREATE SEQUENCE redshift_state.unload_count MINVALUE -1;
CREATE FUNCTION redshift_state.last(name text, otherwise bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN RETURN currval('redshift_state.' || name); EXCEPTION WHEN OTHERS THEN RETURN otherwise; END $$;
CREATE FUNCTION pg_catalog.pg_last_copy_id() RETURNS bigint LANGUAGE sql AS $$SELECT redshift_state.last('copy_id', -1)$$;
CREATE FUNCTION pg_catalog.pg_last_copy_count() RETURNS bigint LANGUAGE sql AS $$SELECT redshift_state.last('copy_count', 0)$$;
CREATE FUNCTION pg_catalog.pg_last_unload_id() RETURNS bigint LANGUAGE sql AS $$SELECT redshift_state.last('unload_id', -1)$$;
CREATE FUNCTION pg_catalog.pg_last_unload_count() RETURNS bigint LANGUAGE sql AS $$SELECT redshift_state.last('unload_count', 0)$$;
CREATE FUNCTION pg_catalog.getdate() RETURNS timestamp LANGUAGE sql AS $$SELECT date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC')$$;
CREATE FUNCTION pg_catalog.format_encoding(integer) RETURNS text LANGUAGE sql AS $$SELECT CASE $1 WHEN 0 THEN 'none' ELSE 'lzo' END$$;
CREATE TABLE pg_catalog.stl_load_errors (userid int, slice int, tbl int, starttime timestamp, session int, query int,
  filename char(256), line_number bigint, colname char(127), type char(10), col_length char(10), position int,
  raw_line char(1024), raw_field_value char(1024), err_code int, err_reason char(100));
CREATE TABLE pg_catalog.sys_load_error_detail (user_id int, query_id bigint, transaction_id bigint, session_id int,
  database_name char(64), table_id int, start_time timestamp, file_name char(256), line_number bigint, column_name char(127),
  column_type char(10), column_length char(10), position int, error_code int, error_message char(512));
CREATE TABLE pg_catalog.stl_unload_log (userid int, query int, slice int, pid int, path char(1280), start_time timestamp,
  end_time timestamp, line_count bigint, transfer_size bigint, file_format char(10));
CREATE TABLE pg_catalog.sys_unload_detail (user_id int, query_id bigint, session_id int, file_name char(1280), line_count bigint,
  transfer_size bigint, file_format char(10));
CREATE TABLE pg_catalog.sys_load_history (query_id bigint, session_id int, status char(10), start_time timestamp);
CREATE TABLE pg_catalog.sys_unload_history (query_id bigint, session_id int, status char(10), start_time timestamp);
CREATE TABLE pg_catalog.svv_external_tables (schemaname text, tablename text, location text, input_format text);
CREATE TABLE pg_catalog.svv_mv_info (database_name char(128), schema_name char(128), user_name char(128), name char(128), is_stale char(1));
CREATE TABLE pg_catalog.pg_library (name name, language_oid oid, file_store_id int, owner int);
CREATE TABLE pg_catalog.svv_columns (table_schema text, table_name text, column_name text, ordinal_position int,
  column_default text, is_nullable text, data_type text, character_maximum_length int, numeric_precision int, numeric_scale int);
`;

/** Columns that only Redshift's catalogue has, with something that the database behind can answer. */
const STAND_IN_COLUMNS: readonly (readonly [RegExp, string])[] = [
  [/\ba\.attencodingtype\b/g, "a.attnum % 2"],
  [/\ba\.attisdistkey\b/g, "(a.attnum = 1)"],
  [/\ba\.attsortkeyord\b/g, "(CASE WHEN a.attnum < 3 THEN a.attnum ELSE 0 END)"],
  [/\bc\.reldiststyle\b/g, "1"],
];

/** What PostgreSQL 8.0 did not have: using it must fail here as it fails there. */
const ABSENT = new RegExp(
  `\\b(${[
    "pg_export_snapshot|relrowsecurity|relispartition|relpersistence|attidentity|attgenerated|attcollation|prokind",
    "pg_collation|pg_extension|pg_policy|pg_sequence|pg_roles|pg_auth_members|shobj_description|pg_table_size",
    "pg_get_function_result|pg_get_function_arguments|to_regclass|COLLATE|SAVEPOINT|pg_available_extensions|E(?=')",
  ].join("|")})\\b`,
  "gi",
);
const MARK = "_absent_here";

export const VERSION_TEXT =
  "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.122914";

/** A text for Redshift as one for the database behind. */
export function translated(sql: string): string {
  const version = sql.replace(/\bversion\(\)/gi, `'${VERSION_TEXT}'::text AS version`);
  const columns = STAND_IN_COLUMNS.reduce((text, [pattern, column]) => text.replace(pattern, column), version);
  return columns.replace(ABSENT, (word) => word + MARK);
}

export function withoutMarks(text: string): string {
  return text.replaceAll(MARK, "");
}
