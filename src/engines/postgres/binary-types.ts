/**
 * Built-in types whose binary form is the same everywhere: no object ids, no dependence on settings. Left out: the
 * `reg…` family, oid, aclitem and catalogue types hold ids; xml may gain an encoding declaration; an empty tsquery is
 * sent in binary but not taken back (tsquery.c, tsqueryrecv: "operand not found").
 */
const SAFE_BASE_TYPES: ReadonlySet<string> = new Set([
  "bit",
  "bool",
  "box",
  "bpchar",
  "bytea",
  "char",
  "cidr",
  "circle",
  "date",
  "float4",
  "float8",
  "inet",
  "int2",
  "int4",
  "int8",
  "interval",
  "json",
  "jsonb",
  "jsonpath",
  "line",
  "lseg",
  "macaddr",
  "macaddr8",
  "money",
  "name",
  "numeric",
  "path",
  "pg_lsn",
  "point",
  "polygon",
  "text",
  "time",
  "timestamp",
  "timestamptz",
  "timetz",
  "tsvector",
  "uuid",
  "varbit",
  "varchar",
]);

/** A row of pg_type, with what the type is made of. */
export interface TypeFacts {
  readonly oid: number;
  readonly name: string;
  /** Comes with the server: its OID is the same everywhere. */
  readonly builtIn: boolean;
  /** pg_type.typtype: base, composite, domain, enum, multirange, pseudo, range. */
  readonly kind: string;
  /** What a domain is over, 0 for others. */
  readonly baseOid: number;
  /** Element of an array type proper, 0 for others. */
  readonly elementOid: number;
}

/** Whether values of a type can be copied in binary and read back on another server. */
export function hasPortableBinary(oid: number, types: ReadonlyMap<number, TypeFacts>): boolean {
  const type = types.get(oid);
  if (type === undefined) return false;
  if (type.kind === "d") return hasPortableBinary(type.baseOid, types);
  // Enums are sent as their labels.
  if (type.kind === "e") return true;
  if (!type.builtIn) return false;
  // An array's binary form names its element type by OID, which only built-in types keep.
  if (type.elementOid !== 0)
    return types.get(type.elementOid)?.builtIn === true && hasPortableBinary(type.elementOid, types);
  if (type.kind === "r" || type.kind === "m") return true;
  return type.kind === "b" && SAFE_BASE_TYPES.has(type.name);
}
