// SHOW JOBS, PAUSE / RESUME / CANCEL JOB, ALTER JOB … OWNER TO.
import type { ParserMethod } from "chevrotain";
import { defined } from "../defined.ts";
import type { Kit } from "../kit.ts";
import type { ExpressionNode, FlagOption, NameNode, Span, TextNode } from "../nodes.ts";
import { defineWithOptions, flagOption } from "../options.ts";
import type { Printer } from "../print.ts";
import type { StatementRule } from "../rule.ts";
import { k } from "../tokens.ts";

/** Which jobs: one by id, those a query names, or those of one or several schedules. */
export type JobSet =
  | { readonly type: "job"; readonly job: ExpressionNode }
  | { readonly type: "query"; readonly query: ExpressionNode }
  | { readonly type: "schedule"; readonly schedule: ExpressionNode }
  | { readonly type: "schedules"; readonly query: ExpressionNode };

export interface ShowJobsStatement {
  readonly kind: "show-jobs";
  readonly only?: "automatic" | "changefeed";
  /** Absent for all. */
  readonly jobs?: JobSet;
  /** Whether to wait until they are done. */
  readonly whenComplete: boolean;
  readonly options: readonly ShowJobsOption[];
  readonly span: Span;
}

export type ShowJobsOption = FlagOption<"execution details" | "resolved timestamp">;

export interface ControlJobsStatement {
  readonly kind: "control-jobs";
  readonly verb: "pause" | "resume" | "cancel";
  readonly jobs: JobSet | { readonly type: "all"; readonly jobType: "backup" | "restore" | "import" | "changefeed" };
  /** PAUSE … WITH REASON = … */
  readonly reason?: TextNode;
  readonly span: Span;
}

export interface AlterJobOwnerStatement {
  readonly kind: "alter-job-owner";
  readonly job: ExpressionNode;
  readonly owner: NameNode;
  readonly span: Span;
}

export type JobsStatement = ShowJobsStatement | ControlJobsStatement | AlterJobOwnerStatement;

/** `FOR SCHEDULE id`, `FOR SCHEDULES query`. */
function defineForSchedules(p: Kit, prefix: string): ParserMethod<[], JobSet> {
  return p.RULE(`${prefix}ForSchedules`, (): JobSet => {
    p.CONSUME(k.FOR);
    return p.OR<[{ ALT: () => JobSet }, { ALT: () => JobSet }]>([
      {
        ALT: () => {
          p.CONSUME(k.SCHEDULES);
          return { type: "schedules", query: p.SUBRULE(p.query) };
        },
      },
      {
        ALT: () => {
          p.CONSUME(k.SCHEDULE);
          return { type: "schedule", schedule: p.SUBRULE(p.expression) };
        },
      },
    ]);
  });
}

type Shown = Pick<ShowJobsStatement, "jobs" | "whenComplete">;

function defineShown(p: Kit): ParserMethod<[], Shown> {
  const whenComplete = p.RULE("whenComplete", () => {
    p.CONSUME(k.WHEN);
    return p.CONSUME(k.COMPLETE);
  });
  const forSchedules = defineForSchedules(p, "showJobs");
  const query = p.RULE("showJobsQuery", (): JobSet => ({ type: "query", query: p.SUBRULE(p.query) }));
  const several = p.RULE("showSeveralJobs", (): Shown => {
    p.CONSUME(k.JOBS);
    const jobs = p.OPTION(() =>
      p.OR<[{ ALT: () => Shown }, { ALT: () => Shown }, { ALT: () => Shown }]>([
        { ALT: () => ({ jobs: p.SUBRULE(forSchedules), whenComplete: false }) },
        {
          ALT: () => {
            p.SUBRULE(whenComplete);
            return { jobs: p.SUBRULE1(query), whenComplete: true };
          },
        },
        { ALT: () => ({ jobs: p.SUBRULE2(query), whenComplete: false }) },
      ]),
    );
    return jobs ?? { whenComplete: false };
  });
  const one = p.RULE("showOneJob", (): Shown => {
    p.CONSUME(k.JOB);
    const waits = p.OPTION(() => p.SUBRULE(whenComplete)) !== undefined;
    return { jobs: { type: "job", job: p.SUBRULE(p.expression) }, whenComplete: waits };
  });
  return p.RULE("shownJobs", (): Shown => p.OR([{ ALT: () => p.SUBRULE(several) }, { ALT: () => p.SUBRULE(one) }]));
}

function defineShowJobs(p: Kit): ParserMethod<[], ShowJobsStatement> {
  const shown = defineShown(p);
  const option = p.RULE("showJobsOption", (): ShowJobsOption =>
    p.OR([
      { ALT: () => flagOption(p, 0, { name: "execution details", words: [k.EXECUTION, k.DETAILS] }) },
      { ALT: () => flagOption(p, 1, { name: "resolved timestamp", words: [k.RESOLVED, k.TIMESTAMP] }) },
    ]),
  );
  const withOptions = defineWithOptions(p, "showJobsOptions", option);
  return p.RULE("showJobs", (): ShowJobsStatement => {
    const first = p.CONSUME(k.SHOW);
    const only = p.OPTION1(() => p.OR([{ ALT: () => p.CONSUME(k.AUTOMATIC) }, { ALT: () => p.CONSUME(k.CHANGEFEED) }]));
    const what = p.SUBRULE(shown);
    const options = p.OPTION2(() => p.SUBRULE(withOptions)) ?? [];
    const onlyThose = only === undefined ? undefined : only.tokenType === k.AUTOMATIC ? "automatic" : "changefeed";
    return defined({ kind: "show-jobs", only: onlyThose, ...what, options, span: p.spanFrom(first) });
  });
}

