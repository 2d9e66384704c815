// SHOW JOBS, SHOW JOB, CANCEL JOB: the detached jobs of this session.
import type { ExpressionNode, JobsStatement } from "../../grammar/index.ts";
import { ShellError } from "../errors.ts";
import type { Column, Events, Row } from "../events.ts";
import type { JobRecord, JobRegistry } from "../jobs/registry.ts";
import { printTime } from "../backups/listing.ts";

export type JobsPlan =
  | { readonly action: "show"; readonly id: string | undefined; readonly whenComplete: boolean }
  | { readonly action: "cancel"; readonly id: string };

/** Makes every complaint about the statement's text. */
export function planJobs(statement: JobsStatement): JobsPlan {
  if (statement.kind === "show-jobs" && statement.only === undefined && statement.options.length === 0) {
    if (statement.jobs === undefined) return { action: "show", id: undefined, whenComplete: statement.whenComplete };
    if (statement.jobs.type === "job") {
      return { action: "show", id: idOf(statement.jobs.job), whenComplete: statement.whenComplete };
    }
  }
  if (statement.kind === "control-jobs" && statement.verb === "cancel" && statement.jobs.type === "job") {
    return { action: "cancel", id: idOf(statement.jobs.job) };
  }
  throw new ShellError(
    "engine/unsupported",
    "this form is for CockroachDB's jobs and is not supported on this engine yet",
    {
      hint: "SHOW JOBS, SHOW JOB 'id', SHOW JOB WHEN COMPLETE 'id' and CANCEL JOB 'id' work on this session's detached jobs",
      span: statement.span,
    },
  );
}

function idOf(expression: ExpressionNode): string {
  return expression.literal ?? expression.text;
}

const COLUMNS: readonly Column[] = [
  { name: "job_id", kind: "text" },
  { name: "job_type", kind: "text" },
  { name: "description", kind: "text" },
  { name: "status", kind: "text" },
  { name: "created", kind: "time" },
  { name: "finished", kind: "time" },
  { name: "fraction_completed", kind: "number" },
  { name: "error", kind: "text" },
];

export async function* performJobs(plan: JobsPlan, jobs: JobRegistry): Events {
  const started = performance.now();
  if (plan.action === "cancel") {
    await jobs.cancel(plan.id);
    yield { type: "finished", tag: "CANCEL JOBS 1", elapsedMs: performance.now() - started };
    return;
  }
  if (plan.whenComplete) await (plan.id === undefined ? jobs.waitForAll() : jobs.wait(plan.id));
  const records = plan.id === undefined ? jobs.records : [jobs.find(plan.id)];
  yield { type: "columns", columns: COLUMNS };
  yield { type: "rows", rows: records.map(rowOf) };
  yield { type: "finished", tag: `SHOW JOBS ${records.length}`, elapsedMs: performance.now() - started };
}

function rowOf(job: JobRecord): Row {
  return [
    job.id,
    job.type,
    job.description,
    job.status,
    printTime(job.created.toISOString()),
    job.finished === undefined ? null : printTime(job.finished.toISOString()),
    String(Math.round(job.fraction * 1000) / 1000),
    job.error === undefined ? null : `${job.error.code}: ${job.error.message}`,
  ];
}
