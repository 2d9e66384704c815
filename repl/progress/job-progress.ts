// What is known of a running job, and what follows from it. Pure: every renderer has its rates and estimates from here.
import type { Amount, Part } from "../../src/index.ts";
import { measureOf, printFact, rateMeasureOf, totalOf } from "./amounts.ts";
import { estimateMs, rateOf, withSample, type Sample } from "./pace.ts";
import type { JobEvent } from "./progress.ts";

export interface JobProgress {
  readonly jobId: string;
  readonly verb: string;
  readonly startedMs: number;
  readonly phase: string;
  readonly phaseStartedMs: number;
  /** What the phase said of itself: `kms 1/2 ok`. */
  readonly facts: readonly string[];
  readonly done: Amount;
  readonly total: Amount | undefined;
  /** Of the measure that the share is taken of. */
  readonly samples: readonly Sample[];
  /** Of what the rate counts. */
  readonly rates: readonly Sample[];
  readonly active: readonly Part[];
}

const EMPTY: Pick<JobProgress, "facts" | "done" | "total" | "samples" | "rates" | "active"> = {
  facts: [],
  done: {},
  total: undefined,
  samples: [],
  rates: [],
  active: [],
};

/** A job after another event of it. */
export function follow(before: JobProgress | undefined, event: JobEvent, atMs: number): JobProgress {
  const { jobId, verb, phase } = event;
  const same = before?.jobId === jobId ? before : undefined;
  const start = { jobId, verb, startedMs: same?.startedMs ?? atMs };
  const known = same?.phase === phase ? same : { ...EMPTY, ...start, phase, phaseStartedMs: atMs };
  if (event.type === "phase") {
    return { ...known, facts: Object.entries(event.facts).map(printFact) };
  }
  const { done, total, active = known.active } = event;
  const sampled = (before: readonly Sample[], value: number | undefined): readonly Sample[] =>
    value === undefined ? before : withSample(before, { atMs, value });
  const samples = sampled(known.samples, measureOf(done, total));
  const rates = sampled(known.rates, rateMeasureOf(done)?.value);
  return { ...known, done, total, samples, rates, active };
}

export interface Rate {
  readonly unit: "bytes" | "rows";
  readonly perSecond: number;
}

/** Over the last moments; undefined before there is anything to go by. */
export function currentRate({ done, rates }: JobProgress, nowMs: number): Rate | undefined {
  const measure = rateMeasureOf(done);
  if (measure === undefined) return undefined;
  const perSecond = rateOf(rates, { atMs: nowMs, value: measure.value });
  return perSecond === undefined ? undefined : { unit: measure.name === "rows" ? "rows" : "bytes", perSecond };
}

/** Milliseconds to go; undefined until there is something to go by. */
export function remainingMs({ done, total, samples, phaseStartedMs }: JobProgress, nowMs: number): number | undefined {
  const end = totalOf(total);
  if (end === undefined) return undefined;
  const now = { atMs: nowMs, value: measureOf(done, total) ?? 0 };
  return estimateMs({ samples, startedMs: phaseStartedMs, now, total: end });
}