type JobType = Extract<ControlJobsStatement["jobs"], { readonly type: "all" }>["jobType"];

function defineAllJobs(p: Kit): ParserMethod<[], ControlJobsStatement["jobs"]> {
  return p.RULE("allJobs", (): ControlJobsStatement["jobs"] => {
    p.CONSUME(k.ALL);
    const type = p.OR([
      { ALT: () => p.CONSUME(k.BACKUP) },
      { ALT: () => p.CONSUME(k.RESTORE) },
      { ALT: () => p.CONSUME(k.IMPORT) },
      { ALT: () => p.CONSUME(k.CHANGEFEED) },
    ]);
    p.CONSUME(k.JOBS);
    return { type: "all", jobType: p.wordOf(type) as JobType };
  });
}

function defineControlled(p: Kit): ParserMethod<[], ControlJobsStatement["jobs"]> {
  const all = defineAllJobs(p);
  const forSchedules = defineForSchedules(p, "controlJobs");
  const query = p.RULE("controlJobsQuery", (): JobSet => ({ type: "query", query: p.SUBRULE(p.query) }));
  const one = p.RULE("controlJob", (): JobSet => {
    p.CONSUME(k.JOB);
    return { type: "job", job: p.SUBRULE(p.expression) };
  });
  const several = p.RULE("controlSeveralJobs", (): JobSet => {
    p.CONSUME(k.JOBS);
    return p.OR([{ ALT: () => p.SUBRULE(forSchedules) }, { ALT: () => p.SUBRULE(query) }]);
  });
  return p.RULE("controlledJobs", () =>
    p.OR([{ ALT: () => p.SUBRULE(all) }, { ALT: () => p.SUBRULE(several) }, { ALT: () => p.SUBRULE(one) }]),
  );
}

function defineControlJobs(p: Kit): ParserMethod<[], ControlJobsStatement> {
  const controlled = defineControlled(p);
  const pause = p.RULE("pauseJobs", (): ControlJobsStatement => {
    const first = p.CONSUME(k.PAUSE);
    const jobs = p.SUBRULE(controlled);
    const reason = p.OPTION(() => {
      p.CONSUME(k.WITH);
      p.CONSUME(k.REASON);
      return p.SUBRULE(p.equalsText);
    });
    return defined({ kind: "control-jobs", verb: "pause", jobs, reason, span: p.spanFrom(first) });
  });
  const resumeOrCancel = p.RULE("resumeOrCancelJobs", (): ControlJobsStatement => {
    const first = p.OR([{ ALT: () => p.CONSUME(k.RESUME) }, { ALT: () => p.CONSUME(k.CANCEL) }]);
    const jobs = p.SUBRULE(controlled);
    const verb = first.tokenType === k.RESUME ? "resume" : "cancel";
    return { kind: "control-jobs", verb, jobs, span: p.spanFrom(first) };
  });
  return p.RULE("controlJobs", () => p.OR([{ ALT: () => p.SUBRULE(pause) }, { ALT: () => p.SUBRULE(resumeOrCancel) }]));
}

function defineAlterOwner(p: Kit): ParserMethod<[], AlterJobOwnerStatement> {
  return p.RULE("alterJobOwner", (): AlterJobOwnerStatement => {
    const first = p.CONSUME(k.ALTER);
    p.CONSUME(k.JOB);
    const job = p.SUBRULE(p.expression);
    p.CONSUME(k.OWNER);
    p.CONSUME(k.TO);
    return { kind: "alter-job-owner", job, owner: p.SUBRULE(p.name), span: p.spanFrom(first) };
  });
}

const CONTROL_HEADS = ["PAUSE", "RESUME", "CANCEL"].flatMap((verb) => [`${verb} JOB`, `${verb} JOBS`, `${verb} ALL`]);
const SHOW_HEADS = ["JOB", "JOBS", "AUTOMATIC JOBS", "CHANGEFEED JOB", "CHANGEFEED JOBS"].map((head) => `SHOW ${head}`);

export const jobsRules: readonly StatementRule<JobsStatement>[] = [
  { heads: SHOW_HEADS, define: defineShowJobs },
  { heads: CONTROL_HEADS, define: defineControlJobs },
  { heads: ["ALTER JOB"], define: defineAlterOwner },
];

function printJobSet(jobs: JobSet): string {
  if (jobs.type === "job") return `JOB ${jobs.job.text}`;
  if (jobs.type === "query") return `JOBS ${jobs.query.text}`;
  if (jobs.type === "schedule") return `JOBS FOR SCHEDULE ${jobs.schedule.text}`;
  return `JOBS FOR SCHEDULES ${jobs.query.text}`;
}

export function printShowJobs(s: ShowJobsStatement, p: Printer): string {
  const jobs = s.jobs === undefined ? "JOBS" : printJobSet(s.jobs);
  const what = s.whenComplete ? jobs.replace(/^JOBS?/, "$& WHEN COMPLETE") : jobs;
  return p.words("SHOW", s.only?.toUpperCase(), what, p.options(s.options));
}

export function printControlJobs(s: ControlJobsStatement, p: Printer): string {
  const jobs = s.jobs.type === "all" ? `ALL ${s.jobs.jobType.toUpperCase()} JOBS` : printJobSet(s.jobs);
  return p.words(s.verb.toUpperCase(), jobs, s.reason === undefined ? undefined : `WITH REASON = ${p.text(s.reason)}`);
}

export function printAlterJobOwner(s: AlterJobOwnerStatement, p: Printer): string {
  return p.words("ALTER JOB", s.job.text, "OWNER TO", p.name(s.owner));
}
