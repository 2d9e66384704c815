import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { median, type Cost } from "./measure.ts";

/** pg_dump and pg_restore, and how they are told to compress: zstd:1 from version 17 on, gzip 1 before. */
export interface Peer {
  readonly pgDump: string;
  readonly pgRestore: string;
  readonly version: string;
  readonly compression: string;
}

export function findPeer(): Peer {
  const named = process.env["SEALIFT_BENCH_PG_DUMP"];
  const pgDump =
    named ?? firstThere(["/usr/lib/postgresql/18/bin/pg_dump", "/usr/lib/postgresql/17/bin/pg_dump"]) ?? "pg_dump";
  const version = execFileSync(pgDump, ["--version"], { encoding: "utf8" }).trim();
  const major = Number(/\) (\d+)/.exec(version)?.[1] ?? 0);
  return {
    pgDump,
    pgRestore: pgDump.replace(/pg_dump$/, "pg_restore"),
    version,
    compression: major >= 17 ? "--compress=zstd:1" : "-Z1",
  };
}

function firstThere(paths: readonly string[]): string | undefined {
  return paths.find((path) => existsSync(path));
}

export const SEALIFT = [process.execPath, join(import.meta.dirname, "../../bin/sealift.js")] as const;

export interface Pairing {
  readonly names: readonly [string, string];
  readonly runs: number;
  readonly a: () => Promise<Cost>;
  readonly b: () => Promise<Cost>;
}

/** Runs both in turn, one warm-up each, and prints medians and the median ratio a / b. */
export async function comparePairs(pairing: Pairing): Promise<void> {
  const costs: [Cost[], Cost[]] = [[], []];
  for (let run = 0; run <= pairing.runs; run += 1) {
    const pair = [await pairing.a(), await pairing.b()] as const;
    if (run === 0) continue;
    costs[0].push(pair[0]);
    costs[1].push(pair[1]);
    process.stdout.write(
      `  pair ${run}: ${pair[0].wallSeconds.toFixed(2)} s against ${pair[1].wallSeconds.toFixed(2)} s\n`,
    );
  }
  const row = (name: string, list: readonly Cost[]): string => {
    const wall = median(list.map((cost) => cost.wallSeconds)).toFixed(2);
    const cpu = median(list.map((cost) => cost.cpuSeconds)).toFixed(2);
    const peak = Math.max(...list.map((cost) => cost.peakMegabytes)).toFixed(0);
    return `${name.padEnd(44)} ${wall.padStart(8)} ${cpu.padStart(8)} ${peak.padStart(8)}\n`;
  };
  process.stdout.write(`${"".padEnd(44)} ${"wall s".padStart(8)} ${"cpu s".padStart(8)} ${"peak MB".padStart(8)}\n`);
  process.stdout.write(row(pairing.names[0], costs[0]) + row(pairing.names[1], costs[1]));
  const ratios = costs[0].map((cost, index) => cost.wallSeconds / (costs[1][index]?.wallSeconds ?? Number.NaN));
  process.stdout.write(
    `wall ratio, pair by pair: median ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})\n`,
  );
}

export function settings(): { gigabytes: number; runs: number; only: RegExp } {
  return {
    only: new RegExp(process.env["SEALIFT_BENCH_ONLY"] ?? "", "iu"),
    gigabytes: Number(process.env["SEALIFT_BENCH_GB"] ?? 2),
    runs: Number(process.env["SEALIFT_BENCH_RUNS"] ?? 5),
  };
}
