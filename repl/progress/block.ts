// A job's block in the live frame: it appears after a moment, moves ten times a second, and leaves one line.
import type { StyledLine } from "../app/style.ts";
import { blockLines, failedLine, finishedLine } from "./block-lines.ts";
import { follow, type JobProgress } from "./job-progress.ts";
import type { ProgressRenderer } from "./progress.ts";

const APPEARS_AFTER_MS = 400;
const REDRAW_MS = 100;

export interface BlockWorld {
  readonly now: () => number;
  readonly columns: () => number;
  /** The running statement, its secrets hidden. */
  readonly statement: () => string;
  readonly show: (lines: readonly StyledLine[]) => void;
  readonly hide: () => void;
  /** A line that stays. */
  readonly say: (line: string) => void;
}

export interface Block extends ProgressRenderer {
  /** Time has passed: what is drawn may move. */
  readonly tick: () => void;
  /** The job goes on out of sight. */
  readonly leave: () => void;
}

export function createBlock(world: BlockWorld): Block {
  let job: JobProgress | undefined;
  /** Jobs that were left: they may come back to the front. */
  const left = new Map<string, JobProgress>();
  let drawnMs = Number.NEGATIVE_INFINITY;
  let appeared = false;
  const draw = (): void => {
    const nowMs = world.now();
    if (job === undefined || nowMs - job.startedMs < APPEARS_AFTER_MS || nowMs - drawnMs < REDRAW_MS) return;
    drawnMs = nowMs;
    appeared = true;
    world.show(blockLines(job, { nowMs, columns: world.columns(), statement: world.statement() }));
  };
  const end = (): void => {
    world.hide();
    job = undefined;
    appeared = false;
  };
  return {
    job(event) {
      job = follow(left.get(event.jobId) ?? job, event, world.now());
      left.delete(event.jobId);
      draw();
    },
    finished(_elapsedMs, summary) {
      const done = appeared ? job : undefined;
      end();
      if (done !== undefined) world.say(finishedLine(done, world.now() - done.startedMs, summary, world.columns()));
    },
    failed({ code }) {
      const at = appeared ? job : undefined;
      end();
      if (at !== undefined) world.say(failedLine(at, world.now() - at.startedMs, code === "job/interrupted"));
    },
    tellSoon() {
      drawnMs = Number.NEGATIVE_INFINITY;
      draw();
    },
    clear() {
      world.hide();
      drawnMs = Number.NEGATIVE_INFINITY;
    },
    tick: draw,
    leave() {
      if (job !== undefined) left.set(job.jobId, job);
      end();
    },
  };
}
