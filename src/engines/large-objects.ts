// Large objects (pg_largeobject): what reads them out of a snapshot. PostgreSQL 10 to 18 and the embedded engine. Functions: manual, "Large Objects", "Server-Side Functions".
import type { Snapshot, TableInfo } from "./engine.ts";

/** Bytes of a chunk; chunk n begins at n times this many. A multiple of every page size, so no page is in two chunks. */
export const LARGE_OBJECT_CHUNK_BYTES = 262_144;
/** A mode of lo_open (libpq-fs.h). */
const INV_READ = 262_144;

/** The two sets of rows that large objects are kept as. */
export interface LargeObjectTables {
  /** By oid: oid, owner, grants, comment, labels, each as text or NULL. */
  readonly objects: TableInfo;
  /** By oid and chunk: oid, int8, bytea. A chunk that is not there, as in a sparse object, reads as zeros. */
  readonly contents: TableInfo;
}

export interface LargeObjectGrant {
  readonly grantor: string;
  /** Empty for PUBLIC. */
  readonly grantee: string;
  readonly privilege: string;
  readonly grantable: boolean;
}

export interface LargeObject {
  readonly oid: number;
  readonly owner: string;
  /** Undefined when nobody ever granted or revoked anything. */
  readonly grants: readonly LargeObjectGrant[] | undefined;
  readonly comment: string | undefined;
  readonly labels: readonly { readonly provider: string; readonly label: string }[];
}

const OBJECTS_QUERY = `SELECT m.oid::text, pg_catalog.pg_get_userbyid(m.lomowner)::text,
    CASE WHEN m.lomacl IS NOT NULL THEN (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(
        pg_catalog.pg_get_userbyid(a.grantor),
        CASE a.grantee WHEN 0 THEN '' ELSE pg_catalog.pg_get_userbyid(a.grantee) END, a.privilege_type, a.is_grantable)), '[]')
      FROM pg_catalog.aclexplode(m.lomacl) AS a)::text END,
    pg_catalog.obj_description(m.oid, 'pg_largeobject'),
    (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(l.provider, l.label) ORDER BY l.provider)::text
      FROM pg_catalog.pg_seclabel AS l
      WHERE l.objoid = m.oid AND l.classoid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass)
  FROM pg_catalog.pg_largeobject_metadata AS m ORDER BY m.oid`;

/** For those who may read the pages' numbers, as a superuser may: only chunks that hold something are looked at. */
const CHUNKS_BY_PAGE = `SELECT p.loid, p.chunk, pg_catalog.lo_get(p.loid, p.chunk * ${LARGE_OBJECT_CHUNK_BYTES}, ${LARGE_OBJECT_CHUNK_BYTES})
  FROM (SELECT loid, chunk, pg_catalog.lag(chunk) OVER (PARTITION BY loid ORDER BY pageno) AS former
    FROM (SELECT loid, pageno, pageno::bigint * (pg_catalog.current_setting('block_size')::bigint / 4) / ${LARGE_OBJECT_CHUNK_BYTES} AS chunk
      FROM pg_catalog.pg_largeobject) AS pages) AS p
  WHERE p.chunk IS DISTINCT FROM p.former`;

/**
 * For everybody else: each object is opened for its size, and every chunk is read. One of zeros is left out, unless it
 * is the last one, which makes the size. Each step takes what the step before it gives, so that the order is sure, and
 * none is LATERAL: the server may remember the answer for one descriptor, which is the next object's, too.
 */
