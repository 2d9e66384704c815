// Which values of a column are plain: in the form that the database has, so that checking them is all there is to do.
import type { ColumnKind } from "../columns/column.ts";
import type { Conversion } from "../columns/converter.ts";
import { ISO_DATE, ISO_TIMESTAMP } from "../columns/dates.ts";
import type { RowWriter } from "../columns/row-writer.ts";

export const [NUMBER, DATE, TIMESTAMP, BOOLEAN, TEXT] = [0, 1, 2, 3, 4];

export interface PlainColumn {
  readonly type: number;
  /** Digits before the dot, or bytes of a text. */
  readonly max: number;
  /** Digits after the dot. */
  readonly fractionMax: number;
  readonly emptyIsNull: boolean;
  readonly notNull: boolean;
  readonly zone: boolean;
}

const UNLIMITED = Number.MAX_SAFE_INTEGER;
const SURE_DIGITS = { 2: 4, 4: 9, 8: 18 } as const;

/** What is plain in a column; `undefined` when the clauses leave nothing so. */
function plainColumn(
  kind: ColumnKind,
  conversion: Conversion,
): Omit<PlainColumn, "notNull" | "emptyIsNull"> | undefined {
  const plain = { max: UNLIMITED, fractionMax: 0, zone: false };
  switch (kind.type) {
    case "integer":
      return { ...plain, type: NUMBER, max: SURE_DIGITS[kind.bytes] };
    case "float":
      return { ...plain, type: NUMBER, fractionMax: UNLIMITED };
    case "numeric": {
      const { precision, scale = UNLIMITED } = kind;
      if (scale < 0 || (precision !== undefined && precision < scale)) return undefined;
      const max = precision === undefined ? UNLIMITED : precision - scale;
      return { ...plain, type: NUMBER, max, fractionMax: conversion.roundDecimals ? UNLIMITED : scale };
    }
    case "boolean":
      return { ...plain, type: BOOLEAN };
    case "date":
      return isOneOf(conversion.dateFormat, ISO_DATE) ? { ...plain, type: DATE } : undefined;
    case "timestamp":
      return isOneOf(conversion.timeFormat, ISO_TIMESTAMP) ? { ...plain, type: TIMESTAMP, zone: kind.zone } : undefined;
    case "char":
    case "varchar":
      if (conversion.blanksAsNull || (conversion.trimBlanks && kind.type === "varchar")) return undefined;
      return { ...plain, type: TEXT, max: kind.length ?? UNLIMITED };
    case "json":
    case "other":
      return { ...plain, type: TEXT };
    case "bytes":
      return undefined;
  }
}

function isOneOf(format: string, iso: RegExp): boolean {
  return format === "auto" || iso.test(format);
}

/** `undefined` when a column or the clauses leave no row plain. */
export function plainColumnsOf(writer: RowWriter, conversion: Conversion): readonly PlainColumn[] | undefined {
  const columns: PlainColumn[] = [];
  for (const { kind, notNull } of writer.columns) {
    const plain = plainColumn(kind, conversion);
    if (plain === undefined) return undefined;
    const isText = kind.type === "char" || kind.type === "varchar";
    columns.push({ ...plain, notNull, emptyIsNull: isText ? conversion.emptyAsNull : true });
  }
  const isOdd = conversion.nullText === "\0" || columns.length === 0;
  return isOdd ? undefined : columns;
}
