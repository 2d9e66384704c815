// Statements in the background: their numbers, the badge in the prompt, what \jobs lists.
import { ShellError, type PromptJob } from "../../src/index.ts";
import type { StopSignal } from "../cancel.ts";
import { printEstimate } from "../progress/pace.ts";
import type { Run } from "./run.ts";

interface Job {
  readonly number: number;
  readonly run: Run;
}

export class BackgroundJobs {
  readonly #jobs: Job[] = [];
  #last = 0;

  /** Gives the number that the job is known by. */
  add(run: Run): number {
    const known = this.#jobs.find((job) => job.run === run);
    if (known !== undefined) return known.number;
    this.#jobs.push({ number: ++this.#last, run });
    return this.#last;
  }

  get running(): readonly Run[] {
    return this.#jobs.filter(({ run }) => !run.isEnded).map(({ run }) => run);
  }

  /** Comes when none runs any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.running.map((run) => run.ended));
  }

  /** Each takes back what it did. */
  stop(signal: StopSignal): void {
    for (const run of this.running) run.cancellation.take(signal);
  }

  /** Stops what still runs when the prompt is gone, and waits for it: nobody would see to it any more. */
  async end(): Promise<void> {
    this.stop("SIGHUP");
    await this.settled();
  }

  numberOf(run: Run): number | undefined {
    return this.#jobs.find((job) => job.run === run)?.number;
  }

  /** Throws `shell/command` when there is no such job. */
  find(number: number | undefined): Run {
    const job = number === undefined ? this.#jobs.at(-1) : this.#jobs.find((one) => one.number === number);
    if (job !== undefined) return job.run;
    const named = number === undefined ? "no job is in the background" : `there is no job ${number}`;
    throw new ShellError("shell/command", named, { hint: "\\jobs lists the jobs there are" });
  }

  /** The jobs that ended; they are forgotten here. */
  takeEnded(): readonly Job[] {
    const ended = this.#jobs.filter(({ run }) => run.isEnded);
    for (const job of ended) this.forget(job.run);
    return ended;
  }

  forget(run: Run): void {
    const index = this.#jobs.findIndex((job) => job.run === run);
    if (index >= 0) this.#jobs.splice(index, 1);
  }

  list(): readonly PromptJob[] {
    return this.#jobs.map(({ number, run }) => ({
      number,
      description: run.statement,
      status: run.isEnded ? (run.failed ? "failed" : "done") : "running",
      elapsedMs: run.elapsedMs,
      fraction: run.fraction,
    }));
  }

  /** `⟳1 63% ~1m40s`: how many run, and how far the newest is. */
  get badge(): string {
    const { running } = this;
    const newest = running.at(-1);
    if (newest === undefined) return "";
    const parts = [`⟳${running.length}`];
    if (newest.fraction !== undefined) parts.push(`${Math.floor(newest.fraction * 100)}%`);
    if (newest.remainingMs !== undefined) parts.push(printEstimate(newest.remainingMs));
    return parts.join(" ");
  }
}
