// DATEFORMAT and TIMEFORMAT other than 'auto': a format becomes a regular expression. Parts as Redshift's
// documentation lists them ("DATEFORMAT and TIMEFORMAT strings"); HH is HH24 in COPY.
import { isDay, isTime, two, type Moment } from "./moment.ts";

/** `undefined` when the text is not in the format. */
export type ReadMoment = (text: string) => Moment | undefined;

const PARTS = /YYYY|YY|MON|MM|DD|HH24|HH12|HH|MI|SS|A\.M\.|P\.M\.|AM|PM/gi;

const PATTERNS: Readonly<Record<string, string>> = {
  YYYY: "(?<year>\\d{4,})",
  YY: "(?<shortYear>\\d{2})",
  MON: "(?<name>[a-z]{3,9})",
  MM: "(?<month>\\d{1,2})",
  DD: "(?<day>\\d{1,2})",
  HH24: "(?<hour>\\d{1,2})",
  HH: "(?<hour>\\d{1,2})",
  HH12: "(?<hour>\\d{1,2})",
  MI: "(?<minute>\\d{1,2})",
  SS: "(?<second>\\d{1,2})(?:\\.(?<fraction>\\d+))?",
  AM: "(?<half>[ap]\\.?m\\.?)",
};

const MONTHS = "january february march april may june july august september october november december".split(" ");

/** 1 to 12 for a month's name or its first three letters. */
export function monthOf(name: string): number | undefined {
  const wanted = name.toLowerCase();
  const at = MONTHS.findIndex(
    (month) => month === wanted || month.slice(0, 3) === wanted || wanted === `${month.slice(0, 3)}t`,
  );
  return at === -1 ? undefined : at + 1;
}

/** Two digits of a year as PostgreSQL reads them: 70 to 99 are of the last century. */
export function fullYear(short: string): string {
  return (Number(short) < 70 ? "20" : "19") + short;
}

const ZONE = "(?: ?(?<zone>[+-]\\d{1,2}(?::?\\d{2})?(?::\\d{2})?|Z|UTC|GMT))?";

/**
 * @param zones whether a zone may follow: columns with a time zone.
 */
export function momentFormat(format: string, zones: boolean): ReadMoment {
  const [datePart, timePart] = splitFormat(format.trim());
  const pattern = patternOf(datePart) + (timePart === "" ? "" : `(?:${patternOf(timePart)}${zones ? ZONE : ""})?`);
  // A time where the format has none is dropped, as Redshift does.
  const tail = timePart === "" ? "(?:[ T]\\d{1,2}:.*)?" : "";
  const regex = new RegExp(`^${pattern}${tail}(?<era> ?(?:BC|AD))?$`, "i");
  return (text) => momentOfGroups(regex.exec(text)?.groups);
}

/** The format in front of its first part of a time, and the rest with the separators before it. */
function splitFormat(format: string): readonly [string, string] {
  const at = /[^a-z0-9]*(?:HH|MI|SS)/i.exec(format)?.index;
  // A format that begins with its time is one piece.
  return at === undefined || at === 0 ? [format, ""] : [format.slice(0, at), format.slice(at)];
}

function patternOf(format: string): string {
  let pattern = "";
  let from = 0;
  for (const match of format.matchAll(PARTS)) {
    const word = match[0].toUpperCase().replaceAll(".", "").replace("PM", "AM");
    pattern += literal(format.slice(from, match.index)) + (PATTERNS[word] ?? "");
    from = match.index + match[0].length;
  }
  return pattern + literal(format.slice(from));
}

/** The moment that a pattern's groups name; what they lack is 1 or 0. */
export function momentOfGroups(groups: Readonly<Record<string, string | undefined>> | undefined): Moment | undefined {
  if (groups === undefined) return undefined;
  const { year, shortYear, name, zone } = groups;
  const full = year ?? (shortYear === undefined ? undefined : fullYear(shortYear));
  const month = name === undefined ? Number(groups["month"] ?? 1) : monthOf(name);
  if (full === undefined || month === undefined) return undefined;
  const day = Number(groups["day"] ?? 1);
  const isBc = /bc/i.test(groups["era"] ?? "");
  if (!isDay(Number(full), isBc, month, day)) return undefined;
  const date = { year: full.length > 4 ? full.replace(/^0+(?=\d{4})/, "") : full, isBc, month, day };
  if (groups["hour"] === undefined) return date;
  const time = clockOf(groups);
  if (time === undefined) return undefined;
  return { ...date, time, ...(zone === undefined || zone === "" ? {} : { zone: /^z$/i.test(zone) ? "+00" : zone }) };
}

function clockOf(groups: Readonly<Record<string, string | undefined>>): string | undefined {
  const half = groups["half"]?.toLowerCase().replaceAll(".", "");
  let hour = Number(groups["hour"]);
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (half === "pm" ? 12 : 0);
  }
  const [minute, second] = [Number(groups["minute"] ?? 0), Number(groups["second"] ?? 0)];
  if (!isTime(hour, minute, second)) return undefined;
  const { fraction } = groups;
  return `${two(hour)}:${two(minute)}:${two(second)}${fraction === undefined ? "" : `.${fraction}`}`;
}

function literal(text: string): string {
  return text.replace(/[^\w\s]/g, "\\$&");
}
