// How fast a job gets on and when it may be done. Pure.

/** Where a measure stood at a time. */
export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

const SAMPLE_EVERY_MS = 500;
/** Long enough that one slow file does not swing the estimate, as restic does. */
const WINDOW_MS = 120_000;
const RATE_WINDOW_MS = 10_000;
const ETA_AFTER_MS = 5000;
const ETA_AFTER_FRACTION = 0.01;
/** The window's estimate may differ from that over the whole time by this factor, as in DuckDB. */
const CLAMP = 2;

/** The samples with another one, and without those that are too old. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.atMs - last.atMs < SAMPLE_EVERY_MS) return samples;
  return [...samples.filter(({ atMs }) => sample.atMs - atMs <= WINDOW_MS), sample];
}

/** Per second over the last moments; undefined before there is anything to go by. */
export function rateOf(samples: readonly Sample[], now: Sample): number | undefined {
  const from = samples.find(({ atMs }) => now.atMs - atMs <= RATE_WINDOW_MS);
  if (from === undefined || now.atMs - from.atMs < SAMPLE_EVERY_MS) return undefined;
  return ((now.value - from.value) / (now.atMs - from.atMs)) * 1000;
}

export interface Course {
  readonly samples: readonly Sample[];
  readonly startedMs: number;
  readonly now: Sample;
  /** The value at the end. */
  readonly total: number;
}

/** Milliseconds to go; undefined in the first five seconds and the first hundredth, and when all is counted. */
export function estimateMs({ samples, startedMs, now, total }: Course): number | undefined {
  const elapsedMs = now.atMs - startedMs;
  const fraction = total > 0 ? now.value / total : 0;
  if (elapsedMs < ETA_AFTER_MS || fraction < ETA_AFTER_FRACTION) return undefined;
  const left = total - now.value;
  if (left <= 0) return undefined;
  const overall = (elapsedMs / now.value) * left;
  const [from] = samples;
  const gained = from === undefined ? 0 : now.value - from.value;
  if (from === undefined || gained <= 0) return overall;
  const recent = ((now.atMs - from.atMs) / gained) * left;
  return Math.min(overall * CLAMP, Math.max(overall / CLAMP, recent));
}

/** `~25s`, `~1m40s`, `~2h05m`: no finer than the estimate is good for. */
export function printEstimate(milliseconds: number): string {
  const step = milliseconds < 60_000 ? 5 : milliseconds < 600_000 ? 10 : 60;
  const seconds = Math.max(step, Math.round(milliseconds / 1000 / step) * step);
  if (seconds < 60) return `~${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  const two = (value: number): string => String(value).padStart(2, "0");
  if (minutes < 10) return `~${minutes}m${two(seconds % 60)}s`;
  return minutes < 60 ? `~${minutes}m` : `~${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
}
