// Newline-delimited JSON on stderr. The schema only grows: `v` changes when a reader would break. Unknown is null.
import type { Amount, Part } from "../../src/index.ts";
import { fractionOf } from "./amounts.ts";
import { follow, remainingMs, type JobProgress } from "./job-progress.ts";
import type { JobEvent, JobPlace, ProgressRenderer, ProgressWorld } from "./progress.ts";

const VERSION = 1;

interface Running {
  readonly place: JobPlace;
  progress: JobProgress;
}

export function createJsonProgress({ write, now }: ProgressWorld): ProgressRenderer {
  let running: Running | undefined;
  const say = (job: Running, type: string, fields: Readonly<Record<string, unknown>>): void => {
    const { number, file, line } = job.place;
    const { jobId, verb } = job.progress;
    const head = { v: VERSION, ts: new Date(now()).toISOString(), type, job_id: jobId, op: verb };
    write(`${JSON.stringify({ ...head, stmt: number, file, line, ...fields })}\n`);
  };
  const begin = (event: JobEvent, place: JobPlace): Running => {
    const job: Running = { place, progress: follow(undefined, event, now()) };
    say(job, "statement_start", {});
    return job;
  };
  const end = (type: "summary" | "error", fields: Readonly<Record<string, unknown>>): void => {
    if (running === undefined) return;
    const status = type === "summary" ? "succeeded" : "failed";
    const duration = { duration_ms: now() - running.progress.startedMs };
    if (type === "error") say(running, "error", fields);
    say(running, "summary", { status, ...(type === "summary" ? fields : {}), ...duration });
    say(running, "statement_end", { status });
    running = undefined;
  };
  return {
    job(event, place) {
      if (running?.progress.jobId !== event.jobId) running = begin(event, place);
      else running.progress = follow(running.progress, event, now());
      const job = running;
      if (event.type === "phase") say(job, "phase", { phase: event.phase, facts: event.facts });
      else say(job, "progress", progressFields(job.progress, now()));
    },
    finished: (_elapsedMs, summary) => end("summary", summary),
    failed: ({ code, exitStatus, message, hint, retryable }) =>
      end("error", { code, exit_code: exitStatus, message, hint: hint ?? null, retryable }),
    tellSoon() {},
    clear() {},
  };
}

function progressFields(job: JobProgress, nowMs: number): Record<string, unknown> {
  const { phase, done, total, active, startedMs, phaseStartedMs } = job;
  const fraction = fractionOf(done, total);
  const left = remainingMs(job, nowMs);
  const phaseMs = nowMs - phaseStartedMs;
  const bytes = numberOf(done, "bytes");
  const counted = bytes ?? numberOf(done, "storedBytes");
  return {
    phase,
    fraction: fraction === undefined ? null : Number(fraction.toFixed(4)),
    eta_s: left === undefined ? null : Math.round(left / 1000),
    elapsed_s: Number(((nowMs - startedMs) / 1000).toFixed(1)),
    rows: numberOf(done, "rows"),
    rows_total: numberOf(total, "rows"),
    bytes_read: bytes,
    bytes_total: numberOf(total, "bytes"),
    bytes_stored: numberOf(done, "storedBytes"),
    bytes_stored_total: numberOf(total, "storedBytes"),
    files_done: numberOf(done, "files"),
    files_total: numberOf(total, "files"),
    rate_bps: counted === null || phaseMs === 0 ? null : Math.round((counted / phaseMs) * 1000),
    active: active.map(partFields),
  };
}

/** `{"table":"public.orders","fraction":0.64,"rows":212400000}` */
function partFields({ kind, name, done, total }: Part): Record<string, unknown> {
  const fraction = fractionOf(done, total);
  return {
    [kind]: name,
    fraction: fraction === undefined ? null : Number(fraction.toFixed(4)),
    rows: numberOf(done, "rows"),
  };
}

function numberOf(amount: Amount | undefined, measure: keyof Amount): number | null {
  const value = amount?.[measure];
  return value === undefined ? null : Number(value);
}
