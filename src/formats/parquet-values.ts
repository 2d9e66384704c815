// Values of COPY's text as Parquet's physical ones: DECIMAL as an exact big-endian integer, DATE as days, times as
// microseconds, text as its UTF-8 bytes. TIMESTAMP is INT64 in microseconds, where Redshift writes the deprecated INT96.
import type { SchemaElement } from "hyparquet";
import { ShellError } from "../errors.ts";
import { isPlainDate, isPlainTimestamp } from "./columns/dates.ts";
import { decimalOf, kindOf, type SourceColumn } from "./source-column.ts";

export type ParquetValue = boolean | number | bigint | Uint8Array;

export interface ParquetColumn {
  readonly element: SchemaElement;
  /** From the bytes a field stands for, which it may keep. Throws `option/value` for what the type cannot hold. */
  readonly read: (bytes: Uint8Array) => ParquetValue;
}

/** What 128 bits hold, and what readers of DECIMAL take. */
const DECIMAL_DIGITS_MAX = 38;
const DAY_MS = 86_400_000;

/** NUMERIC without a precision is written as text, since a DECIMAL has one scale for all its values. */
export function isWrittenAsText(column: SourceColumn): boolean {
  const decimal = decimalOf(column);
  if (kindOf(column) !== "numeric") return false;
  return (
    decimal === undefined ||
    decimal.precision > DECIMAL_DIGITS_MAX ||
    decimal.scale < 0 ||
    decimal.scale > decimal.precision
  );
}

export function parquetColumn(column: SourceColumn): ParquetColumn {
  const { name } = column;
  const optional = { name, repetition_type: "OPTIONAL" } as const;
  const refuse = (text: string): ShellError => unfit(column, text);
  switch (kindOf(column)) {
    case "boolean":
      return { element: { ...optional, type: "BOOLEAN" }, read: (bytes) => bytes[0] === 0x74 };
    case "integer":
      return { element: { ...optional, type: "INT32" }, read: integerOf };
    case "bigint":
      return {
        element: { ...optional, type: "INT64" },
        read: (bytes) => (bytes.length <= SAFE_DIGITS ? BigInt(integerOf(bytes)) : BigInt(asciiOf(bytes))),
      };
    case "real":
      return { element: { ...optional, type: "FLOAT" }, read: (bytes) => Number(asciiOf(bytes)) };
    case "double":
      return { element: { ...optional, type: "DOUBLE" }, read: (bytes) => Number(asciiOf(bytes)) };
    case "date":
      return {
        element: { ...optional, type: "INT32", converted_type: "DATE" },
        read: (bytes) => daysOf(bytes, refuse),
      };
    case "timestamp":
    case "timestamptz": {
      const isAdjustedToUTC = kindOf(column) === "timestamptz";
      const logical = { type: "TIMESTAMP", isAdjustedToUTC, unit: "MICROS" } as const;
      return {
        element: { ...optional, type: "INT64", logical_type: logical },
        read: (bytes) => microsOf(bytes, refuse),
      };
    }
    case "time":
      return {
        element: { ...optional, type: "INT64", converted_type: "TIME_MICROS" },
        read: (bytes) => timeOf(asciiOf(bytes)),
      };
    case "numeric":
      return isWrittenAsText(column) ? textColumn(optional) : decimalColumn(column, refuse);
    case "json":
    case "bytes":
    case "padded":
    case "text":
      return textColumn(optional);
  }
}

function textColumn(optional: { readonly name: string; readonly repetition_type: "OPTIONAL" }): ParquetColumn {
  return { element: { ...optional, type: "BYTE_ARRAY", converted_type: "UTF8" }, read: (bytes) => bytes };
}

