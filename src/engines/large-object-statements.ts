// The statements that make large objects again. Functions: manual, "Large Objects", "Server-Side Functions".
import { hexOf } from "../std/bytes.ts";
import type { LargeObject, LargeObjectChunk, LargeObjectGrant } from "./large-objects.ts";
import { quoteIdentifier, quoteLiteral } from "./sql.ts";

/** A mode of lo_open (libpq-fs.h). */
const INV_WRITE = 131_072;

/** A statement with its parameters. */
export interface LargeObjectWrite {
  readonly sql: string;
  readonly parameters: readonly string[];
}

/** Writes chunks into objects that are there. */
export function writeLargeObjects(chunks: readonly LargeObjectChunk[]): LargeObjectWrite {
  const calls: string[] = [];
  const parameters: string[] = [];
  for (const { oid, offset, data } of chunks) {
    const at = parameters.push(String(oid), String(offset));
    if (data.length === 0) {
      calls.push(`pg_catalog.lo_truncate64(pg_catalog.lo_open($${at - 1}, ${INV_WRITE}), $${at})`);
    } else {
      parameters.push(`\\x${hexOf(data)}`);
      calls.push(`pg_catalog.lo_put($${at - 1}, $${at}, $${at + 1})`);
    }
  }
  return { sql: `SELECT ${calls.join(", ")}`, parameters };
}

/** Makes empty objects. Fails when one of the ids is taken. */
export function createLargeObjects(oids: readonly number[]): string {
  return `SELECT pg_catalog.lo_create(o) FROM pg_catalog.unnest('{${oids.join(",")}}'::pg_catalog.oid[]) AS o`;
}

/** Takes objects away, those that are there. Neighbouring ids are one range, which keeps a long undo list short. */
export function unlinkLargeObjects(oids: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const oid of oids) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === oid) last[1] = oid;
    else ranges.push([oid, oid]);
  }
  const where = ranges.map(([from, to]) => (from === to ? `oid = ${from}` : `oid BETWEEN ${from} AND ${to}`));
  return `SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata WHERE ${where.join(" OR ")}`;
}

/** What the target has, as far as owners and rights depend on it. */
export interface LargeObjectTarget {
  readonly roles: ReadonlySet<string>;
  /** Who restores: what is made is theirs to begin with. */
  readonly user: string;
  /** Grantees of the default privileges for large objects (PostgreSQL 18): what is made is theirs to read, too. */
  readonly inheriting: readonly string[];
}

/** Owner, rights, comment and labels of an object that the user has just made, in this order; to be run in one transaction. */
export function describeLargeObject(object: LargeObject, target: LargeObjectTarget): readonly string[] {
  const name = `LARGE OBJECT ${object.oid}`;
  const ownerIsThere = target.roles.has(object.owner);
  return [
    ...target.inheriting.map((grantee) => `REVOKE ALL ON ${name} FROM ${roleName(grantee)}`),
    ...(object.comment === undefined ? [] : [`COMMENT ON ${name} IS ${quoteLiteral(object.comment)}`]),
    ...object.labels.map(
      ({ provider, label }) => `SECURITY LABEL FOR ${quoteIdentifier(provider)} ON ${name} IS ${quoteLiteral(label)}`,
    ),
    ...(ownerIsThere && object.owner !== target.user
      ? [`ALTER ${name} OWNER TO ${quoteIdentifier(object.owner)}`]
      : []),
    ...grantStatements(object, name, target.roles),
  ];
}

function grantStatements(object: LargeObject, name: string, roles: ReadonlySet<string>): readonly string[] {
  if (object.grants === undefined) return [];
  const { owner } = object;
  const revoke = roles.has(owner) ? [`REVOKE ALL ON ${name} FROM ${quoteIdentifier(owner)}`] : [];
  const own = object.grants.filter(({ grantor }) => grantor === owner);
  const passedOn = object.grants.filter(({ grantor }) => grantor !== owner && roles.has(grantor));
  const grant = ({ grantee, privilege, grantable }: LargeObjectGrant): string =>
    `GRANT ${privilege} ON ${name} TO ${roleName(grantee)}${grantable ? " WITH GRANT OPTION" : ""}`;
  const isThere = ({ grantee }: LargeObjectGrant): boolean => grantee === "" || roles.has(grantee);
  return [
    ...revoke,
    ...own.filter(isThere).map(grant),
    ...passedOn
      .filter(isThere)
      .flatMap((one) => [`SET LOCAL ROLE ${quoteIdentifier(one.grantor)}`, grant(one), "SET LOCAL ROLE NONE"]),
  ];
}

function roleName(role: string): string {
  return role === "" ? "PUBLIC" : quoteIdentifier(role);
}

/** `LargeObjectTarget.inheriting`. */
export const DEFAULT_GRANTEES_QUERY = `SELECT DISTINCT CASE a.grantee WHEN 0 THEN '' ELSE pg_catalog.pg_get_userbyid(a.grantee) END
  FROM pg_catalog.pg_default_acl AS d, pg_catalog.aclexplode(d.defaclacl) AS a
  WHERE d.defaclobjtype = 'L' AND d.defaclrole = CURRENT_USER::pg_catalog.regrole AND a.grantee <> d.defaclrole`;

/** Whether objects of these ids, `$1` as oid[], are there. */
export const TAKEN_OIDS_QUERY = `SELECT oid FROM pg_catalog.pg_largeobject_metadata
  WHERE oid = ANY ($1::pg_catalog.oid[]) ORDER BY oid`;

export const ANY_LARGE_OBJECT_QUERY = "SELECT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)";
