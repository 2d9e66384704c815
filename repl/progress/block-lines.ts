// The block below a running job, at most six lines. Pure: from what is known of a job to what is drawn.
import type { Amount } from "../../src/index.ts";
import type { StyledLine } from "../app/style.ts";
import { fit } from "../pictures/lines.ts";
import { measureOf, printDuration, printFact, rateMeasureOf } from "./amounts.ts";
import { amountLines, tableLines } from "./block-figures.ts";
import { withSample, type Sample } from "./pace.ts";
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
  readonly tables: readonly TableProgress[];
}

export type TableProgress = NonNullable<Extract<JobEvent, { type: "progress" }>["tables"]>[number];

const EMPTY: Pick<JobProgress, "facts" | "done" | "total" | "samples" | "rates" | "tables"> = {
  facts: [],
  done: {},
  total: undefined,
  samples: [],
  rates: [],
  tables: [],
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
  const { done, total, tables = known.tables } = event;
  const sampled = (before: readonly Sample[], value: number | undefined): readonly Sample[] =>
    value === undefined ? before : withSample(before, { atMs, value });
  const samples = sampled(known.samples, measureOf(done, total));
  const rates = sampled(known.rates, rateMeasureOf(done)?.value);
  return { ...known, done, total, samples, rates, tables };
}

export interface BlockView {
  readonly nowMs: number;
  readonly columns: number;
  /** The statement, its secrets hidden. */
  readonly statement: string;
}

const KEYS = "^C stop  ^Z background";
const LINES_MAX = 6;
/** Of the statement at least so much is shown before its neighbours. */
const TITLE_MIN = 14;

export function blockLines(job: JobProgress, view: BlockView): readonly StyledLine[] {
  // The last column stays free: terminals disagree about what a full line does.
  const room = view.columns - 1;
  const amounts = amountLines(job, room, view.nowMs);
  const tables = tableLines(job.tables, room, LINES_MAX - 2 - amounts.length);
  return [titleLine(job, view), ...amounts.map(plain), ...tables.map(dim), dim(lastLine(job, room, view.nowMs))];
}

function plain(text: string): StyledLine {
  return [{ text, style: "plain" }];
}

function dim(text: string): StyledLine {
  return [{ text, style: "dim" }];
}

function titleLine({ jobId, verb }: JobProgress, { statement, columns }: BlockView): StyledLine {
  const tails = [`  job ${jobId.slice(0, 8)}  ${KEYS}`, `  ${KEYS}`, "  ^C stop"];
  const tail = tails.find(({ length }) => columns - 1 - length >= TITLE_MIN) ?? "";
  const text = (statement === "" ? verb : statement).replace(/\s+/g, " ");
  return [
    { text: fit(text, columns - 1 - tail.length), style: "strong" },
    { text: tail, style: "dim" },
  ];
}

/** `elapsed 2m11s · backup 2026/11/21-071826.12`, as far as there is room. */
function lastLine({ facts, startedMs }: JobProgress, room: number, nowMs: number): string {
  return fit(`  ${[`elapsed ${printElapsed(nowMs - startedMs)}`, ...facts].join(" · ")}`, room);
}

/** Whole seconds: tenths would only flicker. */
function printElapsed(milliseconds: number): string {
  return milliseconds < 10_000 ? `${Math.floor(milliseconds / 1000)}s` : printDuration(milliseconds);
}

/** The line that takes the block's place: `BACKUP done in 4m18s · rows 512,339,014 · stored 3.9GiB`. */
export function finishedLine(
  { verb }: JobProgress,
  elapsedMs: number,
  facts: Readonly<Record<string, string | number>>,
): string {
  return [`${verb} done in ${printDuration(elapsedMs)}`, ...Object.entries(facts).map(printFact)].join(" · ");
}
