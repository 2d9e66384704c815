// Several commands in turns, so that what the machine does beside them falls on all of them alike.
import { median, type Cost } from "./measure.ts";

export interface BenchCase {
  readonly name: string;
  run(): Promise<Cost>;
  /** The case it is held against, by name. */
  readonly peer?: string;
}

export interface Rounds {
  readonly runs: number;
  /** What every case moves, in bytes of COPY text. */
  readonly sourceBytes: number;
  /** Names of cases to run; their peers run beside them. */
  readonly only: RegExp;
}

/** Runs all cases once to warm up and then `runs` times in turn; prints medians and the median of speed against the peer. */
export async function compareInRounds(all: readonly BenchCase[], { runs, sourceBytes, only }: Rounds): Promise<void> {
  const peers = new Set(all.flatMap(({ name, peer }) => (peer !== undefined && only.test(name) ? [peer] : [])));
  const cases = all.filter(({ name, peer }) => peers.has(name) || (peer !== undefined && only.test(name)));
  const costs = new Map<string, Cost[]>(cases.map(({ name }) => [name, []]));
  for (let round = 0; round <= runs; round += 1) {
    for (const one of cases) {
      const cost = await one.run();
      if (round > 0) costs.get(one.name)?.push(cost);
    }
    process.stdout.write(round === 0 ? "  warmed up\n" : `  round ${round} of ${runs}\n`);
  }
  const columns = ["wall s", "MB/s", "cpu s", "peak MB", "× peer"];
  process.stdout.write(`${"".padEnd(52)}${columns.map((name) => name.padStart(9)).join("")}\n`);
  for (const { name, peer } of cases) {
    const own = costs.get(name) ?? [];
    const wall = median(own.map(({ wallSeconds }) => wallSeconds));
    const cells = [
      wall.toFixed(2),
      (sourceBytes / 1e6 / wall).toFixed(0),
      median(own.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2),
      Math.max(...own.map(({ peakMegabytes }) => peakMegabytes)).toFixed(0),
      peer === undefined ? "" : speedAgainst(own, costs.get(peer) ?? []),
    ];
    process.stdout.write(`${name.padEnd(52)}${cells.map((cell) => cell.padStart(9)).join("")}\n`);
  }
  process.stdout.write(
    "MB/s: of COPY text. cpu: of the client, not the server. × peer: speed against the peer's, round by round\n",
  );
}

function speedAgainst(own: readonly Cost[], peer: readonly Cost[]): string {
  return median(own.map((cost, at) => (peer[at]?.wallSeconds ?? Number.NaN) / cost.wallSeconds)).toFixed(2);
}
