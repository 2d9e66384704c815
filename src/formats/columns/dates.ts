// Date and time columns.
import { BECOMES_NULL, type Convert, type ValueProblem } from "./column.ts";
import { epochReader, readAnyMoment } from "./date-auto.ts";
import { momentFormat, type ReadMoment } from "./date-format.ts";
import { isDay, printDate, printTimestamp, type Moment } from "./moment.ts";

const DASH = 0x2d;

/** The formats that values have as the database prints them. */
export const ISO_DATE = /^YYYY-MM-DD$/i;
export const ISO_TIMESTAMP = /^YYYY-MM-DD HH(?:24)?:MI:SS$/i;

export interface MomentOptions {
  /** `auto`, an epoch, or a format. */
  readonly format: string;
  /** What cannot be read becomes NULL. */
  readonly acceptAny: boolean;
}

export function dateConverter({ format, acceptAny }: MomentOptions): Convert {
  const isIso = ISO_DATE.test(format);
  const read = format === "auto" ? readAnyMoment : momentFormat(format, false);
  const problem = { code: 1205, reason: `Invalid Date Format [${format}]` };
  const slow = momentConverter(read, printDate, acceptAny ? BECOMES_NULL : problem);
  if (!isIso && format !== "auto") return slow;
  return (value, start, end, out) => {
    if (end - start !== 10 || !isPlainDate(value, start)) return slow(value, start, end, out);
    out.raw(value, start, end);
    return undefined;
  };
}

export function timestampConverter({ format, acceptAny }: MomentOptions, zone: boolean): Convert {
  const isIso = ISO_TIMESTAMP.test(format);
  const problem = { code: 1206, reason: `Error in Timestamp value or format [${format}]` };
  const print = (moment: Moment): string => printTimestamp(moment, zone);
  const slow = momentConverter(timestampReader(format, zone), print, acceptAny ? BECOMES_NULL : problem);
  const isAuto = format === "auto";
  if (!isIso && !isAuto) return slow;
  return (value, start, end, out) => {
    // A fixed format has no place for a zone in a column without one.
    const stop = isAuto && isUtc(value, end) ? end - UTC.length : end;
    if (!isPlainTimestamp(value, start, stop)) return slow(value, start, end, out);
    out.raw(value, start, zone ? end : stop);
    return undefined;
  };
}

/** The zone as the values of PARQUET and AVRO are printed here. */
const UTC = Buffer.from("+00");

function isUtc(value: Uint8Array, end: number): boolean {
  return value[end - 3] === UTC[0] && value[end - 2] === UTC[1] && value[end - 1] === UTC[2];
}

function timestampReader(format: string, zone: boolean): ReadMoment {
  if (format === "auto") return readAnyMoment;
  return format === "epochsecs" || format === "epochmillisecs" ? epochReader(format) : momentFormat(format, zone);
}

/** Words that PostgreSQL's date columns hold besides dates. */
const WORDS = /^[+-]?infinity$/i;

function momentConverter(read: ReadMoment, print: (moment: Moment) => string, problem: ValueProblem): Convert {
  return (value, start, end, out) => {
    const text = Buffer.from(value.buffer, value.byteOffset + start, end - start)
      .toString()
      .trim();
    const moment = read(text);
    if (moment === undefined && !WORDS.test(text)) return problem;
    out.ascii(moment === undefined ? text : print(moment));
    return undefined;
  };
}

function twoDigits(value: Uint8Array, at: number): number {
  const [tens, ones] = [(value[at] ?? 0) - 0x30, (value[at + 1] ?? 0) - 0x30];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/** `1999-12-31`, a day there is. */
export function isPlainDate(value: Uint8Array, at: number): boolean {
  if (value[at + 4] !== DASH || value[at + 7] !== DASH) return false;
  const [century, year] = [twoDigits(value, at), twoDigits(value, at + 2)];
  return (
    century >= 0 && year >= 0 && isDay(century * 100 + year, false, twoDigits(value, at + 5), twoDigits(value, at + 8))
  );
}

/** `1999-12-31 23:59:59`, with up to six decimals. */
export function isPlainTimestamp(value: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length < 19 || length > 26 || length === 20 || value[start + 10] !== 0x20) return false;
  if (value[start + 13] !== 0x3a || value[start + 16] !== 0x3a || !isPlainDate(value, start)) return false;
  const [hour, minute, second] = [
    twoDigits(value, start + 11),
    twoDigits(value, start + 14),
    twoDigits(value, start + 17),
  ];
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return false;
  if (length > 19 && value[start + 19] !== 0x2e) return false;
  for (let at = start + 20; at < end; at += 1) {
    const byte = value[at] ?? 0;
    if (byte < 0x30 || byte > 0x39) return false;
  }
  return true;
}
