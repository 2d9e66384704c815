// Expressions that many listings share. They run on PostgreSQL 10 to 18.

/** A heading and the SQL expression below it. */
export type ShownColumn = readonly [heading: string, expression: string];

export const USER_SCHEMAS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/** An array of access rights, one a line. An empty one is not the default, which is NULL: everything was revoked. */
export function privileges(column: string): string {
  return `CASE WHEN pg_catalog.cardinality(${column}) = 0 THEN '(none)' ELSE pg_catalog.array_to_string(${column}, E'\\n') END`;
}

export function comment(catalog: string, oid: string): string {
  return `pg_catalog.obj_description(${oid}, '${catalog}')`;
}

export function roleName(oid: string): string {
  return `pg_catalog.pg_get_userbyid(${oid})`;
}

export function yesOrNo(condition: string): string {
  return `CASE WHEN ${condition} THEN 'yes' ELSE 'no' END`;
}

/** Columns that only some servers or `+` have. */
export function when(condition: boolean, ...columns: readonly ShownColumn[]): readonly ShownColumn[] {
  return condition ? columns : [];
}

/** A name for a type as statements may write it. */
export function typeName(oid: string): string {
  return `pg_catalog.format_type(${oid}, NULL)`;
}

/** Options of what is foreign: `(host 'h', "Port" '5')`. */
export function foreignOptions(column: string): string {
  return `CASE WHEN ${column} IS NULL THEN '' ELSE '(' || pg_catalog.array_to_string(ARRAY(
      SELECT pg_catalog.quote_ident(o.option_name) || ' ' || pg_catalog.quote_literal(o.option_value)
      FROM pg_catalog.pg_options_to_table(${column}) o), ', ') || ')' END`;
}

/** A name with its schema where it would not be found without. */
export function nameWhereSeen(visible: string, schema: string, name: string): string {
  return `CASE WHEN ${visible} THEN pg_catalog.quote_ident(${name})
      ELSE pg_catalog.quote_ident(${schema}) || '.' || pg_catalog.quote_ident(${name}) END`;
}
