// What a query's columns are, by PostgreSQL's type numbers (pg_type.dat: fixed for built-in types), and what Redshift
// calls such types.
import type { ManifestType } from "./redshift-manifest.ts";

export interface SourceColumn {
  readonly name: string;
  readonly typeOid: number;
  /** -1 without one. */
  readonly typeModifier: number;
}

/** How a value's text has to be handled. */
export type ValueKind =
  | "integer"
  | "bigint"
  | "numeric"
  | "real"
  | "double"
  | "boolean"
  | "date"
  | "time"
  | "timestamp"
  | "timestamptz"
  | "json"
  | "bytes"
  /** CHAR(n): blanks at the end are no part of the value. */
  | "padded"
  | "text";

const KINDS: ReadonlyMap<number, readonly [kind: ValueKind, base: string]> = new Map([
  [16, ["boolean", "boolean"]],
  [17, ["bytes", "binary varying"]],
  [20, ["bigint", "bigint"]],
  [21, ["integer", "smallint"]],
  [23, ["integer", "integer"]],
  [26, ["bigint", "bigint"]],
  [114, ["json", "super"]],
  [700, ["real", "real"]],
  [701, ["double", "double precision"]],
  [1042, ["padded", "character"]],
  [1082, ["date", "date"]],
  [1083, ["time", "time without time zone"]],
  [1114, ["timestamp", "timestamp without time zone"]],
  [1184, ["timestamptz", "timestamp with time zone"]],
  [1700, ["numeric", "numeric"]],
  [3802, ["json", "super"]],
]);

export function kindOf({ typeOid }: SourceColumn): ValueKind {
  return KINDS.get(typeOid)?.[0] ?? "text";
}

/** The type's name for people, messages and manifests: `character varying` for whatever Redshift has no type for. */
export function baseTypeOf({ typeOid }: SourceColumn): string {
  return KINDS.get(typeOid)?.[1] ?? "character varying";
}

/** Precision and scale of NUMERIC(p, s); `undefined` for one of any size (manual, "numeric_typmod"). */
export function decimalOf({ typeOid, typeModifier }: SourceColumn): { precision: number; scale: number } | undefined {
  if (typeOid !== 1700 || typeModifier < 4) return undefined;
  const packed = typeModifier - 4;
  // The scale has 11 bits with a sign since version 15; before, it had 16 without one and no value above 1000.
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 0x400) - 0x400 };
}

/** As VERBOSE manifests tell it. */
export function manifestTypeOf(column: SourceColumn): ManifestType {
  const base = baseTypeOf(column);
  const decimal = decimalOf(column);
  if (decimal !== undefined) return { base, ...decimal };
  const isSized = (column.typeOid === 1042 || column.typeOid === 1043) && column.typeModifier >= 4;
  return isSized ? { base, max_length: column.typeModifier - 4 } : { base };
}
