// DATEFORMAT 'auto', TIMEFORMAT 'auto' and the epochs: the forms that Redshift's documentation lists under "Using
// automatic recognition with DATEFORMAT and TIMEFORMAT".
import { momentOfGroups, type ReadMoment } from "./date-format.ts";
import { isDay, momentOfDays, momentOfMicros } from "./moment.ts";

const CLOCK =
  "(?<hour>\\d{1,2}):(?<minute>\\d{2})(?::(?<second>\\d{2})(?:[.,](?<fraction>\\d+))?)?(?: ?(?<half>[ap]\\.?m\\.?))?";
const PACKED_CLOCK = "(?<hour>\\d{2})(?<minute>\\d{2})(?<second>\\d{2})(?:\\.(?<fraction>\\d+))?";
const ZONE = "(?: ?(?<zone>[+-]\\d{1,2}(?::?\\d{2})?(?::\\d{2})?|Z|[A-Z]{3,5}|[A-Z][a-z]+(?:/[A-Za-z_+-]+\\d*)+))?";
const ERA = "(?: (?<era>BC|AD))?";
const WEEKDAY = "(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?";

/** A date in front, perhaps a time behind. */
function dated(date: string): RegExp {
  return new RegExp(`^${WEEKDAY}${date}(?:(?:T| +)${CLOCK}${ZONE})?${ERA}$`, "i");
}

const FORMS: readonly RegExp[] = [
  dated("(?<year>\\d{4,})[-/.](?<month>\\d{1,2})[-/.](?<day>\\d{1,2})"),
  dated("(?<month>\\d{1,2})[/-](?<day>\\d{1,2})[/-](?<year>\\d{4})"),
  dated("(?<month>\\d{1,2})[/-](?<day>\\d{1,2})[/-](?<shortYear>\\d{2})"),
  dated("(?<day>\\d{1,2})\\.(?<month>\\d{1,2})\\.(?<year>\\d{4})"),
  dated("(?<year>\\d{4})[- ](?<name>[a-z]{3,9})[- ](?<day>\\d{1,2})"),
  dated("(?<day>\\d{1,2})[- ](?<name>[a-z]{3,9})[- ,](?<year>\\d{4})"),
  dated("(?<name>[a-z]{3,9})[- ](?<day>\\d{1,2})(?:, ?|[- ])(?<year>\\d{4})"),
  new RegExp(`^${WEEKDAY}(?<day>\\d{1,2}) (?<name>[a-z]{3,9}) ${CLOCK} (?<year>\\d{4})${ZONE}$`, "i"),
  new RegExp(`^${WEEKDAY}(?<name>[a-z]{3,9}) (?<day>\\d{1,2}) ${CLOCK} (?<year>\\d{4})${ZONE}$`, "i"),
  new RegExp(`^(?<year>\\d{4})(?<month>\\d{2})(?<day>\\d{2})(?:[T ]?${PACKED_CLOCK}${ZONE})?$`, "i"),
  new RegExp(`^(?<year>\\d{4})(?<month>\\d{2})(?<day>\\d{2})[T ]${CLOCK}${ZONE}$`, "i"),
  new RegExp(`^(?<shortYear>\\d{2})(?<month>\\d{2})(?<day>\\d{2})(?:[T ]${PACKED_CLOCK}${ZONE})?$`, "i"),
];

/** Days between 1970 and the beginning of Julian days. */
const JULIAN_1970 = 2_440_588;

/** `auto`. Text after a zone, or in an order not listed, is not recognised. */
export const readAnyMoment: ReadMoment = (text) => {
  const julian = /^J(\d{1,7})$/i.exec(text)?.[1];
  if (julian !== undefined) return momentOfDays(Number(julian) - JULIAN_1970);
  const [, year, ofYear] = /^(\d{4})\.(\d{3})$/.exec(text) ?? [];
  if (year !== undefined) return dayOfYear(year, Number(ofYear));
  for (const form of FORMS) {
    const moment = momentOfGroups(form.exec(text)?.groups);
    if (moment !== undefined) return moment;
  }
  return undefined;
};

function dayOfYear(year: string, day: number): ReturnType<ReadMoment> {
  const daysInYear = isDay(Number(year), false, 2, 29) ? 366 : 365;
  if (day < 1 || day > daysInYear) return undefined;
  return momentOfDays(Math.round(Date.UTC(Number(year), 0, 1) / 86_400_000) + day - 1);
}

/** Seconds or milliseconds since 1970, UTC, with decimals down to microseconds. */
export function epochReader(unit: "epochsecs" | "epochmillisecs"): ReadMoment {
  const digits = unit === "epochsecs" ? 6 : 3;
  return (text) => {
    const [, sign = "", whole = "", fraction = ""] = /^([+-]?)(\d{1,15})(?:\.(\d*))?$/.exec(text) ?? [];
    if (whole === "") return undefined;
    const micros = BigInt(whole + fraction.slice(0, digits).padEnd(digits, "0"));
    return momentOfMicros(sign === "-" ? -micros : micros);
  };
}
