// One line at the bottom of a terminal, redrawn in place; taken away when the statement ends.
import { amountFacts, fractionOf, printBytes, printDuration, remainingMs } from "./amounts.ts";
import type { JobEvent, ProgressRenderer, ProgressWorld } from "./progress.ts";

const APPEARS_AFTER_MS = 400;
const REDRAW_MS = 100;
const BAR_WIDTH = 20;
const ERASE_LINE = "\r\u001b[2K";

export interface StatusWorld extends ProgressWorld {
  /** Width of the terminal. */
  readonly columns: () => number;
}

export function createStatusLine({ write, now, columns }: StatusWorld): ProgressRenderer {
  let startedMs: number | undefined;
  let jobId = "";
  let phase = "";
  let phaseStartedMs = 0;
  let drawnMs = Number.NEGATIVE_INFINITY;
  let visible = false;
  const clear = (): void => {
    if (visible) write(ERASE_LINE);
    visible = false;
    drawnMs = Number.NEGATIVE_INFINITY;
  };
  const stop = (): void => {
    clear();
    startedMs = undefined;
  };
  return {
    job(event) {
      const at = now();
      if (startedMs === undefined || jobId !== event.jobId)
        [startedMs, jobId, phase, phaseStartedMs] = [at, event.jobId, "", at];
      if (event.phase !== phase) [phase, phaseStartedMs] = [event.phase, at];
      if (at - startedMs < APPEARS_AFTER_MS || at - drawnMs < REDRAW_MS) return;
      const text = statusText(event, at - phaseStartedMs, at - startedMs);
      write(`${ERASE_LINE}${text.slice(0, Math.max(10, columns() - 1))}`);
      visible = true;
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

function statusText(event: JobEvent, phaseMs: number, elapsedMs: number): string {
  const head = `${event.verb} ${event.phase}`;
  if (event.type === "phase") {
    const facts = Object.entries(event.facts).map(([name, value]) => `${name}=${value}`);
    return [head, ...facts, printDuration(elapsedMs)].join("  ");
  }
  const { done, total } = event;
  const fraction = fractionOf(done, total);
  const parts = [head];
  if (fraction !== undefined) {
    const full = Math.round(fraction * BAR_WIDTH);
    parts.push(`${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)} ${String(Math.floor(fraction * 100)).padStart(3)}%`);
  }
  parts.push(...amountFacts(done, total));
  if (done.bytes !== undefined && phaseMs > 0) parts.push(`${printBytes((Number(done.bytes) / phaseMs) * 1000)}/s`);
  const left = remainingMs(fraction, phaseMs);
  parts.push(left === undefined ? printDuration(elapsedMs) : `ETA ${printDuration(left)}`);
  return parts.join("  ");
}
