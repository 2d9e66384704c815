// One line a phase, a heartbeat in long ones, and a last line. For logs: each line stands by itself.
import { amountFacts, fractionOf, printBytes, printDuration, remainingMs } from "./amounts.ts";
import type { JobEvent, ProgressRenderer, ProgressWorld } from "./progress.ts";

const HEARTBEAT_MS = 30_000;
const HEARTBEAT_FRACTION = 0.1;

interface Running {
  readonly verb: string;
  readonly jobId: string;
  readonly startedMs: number;
  phase: string;
  phaseStartedMs: number;
  spokeMs: number;
  spokeFraction: number;
}

export function createPlainProgress({ write, now }: ProgressWorld): ProgressRenderer {
  let running: Running | undefined;
  const line = (job: Running, rest: readonly string[]): void => {
    const time = new Date(now()).toISOString().replace(/\.\d+Z$/, "Z");
    write(`${[time, job.verb, `job=${job.jobId}`, ...rest].join(" ")}\n`);
  };
  const runningFor = (event: JobEvent): Running => {
    if (running?.jobId === event.jobId) return running;
    const at = now();
    const { verb, jobId, phase } = event;
    running = { verb, jobId, startedMs: at, phase, phaseStartedMs: at, spokeMs: at, spokeFraction: 0 };
    return running;
  };
  return {
    job(event) {
      const job = runningFor(event);
      const at = now();
      if (event.phase !== job.phase)
        Object.assign(job, { phase: event.phase, phaseStartedMs: at, spokeMs: at, spokeFraction: 0 });
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
      line(job, [`phase=${event.phase}`, ...progressFacts(event, at - job.phaseStartedMs)]);
    },
    finished(_elapsedMs, summary) {
      if (running === undefined) return;
      const facts = Object.entries(summary).map(([name, value]) => `${name}=${value}`);
      line(running, ["done", ...facts, `elapsed=${printDuration(now() - running.startedMs)}`]);
      running = undefined;
    },
    failed(error) {
      if (running === undefined) return;
      line(running, ["failed", `code=${error.code}`, `elapsed=${printDuration(now() - running.startedMs)}`]);
      running = undefined;
    },
    tellSoon() {
      if (running !== undefined)
        Object.assign(running, { spokeMs: Number.NEGATIVE_INFINITY, spokeFraction: Number.NEGATIVE_INFINITY });
    },
    clear() {},
  };
}

/** `57% files=41/73 read=12.4GiB rate=96MiB/s eta=100s`, as far as it is known. */
function progressFacts({ done, total }: Extract<JobEvent, { type: "progress" }>, elapsedMs: number): string[] {
  const fraction = fractionOf(done, total);
  const left = remainingMs(fraction, elapsedMs);
  const { bytes } = done;
  return [
    ...(fraction === undefined ? [] : [`${Math.floor(fraction * 100)}%`]),
    ...amountFacts(done, total),
    ...(bytes === undefined || elapsedMs === 0 ? [] : [`rate=${printBytes((Number(bytes) / elapsedMs) * 1000)}/s`]),
    ...(left === undefined ? [] : [`eta=${Math.round(left / 1000)}s`]),
  ];
}
