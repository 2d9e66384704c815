// What of a database has to be copied, read from the catalogue of PostgreSQL 10 and later.
import type { SequenceValue, TableInfo } from "../engine.ts";
import { quoteLiteral, quoteTable } from "../sql.ts";
import { hasPortableBinary, type TypeFacts } from "./binary-types.ts";

type Query = (sql: string) => Promise<readonly (readonly (string | null)[])[]>;

/** First OID of what users make (transam.h, FirstNormalObjectId). */
const FIRST_USER_OID = 16_384;
const ATTGENERATED_SINCE = 120_000;
const ACCESS_METHODS_SINCE = 120_000;
/** Sequences read with one statement. */
const SEQUENCE_BATCH = 500;

const USER_SCHEMA = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/** The condition of a relation that an extension marks as configuration; NULL for one that it does not. */
const EXTENSION_CONDITION = `
  SELECT e.extcondition[array_position(e.extconfig, c.oid)]
  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    AND d.refclassid = 'pg_catalog.pg_extension'::regclass`;

const NOT_AN_EXTENSIONS_OWN = `(
  NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
    AND d.objid = c.oid AND d.deptype = 'e')
  OR EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE c.oid = ANY (e.extconfig)))`;

/** pg_class.relkind r covers ordinary tables and leaf partitions; temporary ones belong to one session. */
function tablesQuery(versionNumber: number): string {
  const generated = versionNumber >= ATTGENERATED_SINCE ? "AND a.attgenerated = ''" : "";
  const isHeap =
    versionNumber >= ACCESS_METHODS_SINCE
      ? "(SELECT m.amname = 'heap' FROM pg_catalog.pg_am m WHERE m.oid = c.relam)"
      : "true";
  return `
    SELECT c.oid, n.nspname, c.relname,
      CASE WHEN ${isHeap} THEN pg_catalog.pg_relation_size(c.oid) / current_setting('block_size')::int ELSE 0 END,
      CASE WHEN c.reltuples > 0 OR c.relpages > 0 THEN c.reltuples::numeric(24, 0) ELSE -1 END,
      pg_catalog.pg_relation_size(c.oid) + coalesce(pg_catalog.pg_relation_size(nullif(c.reltoastrelid, 0)), 0),
      (${EXTENSION_CONDITION} LIMIT 1),
      (SELECT coalesce(json_agg(json_build_array(a.attname, a.atttypid::bigint) ORDER BY a.attnum), '[]')
       FROM pg_catalog.pg_attribute a
       WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ${generated})
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND ${USER_SCHEMA} AND ${NOT_AN_EXTENSIONS_OWN}
    ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"`;
}

/** Types of all user columns, and what domains and arrays among them are made of. */
const TYPES_QUERY = `
  WITH RECURSIVE used (oid) AS (
    SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attrelid >= ${FIRST_USER_OID} AND a.attnum > 0
    UNION
    SELECT part FROM used JOIN pg_catalog.pg_type t ON t.oid = used.oid,
      LATERAL (VALUES (t.typbasetype), (t.typelem)) AS made (part)
    WHERE part <> 0
  )
  SELECT t.oid, t.typname, t.oid < ${FIRST_USER_OID} AND n.nspname = 'pg_catalog', t.typtype, t.typbasetype,
    CASE WHEN t.typlen = -1 AND t.typcategory = 'A' THEN t.typelem ELSE 0 END
  FROM used JOIN pg_catalog.pg_type t ON t.oid = used.oid
    JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace`;

async function readTypes(query: Query): Promise<ReadonlyMap<number, TypeFacts>> {
  const rows = await query(TYPES_QUERY);
  return new Map(
    rows.map(([oid, name, builtIn, kind, baseOid, elementOid]) => [
      Number(oid),
      {
        oid: Number(oid),
        name: name ?? "",
        builtIn: builtIn === "t",
        kind: kind ?? "",
        baseOid: Number(baseOid),
        elementOid: Number(elementOid),
      },
    ]),
  );
}

/** `Snapshot.tables`. */
export async function readTables(query: Query, versionNumber: number): Promise<readonly TableInfo[]> {
  const types = await readTypes(query);
  const rows = await query(tablesQuery(versionNumber));
  return rows.map(([oid, schema, name, blocks, estimatedRows, estimatedBytes, condition, columnsJson]) => {
    const columns = JSON.parse(columnsJson ?? "[]") as readonly (readonly [string, number])[];
    const isBinary = columns.every(([, typeOid]) => hasPortableBinary(typeOid, types));
    return {
      oid: Number(oid),
      schema: schema ?? "",
      name: name ?? "",
      columns: columns.map(([column]) => column),
      rowFormat: isBinary ? "binary" : "text",
      blocks: Number(blocks),
      estimatedRows: Number(estimatedRows),
      estimatedBytes: Number(estimatedBytes),
      ...(condition === null || condition === undefined || condition === "" ? {} : { condition }),
    };
  });
}

const SEQUENCES_QUERY = `
  SELECT n.nspname, c.relname
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND ${USER_SCHEMA} AND ${NOT_AN_EXTENSIONS_OWN}
  ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"`;

/** `Snapshot.sequences`: each sequence is a relation of one row. */
export async function readSequences(query: Query): Promise<readonly SequenceValue[]> {
  const names = (await query(SEQUENCES_QUERY)).map(([schema, name]) => ({ schema: schema ?? "", name: name ?? "" }));
  const values: SequenceValue[] = [];
  for (let at = 0; at < names.length; at += SEQUENCE_BATCH) {
    const selects = names
      .slice(at, at + SEQUENCE_BATCH)
      .map(
        (sequence, index) =>
          `SELECT ${index}, ${quoteLiteral(sequence.schema)}, ${quoteLiteral(sequence.name)}, last_value, is_called FROM ${quoteTable(sequence)}`,
      );
    for (const [, schema, name, lastValue, isCalled] of await query(`${selects.join(" UNION ALL ")} ORDER BY 1`)) {
      values.push({ schema: schema ?? "", name: name ?? "", lastValue: lastValue ?? "1", isCalled: isCalled === "t" });
    }
  }
  return values;
}
