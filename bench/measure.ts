// Runs a command as a whole process and reads what it cost from /proc: CPU seconds and peak resident memory of the
// process and its children, sampled every 20 ms (so the last 20 ms of a process are not seen).
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Cost {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Sum over the process tree, at its highest. */
  readonly peakMegabytes: number;
}

const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 20;

/**
 * @param command program and arguments.
 * @throws Error with what the program wrote to stderr when it does not exit with one of `accepted`.
 */
export async function measure(
  command: readonly string[],
  env: NodeJS.ProcessEnv = {},
  accepted: readonly number[] = [0],
): Promise<Cost> {
  const [program = "", ...args] = command;
  const started = process.hrtime.bigint();
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "pipe"] });
  const cpuOf = new Map<number, number>();
  let peak = 0;
  const sample = (): void => {
    let resident = 0;
    for (const pid of treeOf(child.pid)) {
      const seen = readProcess(pid);
      if (seen === undefined) continue;
      cpuOf.set(pid, seen.cpuTicks);
      resident += seen.residentKilobytes;
    }
    peak = Math.max(peak, resident);
  };
  const timer = setInterval(sample, SAMPLE_MS);
  let complaint = "";
  child.stderr.on("data", (piece: Buffer) => (complaint += piece.toString()));
  const status = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? -1));
  });
  clearInterval(timer);
  if (!accepted.includes(status))
    throw new Error(`${command.join(" ")} ended with ${status}: ${complaint.slice(-2000)}`);
  const ticks = [...cpuOf.values()].reduce((sum, one) => sum + one, 0);
  return {
    wallSeconds: Number(process.hrtime.bigint() - started) / 1e9,
    cpuSeconds: ticks / TICKS_PER_SECOND,
    peakMegabytes: peak / 1024,
  };
}

function treeOf(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return [pid, ...(children === "" ? [] : children.split(" ").flatMap((child) => treeOf(Number(child))))];
  } catch {
    return [pid];
  }
}

function readProcess(pid: number): { cpuTicks: number; residentKilobytes: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return {
      cpuTicks: Number(fields[11]) + Number(fields[12]),
      residentKilobytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0),
    };
  } catch {
    return undefined;
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
