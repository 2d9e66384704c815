// What every engine that speaks PostgreSQL's catalogue asks it, and how a table's rows are asked for.
import type { CopyOutOptions, SequenceValue, TableInfo } from "./engine.ts";
import { columnList, quoteName, quoteTable } from "./sql.ts";

/** Runs a query inside the snapshot that is read. */
export type ReadRows = (sql: string) => Promise<readonly (readonly (string | null)[])[]>;

/**
 * Settings for a transaction that reads rows as text: the text form of a value must not depend on who reads it. The
 * same list pg_dump sets; scans begin at a table's first block, so that an unchanged table yields its rows in one order.
 */
export const READ_SETTINGS: string = `
SET LOCAL search_path = '';
SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL intervalstyle = 'postgres';
SET LOCAL timezone = 'UTC';
SET LOCAL extra_float_digits = 3;
SET LOCAL bytea_output = 'hex';
SET LOCAL xmloption = 'content';
SET LOCAL synchronize_seqscans = off;
SET LOCAL row_security = off;
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;
`;

/** Object ids from here on differ from one cluster to the next (transam.h, FirstGenbkiObjectId). */
const FIRST_UNSTABLE_OID = 10_000;

// Names below are found in pg_catalog alone: READ_SETTINGS empties the search path.

/** Relations of one relkind that users made, and those that an extension declares as its configuration. */
function userRelations(relkind: string): string {
  return `found AS (
  SELECT c.*, n.nspname, config.condition
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN (
    SELECT entry.relation, entry.condition
    FROM pg_extension x, LATERAL unnest(x.extconfig, x.extcondition) AS entry(relation, condition)
  ) config ON config.relation = c.oid
  WHERE c.relkind = '${relkind}' AND c.relpersistence <> 't'
    AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    AND (config.relation IS NOT NULL OR NOT EXISTS (
      SELECT FROM pg_depend d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0 AND d.deptype = 'e'))
)`;
}

/**
 * Types whose binary form another cluster reads as the same value: built in, not an alias of an object id, with both
 * binary functions; arrays of such (their element's id is fixed); enums (sent as their labels); domains over any of these.
 */
const PORTABLE_TYPES = `portable(oid) AS (
  SELECT t.oid FROM pg_type t
  WHERE (t.oid < ${FIRST_UNSTABLE_OID} AND t.typtype NOT IN ('c', 'p') AND t.typsend <> 0 AND t.typreceive <> 0
      AND t.typname !~ '^_?reg(proc|procedure|oper|operator|class|type|role|namespace|config|dictionary|collation)$')
    OR t.typtype = 'e'
  UNION
  SELECT t.oid FROM pg_type t JOIN portable p ON t.typtype = 'd' AND t.typbasetype = p.oid
)`;

const TABLES = `WITH RECURSIVE ${PORTABLE_TYPES}, ${userRelations("r")}
SELECT t.nspname, t.relname, t.oid,
  pg_relation_size(t.oid) / current_setting('block_size')::bigint,
  t.reltuples::bigint,
  pg_relation_size(t.oid) + CASE t.reltoastrelid WHEN 0 THEN 0 ELSE pg_relation_size(t.reltoastrelid) END,
  t.condition,
  coalesce(bool_and(a.atttypid IN (SELECT oid FROM portable)), true),
  coalesce(json_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attname IS NOT NULL), '[]')
FROM found t
LEFT JOIN pg_attribute a
  ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND to_jsonb(a) ->> 'attgenerated' IS NOT DISTINCT FROM ''
GROUP BY t.oid, t.nspname, t.relname, t.reltuples, t.reltoastrelid, t.condition
ORDER BY t.nspname COLLATE "C", t.relname COLLATE "C"`;

/** `Snapshot.tables`. */
export async function readTables(rows: ReadRows): Promise<readonly TableInfo[]> {
  const found = await rows(TABLES);
  return found.map(([schema, name, oid, blocks, estimatedRows, estimatedBytes, condition, portable, columns]) => {
    const names: readonly string[] = JSON.parse(columns ?? "[]");
    const table = {
      schema: schema ?? "",
      name: name ?? "",
      oid: Number(oid),
      columns: names,
      rowFormat: portable === "t" ? "binary" : "text",
      blocks: Number(blocks),
      estimatedRows: Number(estimatedRows),
      estimatedBytes: Number(estimatedBytes),
    } as const;
    return condition === null || condition === undefined || condition === ""
      ? table
      : { ...table, condition: condition.replace(/^\s*where\s+/i, "") };
  });
}

const SEQUENCES = `WITH ${userRelations("S")}
SELECT nspname, relname FROM found ORDER BY nspname COLLATE "C", relname COLLATE "C"`;

/** Sequences asked in one query. */
const SEQUENCES_AT_ONCE = 200;

/** `Snapshot.sequences`. A sequence has its value in a relation of its own, which sees no snapshot. */
export async function readSequences(rows: ReadRows): Promise<readonly SequenceValue[]> {
  const names = (await rows(SEQUENCES)).map(([schema, name]) => ({ schema: schema ?? "", name: name ?? "" }));
  const values: SequenceValue[] = [];
  for (let first = 0; first < names.length; first += SEQUENCES_AT_ONCE) {
    const some = names.slice(first, first + SEQUENCES_AT_ONCE);
    const selects = some.map((name, place) => `SELECT ${place}, last_value, is_called FROM ${quoteTable(name)}`);
    const found = await rows(selects.join(" UNION ALL "));
    const byPlace = new Map(found.map(([place, lastValue, isCalled]) => [place, { lastValue, isCalled }]));
    for (const [place, name] of some.entries()) {
      const value = byPlace.get(String(place));
      values.push({ ...name, lastValue: value?.lastValue ?? "1", isCalled: value?.isCalled === "t" });
    }
  }
  return values;
}

/** The COPY that gives a table's rows, or those of one block range. */
export function copyOutSql(table: TableInfo, options: Pick<CopyOutOptions, "rowFormat" | "range">): string {
  const target = `TO STDOUT (FORMAT ${options.rowFormat})`;
  const conditions = table.condition === undefined ? [] : [`(${table.condition})`];
  const { fromBlock = 0, toBlock } = options.range ?? {};
  if (fromBlock > 0) conditions.push(`ctid >= '(${fromBlock},0)'`);
  if (toBlock !== undefined) conditions.push(`ctid < '(${toBlock},0)'`);
  if (conditions.length === 0) return `COPY ${quoteTable(table)}${columnList(table.columns)} ${target}`;
  const columns = table.columns.map(quoteName).join(", ");
  return `COPY (SELECT ${columns} FROM ONLY ${quoteTable(table)} WHERE ${conditions.join(" AND ")}) ${target}`;
}
