// The block of a BACKUP that runs, for its picture: what the shell draws, from events that are always the same. A real
// BACKUP would show other figures in every picture.
import { inputLines } from "../repl/app/input-lines.ts";
import { paintLine, type StyledLine } from "../repl/app/style.ts";
import { cutTo } from "../repl/app/frame.ts";
import { blockLines } from "../repl/progress/block-lines.ts";
import { follow, type JobProgress } from "../repl/progress/job-progress.ts";
import type { JobEvent } from "../repl/progress/progress.ts";
import { highlight } from "../src/assist/highlight.ts";

const STATEMENT = "backup database shop into 'external://vault' with kms = 'external://office';";
const JOB = { jobId: "8f3a2c77", verb: "BACKUP" } as const;
const MEBI = 1024n * 1024n;
const SECONDS = 131;
const MEBI_PER_SECOND = 96n;
const TOTAL = 21_800n * MEBI;

function recorded(second: number): JobEvent {
  const bytes = BigInt(second) * MEBI_PER_SECOND * MEBI;
  const rows = bytes / 45n;
  return {
    ...JOB,
    type: "progress",
    phase: "export",
    done: { files: Math.floor(second / 3), rows, bytes, storedBytes: (bytes * 10n) / 32n },
    total: { bytes: TOTAL },
    active: [
      {
        kind: "table",
        name: "shop.orders",
        done: { rows: (rows * 7n) / 10n, bytes: (bytes * 7n) / 10n },
        total: { bytes: TOTAL / 2n },
      },
      {
        kind: "table",
        name: "shop.order_lines",
        done: { rows: (rows * 3n) / 10n, bytes: (bytes * 3n) / 10n },
        total: { bytes: TOTAL / 2n },
      },
    ],
  };
}

function jobAfter(seconds: number): JobProgress {
  let job = follow(undefined, { ...JOB, type: "phase", phase: "export", facts: { tables: 4 } }, 0);
  for (let second = 1; second <= seconds; second++) job = follow(job, recorded(second), second * 1000);
  return job;
}

function echo(columns: number): readonly StyledLine[] {
  const insight = { highlights: highlight(STATEMENT), diagnostic: undefined, secrets: [] };
  const facts = { database: "shop", superuser: true, transaction: "idle", profile: undefined, badge: "" } as const;
  return inputLines({ text: STATEMENT, cursor: 0 }, { facts, insight, columns, height: 3 }).lines;
}

const columns = process.stdout.columns;
const statement = "BACKUP DATABASE shop INTO 'external://vault' WITH kms = 'external://office'";
const block = blockLines(jobAfter(SECONDS), { nowMs: SECONDS * 1000, columns, statement });
const lines = [...echo(columns), ...block.map((line) => cutTo(line, columns - 1))];
process.stdout.write(`${lines.map((line) => paintLine(line, true)).join("\n")}\n`);
