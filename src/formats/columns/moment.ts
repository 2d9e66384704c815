// A date with or without a time of day, between the forms files have and the one databases read.

export interface Moment {
  /** As its digits stand, at least four. */
  readonly year: string;
  readonly isBc: boolean;
  readonly month: number;
  readonly day: number;
  /** `HH:MM:SS` with up to any number of decimals; absent for a date alone. */
  readonly time?: string;
  /** `+02`, `-08:30`, `UTC`, `Europe/Rome`. */
  readonly zone?: string;
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether the calendar has this day, by the Gregorian rule for all time. */
export function isDay(year: number, isBc: boolean, month: number, day: number): boolean {
  const days = DAYS[month - 1];
  if (days === undefined || day < 1 || day > days || year < 1) return false;
  if (month !== 2 || day < 29) return true;
  const astronomical = isBc ? 1 - year : year;
  return astronomical % 4 === 0 && (astronomical % 100 !== 0 || astronomical % 400 === 0);
}

/** Whether a clock shows this; midnight may be 24:00:00 and a minute may have a leap second. */
export function isTime(hour: number, minute: number, second: number): boolean {
  if (hour === 24) return minute === 0 && second === 0;
  return hour < 24 && minute < 60 && second < 61;
}

/** ISO 8601 as PostgreSQL reads it whatever its DateStyle. */
export function printDate({ year, isBc, month, day }: Moment): string {
  return `${year.padStart(4, "0")}-${two(month)}-${two(day)}${isBc ? " BC" : ""}`;
}

/** A time is filled in where there is none; a zone is left out unless `zone`. */
export function printTimestamp(moment: Moment, zone: boolean): string {
  const { year, isBc, month, day, time = "00:00:00" } = moment;
  const at = zone && moment.zone !== undefined ? (/^[+-]/.test(moment.zone) ? moment.zone : ` ${moment.zone}`) : "";
  return `${year.padStart(4, "0")}-${two(month)}-${two(day)} ${time}${at}${isBc ? " BC" : ""}`;
}

export function two(number: number): string {
  return String(number).padStart(2, "0");
}

/** Microseconds since 1970, UTC. */
export function momentOfMicros(micros: bigint): Moment {
  const DAY = 86_400_000_000n;
  const inDay = ((micros % DAY) + DAY) % DAY;
  return { ...momentOfDays(Number((micros - inDay) / DAY)), time: printMicros(inDay), zone: "+00" };
}

/** Days since 1970, by the civil-from-days rule: exact for all years. */
export function momentOfDays(days: number): Moment {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year: String(year > 0 ? year : 1 - year), isBc: year <= 0, month, day };
}

/** Microseconds within a day as a clock shows them. */
export function printMicros(inDay: bigint): string {
  const seconds = Number(inDay / 1_000_000n);
  const fraction = String(inDay % 1_000_000n)
    .padStart(6, "0")
    .replace(/0+$/, "");
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return fraction === "" ? clock : `${clock}.${fraction}`;
}
