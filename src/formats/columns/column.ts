// The columns that rows are loaded into, and what can be wrong with a value. Codes and reasons are those of Redshift's
// STL_LOAD_ERRORS (Redshift documentation, "Load error reference").
import type { Output } from "./output.ts";

/** What decides how a value is read; domains count as what they are made of. */
export type ColumnKind =
  | { readonly type: "integer"; readonly bytes: 2 | 4 | 8 }
  /** Without precision any number of digits fits. */
  | { readonly type: "numeric"; readonly precision?: number; readonly scale?: number }
  | { readonly type: "float" }
  | { readonly type: "boolean" }
  | { readonly type: "date" }
  | { readonly type: "timestamp"; readonly zone: boolean }
  /** `length` in characters; absent for any length. */
  | { readonly type: "char" | "varchar"; readonly length?: number }
  | { readonly type: "bytes" }
  | { readonly type: "json" }
  /** Anything else: the database reads it. */
  | { readonly type: "other" };

/** Types whose binary form is written here, named as the server names them; `text` is every type that is text alone. */
export type BinaryForm =
  | "bool"
  | "date"
  | "float4"
  | "float8"
  | "int2"
  | "int4"
  | "int8"
  | "jsonb"
  | "numeric"
  | "text"
  | "timestamp"
  | "timestamptz";

export interface LoadColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** The type as SQL spells it: `character varying(10)`. */
  readonly typeName: string;
  readonly notNull: boolean;
  /** Absent when values go to the database as text only. */
  readonly binary?: BinaryForm;
}

/** Why a value or a row cannot be loaded. */
export interface ValueProblem {
  /** 1200 to 1224. */
  readonly code: number;
  readonly reason: string;
  /** Offset in the value, from 0. */
  readonly position?: number;
}

/**
 * Writes one value in COPY's text form.
 * @returns what is wrong with it; the output then holds rubbish that the caller drops.
 */
export type Convert = (value: Uint8Array, start: number, end: number, out: Output) => ValueProblem | undefined;

/** A value that becomes NULL though it is none: ACCEPTANYDATE. */
export const BECOMES_NULL: ValueProblem = { code: 0, reason: "" };

export const PROBLEMS = {
  extraColumns: { code: 1202, reason: "Extra column(s) found" },
  tooFewColumns: { code: 1203, reason: "Not enough columns found" },
  emptyLine: { code: 1211, reason: "Empty line" },
  delimiterNotFound: { code: 1214, reason: "Delimiter not found" },
  notNull: { code: 1213, reason: "Missing data for not-null field" },
  stringTooLong: { code: 1204, reason: "String length exceeds DDL length" },
  charTooLong: { code: 1204, reason: "Char length exceeds DDL length" },
  zeroByte: { code: 1220, reason: "String contains a zero byte, which the database cannot hold" },
  nullByte: { code: 1218, reason: "Invalid null byte - field longer than 1 byte" },
  boolean: { code: 1210, reason: "Unknown boolean format" },
  json: { code: 1224, reason: "Invalid value for SUPER: not JSON" },
} as const satisfies Record<string, ValueProblem>;
