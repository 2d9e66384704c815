// One line a phase, a heartbeat in long ones, and a last line. For logs: each line stands by itself.
import type { Part } from "../../src/index.ts";
import { amountFacts, fractionOf, printBytes, printDuration } from "./amounts.ts";
import { follow, remainingMs, type JobProgress } from "./job-progress.ts";
import type { JobEvent, ProgressRenderer, ProgressWorld } from "./progress.ts";

const HEARTBEAT_MS = 30_000;
const HEARTBEAT_FRACTION = 0.1;

interface Running {
  progress: JobProgress;
  spokeMs: number;
  spokeFraction: number;
}

export function createPlainProgress({ write, now }: ProgressWorld): ProgressRenderer {
  let running: Running | undefined;
  const line = (job: Running, rest: readonly string[]): void => {
    const time = new Date(now()).toISOString().replace(/\.\d+Z$/, "Z");
    write(`${[time, job.progress.verb, `job=${job.progress.jobId}`, ...rest].join(" ")}\n`);
  };
  /** The job after the event; a phase that begins has been told of. */
  const after = (event: JobEvent, at: number): Running => {
    const before = running?.progress;
    const progress = follow(before, event, at);
    if (running === undefined || before?.jobId !== event.jobId || before.phase !== event.phase)
      return { progress, spokeMs: at, spokeFraction: 0 };
    return { ...running, progress };
  };
  return {
    job(event) {
      const at = now();
      const job = after(event, at);
      running = job;
      if (event.type === "phase") {
        const facts = Object.entries(event.facts).map(([name, value]) => `${name}=${value}`);
        line(job, [`phase=${event.phase}`, ...facts]);
        return;
      }
      const fraction = fractionOf(event.done, event.total);
      // Whichever is rarer: half a minute, or a tenth of the work.
      const isDue = at - job.spokeMs >= HEARTBEAT_MS && (fraction ?? 1) - job.spokeFraction >= HEARTBEAT_FRACTION;
      if (!isDue) return;
      job.spokeMs = at;
      job.spokeFraction = fraction ?? 0;
      line(job, [`phase=${event.phase}`, ...progressFacts(job.progress, at)]);
    },
    finished(_elapsedMs, summary) {
      if (running === undefined) return;
      const facts = Object.entries(summary).map(([name, value]) => `${name}=${value}`);
      line(running, ["done", ...facts, `elapsed=${printDuration(now() - running.progress.startedMs)}`]);
      running = undefined;
    },
    failed(error) {
      if (running === undefined) return;
      line(running, ["failed", `code=${error.code}`, `elapsed=${printDuration(now() - running.progress.startedMs)}`]);
      running = undefined;
    },
    tellSoon() {
      if (running !== undefined)
        Object.assign(running, { spokeMs: Number.NEGATIVE_INFINITY, spokeFraction: Number.NEGATIVE_INFINITY });
    },
    clear() {},
  };
}

/** `57% files=41/73 read=12.4GiB rate=96MiB/s eta=100s active=s.orders:64%`, as far as it is known. */
function progressFacts(job: JobProgress, nowMs: number): string[] {
  const { done, total, active } = job;
  const fraction = fractionOf(done, total);
  const left = remainingMs(job, nowMs);
  const bytes = done.bytes ?? done.storedBytes;
  const elapsedMs = nowMs - job.phaseStartedMs;
  // Heartbeats are far apart: the rate over the whole phase says more than that of the last moment.
  const rate = bytes === undefined || elapsedMs === 0 ? undefined : (Number(bytes) / elapsedMs) * 1000;
  return [
    ...(fraction === undefined ? [] : [`${Math.floor(fraction * 100)}%`]),
    ...amountFacts(done, total),
    ...(rate === undefined ? [] : [`rate=${printBytes(rate)}/s`]),
    ...(left === undefined ? [] : [`eta=${Math.round(left / 1000)}s`]),
    ...(active.length === 0 ? [] : [`active=${active.map(printPart).join(",")}`]),
  ];
}

/** `s.orders:64%`; in quotes where a name would not be one word. */
function printPart({ name, done, total }: Part): string {
  const fraction = fractionOf(done, total);
  const word = /^[^\s,:="]+$/.test(name) ? name : JSON.stringify(name);
  return fraction === undefined ? word : `${word}:${Math.floor(fraction * 100)}%`;
}
