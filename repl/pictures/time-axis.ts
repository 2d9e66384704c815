// A line of time with dates below it: from seconds to years, in UTC, as the folders of backups are named.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Where time stands between two labels, and how a label says it. */
interface Step {
  /** Width of a label in columns. */
  readonly width: number;
  /** The first moment of the step at or after this one. */
  readonly ceil: (time: number) => number;
  readonly label: (time: number) => string;
}

const iso = (time: number): string => new Date(time).toISOString();

function fixedStep(length: number, width: number, label: (time: number) => string, anchor = 0): Step {
  return { width, label, ceil: (time) => Math.ceil((time - anchor) / length) * length + anchor };
}

function monthStep(months: number): Step {
  const ceil = (time: number): number => {
    const date = new Date(time);
    const first = Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / months) * months;
    return monthStart(monthStart(first) >= time ? first : first + months);
  };
  const isYears = months % 12 === 0;
  return { width: isYears ? 4 : 7, ceil, label: (time) => iso(time).slice(0, isYears ? 4 : 7) };
}

/** Of months counted from the year 0; Date.UTC takes years below 100 for those of the last century. */
function monthStart(month: number): number {
  return new Date(0).setUTCFullYear(Math.floor(month / 12), month % 12, 1);
}

const clock = (time: number): string => iso(time).slice(11, 19);
/** At midnight the day, for all that follows. */
const minutes = (time: number): string => (time % DAY === 0 ? iso(time).slice(5, 10) : iso(time).slice(11, 16));
const day = (time: number): string => iso(time).slice(5, 10);
/** The first Monday of the epoch. */
const MONDAY = 4 * DAY;

const STEPS: readonly Step[] = [
  ...[1, 5, 15, 30].map((count) => fixedStep(count * SECOND, 8, clock)),
  ...[1, 5, 15, 30].map((count) => fixedStep(count * MINUTE, 5, minutes)),
  ...[1, 3, 6, 12].map((count) => fixedStep(count * HOUR, 5, minutes)),
  ...[1, 2].map((count) => fixedStep(count * DAY, 5, day)),
  ...[7, 14].map((count) => fixedStep(count * DAY, 5, day, MONDAY)),
  ...[1, 3, 6, 12, 24, 60, 120, 600].map(monthStep),
];

const GAP = 2;

export interface TimeAxis {
  /** The column of a moment. */
  readonly columnOf: (time: number) => number;
  /** Columns with a tick. */
  readonly ticks: ReadonlySet<number>;
  /** The dates below the ticks. */
  readonly labels: string;
}

/** @param last at least a second after `first`. */
export function createTimeAxis(first: number, last: number, columns: number): TimeAxis {
  const columnOf = (time: number): number => Math.round(((time - first) / (last - first)) * (columns - 1));
  const step = STEPS.find((one) => momentsOf(one, first, last, columns) !== undefined) ?? STEPS.at(-1);
  const moments = step === undefined ? [] : (momentsOf(step, first, last, columns) ?? []);
  const ticks = new Set<number>();
  let labels = "";
  for (const moment of moments) {
    const [at, label] = [columnOf(moment), step?.label(moment) ?? ""];
    ticks.add(at);
    const from = Math.max(0, Math.min(columns - label.length, at - Math.floor(label.length / 2)));
    if (labels === "" || from > labels.length) labels = labels.padEnd(from) + label;
  }
  return { columnOf, ticks, labels };
}

/** All moments of a step; undefined when their labels would not stand side by side. */
function momentsOf({ width, ceil }: Step, first: number, last: number, columns: number): number[] | undefined {
  const room = Math.max(1, Math.floor(columns / (width + GAP)));
  const moments: number[] = [];
  for (let at = ceil(first); at <= last; at = ceil(at + 1)) {
    if (moments.length >= room) return undefined;
    moments.push(at);
  }
  return moments;
}

/** `2026-11-01 07:18 to 2026-11-21 07:18 UTC`; seconds where minutes do not tell the ends apart. */
export function printSpan(first: number, last: number): string {
  const digits = last - first < MINUTE ? 19 : last - first < 30 * DAY ? 16 : 10;
  const [from, to] = [first, last].map((time) => iso(time).slice(0, digits).replace("T", " "));
  return from === to
    ? `${from} UTC`
    : `${from} to ${digits > 10 && from?.slice(0, 10) === to?.slice(0, 10) ? to?.slice(11) : to} UTC`;
}