function decimalColumn(column: SourceColumn, refuse: (text: string) => ShellError): ParquetColumn {
  const { precision, scale } = decimalOf(column) ?? { precision: DECIMAL_DIGITS_MAX, scale: 0 };
  // The fewest bytes that hold every value of the precision with its sign (Parquet, LogicalTypes, DECIMAL).
  const length = Math.ceil((Math.log2(10) * precision + 1) / 8);
  return {
    element: {
      name: column.name,
      repetition_type: "OPTIONAL",
      type: "FIXED_LEN_BYTE_ARRAY",
      type_length: length,
      converted_type: "DECIMAL",
      precision,
      scale,
    },
    read: (bytes) => {
      const text = asciiOf(bytes);
      const [, sign, whole = "", fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
      if (sign === undefined) throw refuse(text);
      const digits = BigInt(whole + fraction.padEnd(scale, "0"));
      return sign === "-" ? -digits : digits;
    },
  };
}

/** What numbers and times are written in. */
function asciiOf({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString("latin1");
}

/** So many characters, a sign among them, are an integer that a number holds exactly. */
const SAFE_DIGITS = 15;

/** An integer of at most that many characters. */
function integerOf(bytes: Uint8Array): number {
  const isNegative = bytes[0] === MINUS;
  const digits = digitsOf(bytes, isNegative ? 1 : 0, bytes.length);
  return isNegative ? -digits : digits;
}

function digitsOf(bytes: Uint8Array, from: number, end: number): number {
  let value = 0;
  for (let at = from; at < end; at += 1) value = value * 10 + ((bytes[at] ?? ZERO) - ZERO);
  return value;
}

const [MINUS, PLUS, ZERO] = [0x2d, 0x2b, 0x30];
/** Date.UTC takes smaller years for years of the twentieth century. */
const PLAIN_YEAR_MIN = 100;

function daysOf(bytes: Uint8Array, refuse: (text: string) => ShellError): number {
  return (plainMidnight(bytes, bytes.length) ?? utcMs(asciiOf(bytes), refuse)) / DAY_MS;
}

/** Milliseconds of a date of ten characters; undefined for what is written otherwise. */
function plainMidnight(bytes: Uint8Array, length: number): number | undefined {
  const year = digitsOf(bytes, 0, 4);
  if (length !== 10 || !isPlainDate(bytes, 0) || year < PLAIN_YEAR_MIN) return undefined;
  return Date.UTC(year, digitsOf(bytes, 5, 7) - 1, digitsOf(bytes, 8, 10));
}

/** Midnight of a date as ISO prints it: years may have more than four digits, and BC behind them. */
function utcMs(text: string, refuse: (text: string) => ShellError): number {
  const [, year, month, day, bc] = /^(\d{4,})-(\d\d)-(\d\d)( BC)?$/.exec(text) ?? [];
  if (year === undefined) throw refuse(text);
  const date = new Date(0);
  // Before year 1 came 1 BC, which is year 0.
  date.setUTCFullYear(bc === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day));
  if (Number.isNaN(date.getTime())) throw refuse(text);
  return date.getTime();
}

/** The zone is always +00: the session's is UTC while it is read. */
function microsOf(bytes: Uint8Array, refuse: (text: string) => ShellError): bigint {
  const end = bytes[bytes.length - 3] === PLUS ? bytes.length - 3 : bytes.length;
  const midnight = isPlainTimestamp(bytes, 0, end) ? plainMidnight(bytes, 10) : undefined;
  if (midnight === undefined) return microsOfText(asciiOf(bytes), refuse);
  const minutes = digitsOf(bytes, 11, 13) * 60 + digitsOf(bytes, 14, 16);
  const ms = midnight + (minutes * 60 + digitsOf(bytes, 17, 19)) * 1000;
  // Digits that are not there are zeros.
  const fraction = end > 20 ? digitsOf(bytes, 20, end) * 10 ** (26 - end) : 0;
  return BigInt(ms) * 1000n + BigInt(fraction);
}

function microsOfText(text: string, refuse: (text: string) => ShellError): bigint {
  const [, date, time, bc = ""] = /^(\d+-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:\+00)?( BC)?$/.exec(text) ?? [];
  if (date === undefined || time === undefined) throw refuse(text);
  return BigInt(utcMs(date + bc, refuse)) * 1000n + timeOf(time);
}

function timeOf(text: string): bigint {
  const [hours, minutes, seconds = ""] = text.split(":");
  const [whole, fraction = ""] = seconds.split(".");
  const wholeSeconds = (Number(hours) * 60 + Number(minutes)) * 60 + Number(whole);
  return BigInt(wholeSeconds) * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
}

function unfit(column: SourceColumn, text: string): ShellError {
  return new ShellError("option/value", `PARQUET cannot hold ${text} of column ${column.name}`, {
    hint: `cast the column in the query: ${column.name}::text`,
  });
}