const CHUNKS_BY_SIZE = `SELECT c.loid, c.chunk, c.data
  FROM (SELECT e.oid AS loid, s.chunk, e.bytes,
      pg_catalog.lo_get(e.oid, s.chunk * ${LARGE_OBJECT_CHUNK_BYTES}, ${LARGE_OBJECT_CHUNK_BYTES}) AS data
    FROM (SELECT oid, bytes, pg_catalog.lo_close(CASE WHEN bytes >= 0 THEN fd END) AS closed
      FROM (SELECT oid, fd, pg_catalog.lo_lseek64(fd, 0, 2) AS bytes
        FROM (SELECT oid, pg_catalog.lo_open(oid, ${INV_READ}) AS fd
          FROM pg_catalog.pg_largeobject_metadata ORDER BY oid OFFSET 0) AS o OFFSET 0) AS z OFFSET 0) AS e
      CROSS JOIN LATERAL pg_catalog.generate_series(0, (e.bytes - 1) / ${LARGE_OBJECT_CHUNK_BYTES}) AS s (chunk)
    WHERE e.closed = 0 AND e.bytes > 0 OFFSET 0) AS c
  WHERE (c.chunk + 1) * ${LARGE_OBJECT_CHUNK_BYTES} >= c.bytes
    OR c.data <> pg_catalog.decode(pg_catalog.repeat('00', ${LARGE_OBJECT_CHUNK_BYTES}), 'hex')`;

const FACTS_QUERY = `SELECT (SELECT count(*) FROM pg_catalog.pg_largeobject_metadata),
  pg_catalog.pg_relation_size('pg_catalog.pg_largeobject_metadata'), pg_catalog.pg_relation_size('pg_catalog.pg_largeobject'),
  pg_catalog.has_table_privilege('pg_catalog.pg_largeobject', 'SELECT')`;

/**
 * What to copy out for all large objects of the snapshot's database; undefined when it has none. Reading an object that
 * the user has no right to fails with `engine/failed`, as pg_dump does.
 */
export async function readLargeObjectTables(snapshot: Pick<Snapshot, "rows">): Promise<LargeObjectTables | undefined> {
  const [[count, objectsBytes, contentsBytes, mayReadPages] = []] = await snapshot.rows(FACTS_QUERY);
  if (count === "0" || count === undefined) return undefined;
  const common = { schema: "pg_catalog", rowFormat: "binary", blocks: 0 } as const;
  return {
    objects: {
      ...common,
      oid: 2995,
      name: "pg_largeobject_metadata",
      columns: ["oid", "owner", "grants", "comment", "labels"],
      estimatedRows: Number(count),
      estimatedBytes: Number(objectsBytes),
      query: OBJECTS_QUERY,
    },
    contents: {
      ...common,
      oid: 2613,
      name: "pg_largeobject",
      columns: ["oid", "chunk", "data"],
      estimatedRows: -1,
      estimatedBytes: Number(contentsBytes),
      query: mayReadPages === "t" ? CHUNKS_BY_PAGE : CHUNKS_BY_SIZE,
    },
  };
}

type Fields = readonly (Uint8Array | undefined)[];

/** One row of `LargeObjectTables.objects`. */
export function largeObjectOf(fields: Fields): LargeObject {
  const [oid, owner, grants, comment, labels] = fields.map((field) =>
    field === undefined ? undefined : Buffer.from(field).toString("utf8"),
  );
  const items =
    grants === undefined ? undefined : (JSON.parse(grants) as (readonly [string, string, string, boolean])[]);
  const pairs = labels === undefined ? [] : (JSON.parse(labels) as (readonly [string, string])[]);
  return {
    oid: Number(oid),
    owner: owner ?? "",
    grants: items?.map(([grantor, grantee, privilege, grantable]) => ({ grantor, grantee, privilege, grantable })),
    comment,
    labels: pairs.map(([provider, label]) => ({ provider, label })),
  };
}

/** One row of `LargeObjectTables.contents`. */
export interface LargeObjectChunk {
  readonly oid: number;
  /** Bytes from the beginning of the object. */
  readonly offset: bigint;
  /** A view. Empty when the object ends here and its end was set by lo_truncate. */
  readonly data: Uint8Array;
}

export function largeObjectChunkOf([oid, chunk, data]: Fields): LargeObjectChunk {
  const index = Buffer.from(chunk ?? new Uint8Array(8)).readBigInt64BE();
  return {
    oid: Buffer.from(oid ?? new Uint8Array(4)).readUInt32BE(),
    offset: index * BigInt(LARGE_OBJECT_CHUNK_BYTES),
    data: data ?? new Uint8Array(),
  };
}
