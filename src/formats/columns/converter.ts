// From a column and the statement's conversion clauses to what writes its values.
import type { ColumnKind, Convert } from "./column.ts";
import { PROBLEMS } from "./column.ts";
import { dateConverter, timestampConverter } from "./dates.ts";
import { floatConverter, integerConverter, numericConverter } from "./numbers.ts";
import { textConverter, writeText } from "./text.ts";

/** The clauses that change values; the plan's `conversion` is one. */
export interface Conversion {
  readonly acceptAnyDate: boolean;
  readonly invalidCharacter: string | undefined;
  readonly blanksAsNull: boolean;
  readonly emptyAsNull: boolean;
  readonly dateFormat: string;
  readonly timeFormat: string;
  readonly fillRecord: boolean;
  readonly nullText: string;
  readonly roundDecimals: boolean;
  readonly trimBlanks: boolean;
  readonly truncateColumns: boolean;
}

/** @param replaced is called for every value that ACCEPTINVCHARS changed. */
export function converterOf(kind: ColumnKind, conversion: Conversion, replaced: () => void): Convert {
  switch (kind.type) {
    case "integer":
      return integerConverter(kind.bytes);
    case "numeric":
      return numericConverter({ ...kind, round: conversion.roundDecimals });
    case "float":
      return floatConverter;
    case "boolean":
      return booleanConverter;
    case "date":
      return dateConverter({ format: conversion.dateFormat, acceptAny: conversion.acceptAnyDate });
    case "timestamp":
      return timestampConverter({ format: conversion.timeFormat, acceptAny: conversion.acceptAnyDate }, kind.zone);
    case "char":
    case "varchar":
      return textConverter({
        ...(kind.length === undefined ? {} : { length: kind.length }),
        isChar: kind.type === "char",
        trimBlanks: conversion.trimBlanks,
        blanksAsNull: conversion.blanksAsNull,
        truncate: conversion.truncateColumns,
        // Redshift replaces in VARCHAR columns only.
        replacement: kind.type === "char" ? undefined : conversion.invalidCharacter?.charCodeAt(0),
        replaced,
      });
    case "bytes":
      return bytesConverter;
    case "json":
    case "other":
      return writeText;
  }
}

const TRUE = new Set(["t", "true", "y", "yes", "1"]);
const FALSE = new Set(["f", "false", "n", "no", "0"]);

const booleanConverter: Convert = (value, start, end, out) => {
  const first = value[start];
  if (end - start === 1 && (first === 0x74 || first === 0x66)) {
    out.byte(first);
    return undefined;
  }
  const text = Buffer.from(value.buffer, value.byteOffset + start, end - start)
    .toString("latin1")
    .trim()
    .toLowerCase();
  if (!TRUE.has(text) && !FALSE.has(text)) return PROBLEMS.boolean;
  out.ascii(TRUE.has(text) ? "t" : "f");
  return undefined;
};

/** Hexadecimal digits, as UNLOAD writes VARBYTE; PostgreSQL's `\x` before them may be there. */
const bytesConverter: Convert = (value, from, end, out) => {
  const start = value[from] === 0x5c && (value[from + 1] ?? 0) === 0x78 ? from + 2 : from;
  for (let at = start; at < end; at += 1) {
    if (!isHexDigit(value[at] ?? 0)) return { code: 1223, reason: "Invalid hexadecimal digit", position: at - from };
  }
  if ((end - start) % 2 === 1) return { code: 1223, reason: "Odd number of hexadecimal digits" };
  out.ascii("\\\\x");
  out.raw(value, start, end);
  return undefined;
};

function isHexDigit(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x66);
}
