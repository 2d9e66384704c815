// One line at the bottom of a terminal, redrawn in place; taken away when the statement ends.
import { widthOf } from "../layout/cells.ts";
import { fit } from "../pictures/lines.ts";
import { amountFacts, fractionOf, printBytes, printDuration } from "./amounts.ts";
import { currentRate, follow, remainingMs, type JobProgress } from "./job-progress.ts";
import { printEstimate } from "./pace.ts";
import type { ProgressRenderer, ProgressWorld } from "./progress.ts";

const APPEARS_AFTER_MS = 400;
const REDRAW_MS = 100;
const BAR_WIDTH = 20;
const ERASE_LINE = "\r\u001b[2K";

export interface StatusWorld extends ProgressWorld {
  /** Width of the terminal. */
  readonly columns: () => number;
}

export function createStatusLine({ write, now, columns }: StatusWorld): ProgressRenderer {
  let job: JobProgress | undefined;
  let drawnMs = Number.NEGATIVE_INFINITY;
  /** Columns of what is drawn; a terminal that became narrower has wrapped it. */
  let width = 0;
  const erased = (): string => {
    const above = Math.ceil(width / Math.max(1, columns())) - 1;
    return above > 0 ? `\r\u001b[${above}A\u001b[J` : ERASE_LINE;
  };
  const clear = (): void => {
    if (width > 0) write(erased());
    width = 0;
    drawnMs = Number.NEGATIVE_INFINITY;
  };
  const stop = (): void => {
    clear();
    job = undefined;
  };
  return {
    job(event) {
      const at = now();
      job = follow(job, event, at);
      if (at - job.startedMs < APPEARS_AFTER_MS || at - drawnMs < REDRAW_MS) return;
      const text = fit(statusText(job, at), Math.max(10, columns() - 1));
      write(erased() + text);
      width = widthOf(text);
      drawnMs = at;
    },
    finished: stop,
    failed: stop,
    tellSoon() {
      drawnMs = Number.NEGATIVE_INFINITY;
    },
    clear,
  };
}

function statusText(job: JobProgress, nowMs: number): string {
  const { verb, phase, facts, done, total, active } = job;
  const elapsed = printDuration(nowMs - job.startedMs);
  const amounts = amountFacts(done, total);
  if (amounts.length === 0) return [`${verb} ${phase}`, ...facts, elapsed].join("  ");
  const fraction = fractionOf(done, total);
  const parts = [`${verb} ${phase}`];
  if (fraction !== undefined) {
    const full = Math.round(fraction * BAR_WIDTH);
    parts.push(`${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)} ${String(Math.floor(fraction * 100)).padStart(3)}%`);
  }
  // What is cut off on a narrow terminal is the least important.
  const left = remainingMs(job, nowMs);
  parts.push(left === undefined ? elapsed : `ETA ${printEstimate(left)}`);
  const rate = currentRate(job, nowMs);
  if (rate?.unit === "bytes") parts.push(`${printBytes(rate.perSecond)}/s`);
  parts.push(...amounts);
  parts.push(...active.map(({ name }) => name));
  return parts.join("  ");
}
