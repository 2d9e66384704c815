// Newline-delimited JSON on stderr. The schema only grows: `v` changes when a reader would break. Unknown is null.
import type { Amount } from "../../src/index.ts";
import { fractionOf, remainingMs } from "./amounts.ts";
import type { JobEvent, JobPlace, ProgressRenderer, ProgressWorld } from "./progress.ts";

const VERSION = 1;

interface Running {
  readonly jobId: string;
  readonly verb: string;
  readonly place: JobPlace;
  readonly startedMs: number;
  phase: string;
  phaseStartedMs: number;
}

export function createJsonProgress({ write, now }: ProgressWorld): ProgressRenderer {
  let running: Running | undefined;
  const say = (job: Running, type: string, fields: Readonly<Record<string, unknown>>): void => {
    const { number, file, line } = job.place;
    const head = { v: VERSION, ts: new Date(now()).toISOString(), type, job_id: job.jobId, op: job.verb };
    write(`${JSON.stringify({ ...head, stmt: number, file, line, ...fields })}\n`);
  };
  const begin = (event: JobEvent, place: JobPlace): Running => {
    const at = now();
    const job: Running = {
      jobId: event.jobId,
      verb: event.verb,
      place,
      startedMs: at,
      phase: event.phase,
      phaseStartedMs: at,
    };
    say(job, "statement_start", {});
    return job;
  };
  const end = (type: "summary" | "error", fields: Readonly<Record<string, unknown>>): void => {
    if (running === undefined) return;
    const status = type === "summary" ? "succeeded" : "failed";
    const duration = { duration_ms: now() - running.startedMs };
    if (type === "error") say(running, "error", fields);
    say(running, "summary", { status, ...(type === "summary" ? fields : {}), ...duration });
    say(running, "statement_end", { status });
    running = undefined;
  };
  return {
    job(event, place) {
      if (running?.jobId !== event.jobId) running = begin(event, place);
      const job = running;
      if (event.phase !== job.phase) Object.assign(job, { phase: event.phase, phaseStartedMs: now() });
      if (event.type === "phase") say(job, "phase", { phase: event.phase, facts: event.facts });
      else say(job, "progress", progressFields(event, now() - job.startedMs, now() - job.phaseStartedMs));
    },
    finished: (_elapsedMs, summary) => end("summary", summary),
    failed: ({ code, exitStatus, message, hint, retryable }) =>
      end("error", { code, exit_code: exitStatus, message, hint: hint ?? null, retryable }),
    tellSoon() {},
    clear() {},
  };
}

function progressFields(
  event: Extract<JobEvent, { type: "progress" }>,
  elapsedMs: number,
  phaseMs: number,
): Record<string, unknown> {
  const { done, total, active } = event;
  const fraction = fractionOf(done, total);
  const left = remainingMs(fraction, phaseMs);
  const bytes = numberOf(done, "bytes");
  return {
    phase: event.phase,
    fraction: fraction === undefined ? null : Number(fraction.toFixed(4)),
    eta_s: left === undefined ? null : Math.round(left / 1000),
    elapsed_s: Number((elapsedMs / 1000).toFixed(1)),
    rows: numberOf(done, "rows"),
    rows_total: numberOf(total, "rows"),
    bytes_read: bytes,
    bytes_total: numberOf(total, "bytes"),
    bytes_stored: numberOf(done, "storedBytes"),
    files_done: numberOf(done, "files"),
    files_total: numberOf(total, "files"),
    rate_bps: bytes === null || phaseMs === 0 ? null : Math.round((bytes / phaseMs) * 1000),
    active: (active ?? []).map((table) => ({ table })),
  };
}

function numberOf(amount: Amount | undefined, measure: keyof Amount): number | null {
  const value = amount?.[measure];
  return value === undefined ? null : Number(value);
}
