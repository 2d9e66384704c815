// The block below a running job, at most six lines. Pure: from what is known of a job to what is drawn.
import type { StyledLine } from "../app/style.ts";
import { widthOf } from "../layout/cells.ts";
import { fit } from "../pictures/lines.ts";
import { fractionOf, printDuration, printFact } from "./amounts.ts";
import { amountLines } from "./block-figures.ts";
import { partLines } from "./block-parts.ts";
import type { JobProgress } from "./job-progress.ts";

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
  const parts = partLines(job.active, room, LINES_MAX - 2 - amounts.length);
  return [titleLine(job, view), ...amounts.map(plain), ...parts.map(dim), dim(lastLine(job, room, view.nowMs))];
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

/** The line that takes the block's place: `BACKUP done in 4m18s · rows 512,339,014 · stored 3.9GiB`, as far as there is room. */
export function finishedLine(
  { verb }: JobProgress,
  elapsedMs: number,
  facts: Readonly<Record<string, string | number>>,
  columns: number,
): string {
  let line = `${verb} done in ${printDuration(elapsedMs)}`;
  for (const fact of Object.entries(facts)) {
    const longer = `${line} · ${printFact(fact)}`;
    if (widthOf(longer) < columns) line = longer;
  }
  return line;
}

/** How far it came: `RESTORE stopped after 2m11s, load at 57%`. */
export function failedLine(job: JobProgress, elapsedMs: number, isStopped: boolean): string {
  const { verb, phase, done, total } = job;
  const fraction = fractionOf(done, total);
  const where = fraction === undefined ? `in ${phase}` : `${phase} at ${Math.floor(fraction * 100)}%`;
  return `${verb} ${isStopped ? "stopped" : "failed"} after ${printDuration(elapsedMs)}, ${where}`;
}
