// Binary forms as numbers, for loops that ask for them with every field.
import type { BinaryForm, LoadColumn } from "../columns/column.ts";
import { writeBoolean, writeDate, writeFloat, writeInteger, writeNumeric, writeTimestamp } from "./binary-values.ts";

/** An integer of form f takes 2 << f bytes. */
export const [INT2, INT4, INT8, NUMERIC, DATE, TIMESTAMP, TIMESTAMPTZ, TEXT, JSONB, BOOLEAN, FLOAT4, FLOAT8] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
];

const FORMS: Readonly<Record<BinaryForm, number>> = {
  int2: INT2,
  int4: INT4,
  int8: INT8,
  numeric: NUMERIC,
  date: DATE,
  timestamp: TIMESTAMP,
  timestamptz: TIMESTAMPTZ,
  text: TEXT,
  jsonb: JSONB,
  bool: BOOLEAN,
  float4: FLOAT4,
  float8: FLOAT8,
};

/** The forms of columns, `undefined` when one has none. */
export function formsOf(columns: readonly LoadColumn[]): Uint8Array | undefined {
  const forms: number[] = [];
  for (const { binary } of columns) {
    if (binary === undefined) return undefined;
    forms.push(FORMS[binary]);
  }
  return Uint8Array.from(forms);
}

/** Writes a value of a form that is no text: see binary-values.ts. */
export function writeValue(
  bytes: Uint8Array,
  at: number,
  target: DataView,
  to: number,
  form: number,
  max: number,
  fractionMax: number,
): number {
  switch (form) {
    case NUMERIC:
      return writeNumeric(bytes, at, target, to, max, fractionMax);
    case DATE:
      return writeDate(bytes, at, target, to);
    case TIMESTAMP:
      return writeTimestamp(bytes, at, target, to, false);
    case TIMESTAMPTZ:
      return writeTimestamp(bytes, at, target, to, true);
    case INT2:
    case INT4:
    case INT8:
      return writeInteger(bytes, at, target, to, 2 << form);
    case BOOLEAN:
      return writeBoolean(bytes, at, target, to);
    case FLOAT4:
      return writeFloat(bytes, at, target, to, 4);
    case FLOAT8:
      return writeFloat(bytes, at, target, to, 8);
    default:
      return -1;
  }
}
