// SHOW SCHEDULES, and PAUSE / RESUME / DROP / EXECUTE SCHEDULE.
import type { IToken, ParserMethod } from "chevrotain";
import { defined } from "../defined.ts";
import type { Kit } from "../kit.ts";
import type { ExpressionNode, Span } from "../nodes.ts";
import type { Printer } from "../print.ts";
import type { StatementRule } from "../rule.ts";
import { k, t } from "../tokens.ts";

export interface ShowSchedulesStatement {
  readonly kind: "show-schedules";
  readonly status?: "running" | "paused";
  readonly for?: "backup" | "sql statistics" | "changefeed";
  /** One schedule, by its id. */
  readonly schedule?: ExpressionNode;
  readonly span: Span;
}

export interface ShowCreateScheduleStatement {
  readonly kind: "show-create-schedule";
  /** Absent for all. */
  readonly schedule?: ExpressionNode;
  readonly span: Span;
}

export interface ControlSchedulesStatement {
  readonly kind: "control-schedules";
  readonly verb: "pause" | "resume" | "drop" | "execute";
  readonly target:
    | { readonly type: "schedule"; readonly schedule: ExpressionNode }
    | { readonly type: "query"; readonly query: ExpressionNode };
  readonly span: Span;
}

export type SchedulesStatement = ShowSchedulesStatement | ShowCreateScheduleStatement | ControlSchedulesStatement;

type Purpose = NonNullable<ShowSchedulesStatement["for"]>;

function definePurpose(p: Kit): ParserMethod<[], Purpose> {
  return p.RULE("schedulesPurpose", (): Purpose => {
    p.CONSUME(k.FOR);
    const word = p.OR([
      { ALT: () => p.CONSUME(k.BACKUP) },
      { ALT: () => p.CONSUME(k.CHANGEFEED) },
      {
        ALT: () => {
          p.CONSUME(k.SQL);
          return p.CONSUME(k.STATISTICS);
        },
      },
    ]);
    return PURPOSES.get(p.wordOf(word)) ?? "backup";
  });
}

const PURPOSES = new Map<string, Purpose>([
  ["backup", "backup"],
  ["changefeed", "changefeed"],
  ["statistics", "sql statistics"],
]);

function defineShowSchedules(p: Kit): ParserMethod<[], ShowSchedulesStatement> {
  const purpose = definePurpose(p);
  const several = p.RULE("showSeveralSchedules", (): Pick<ShowSchedulesStatement, "status" | "for"> => {
    const status = p.OPTION1(() => p.OR([{ ALT: () => p.CONSUME(k.RUNNING) }, { ALT: () => p.CONSUME(k.PAUSED) }]));
    p.CONSUME(k.SCHEDULES);
    const reason = p.OPTION2(() => p.SUBRULE(purpose));
    return defined({ status: status === undefined ? undefined : statusOf(status), for: reason });
  });
  const one = p.RULE("showOneSchedule", (): Pick<ShowSchedulesStatement, "schedule"> => {
    p.CONSUME(k.SCHEDULE);
    return { schedule: p.SUBRULE(p.expression) };
  });
  return p.RULE("showSchedules", (): ShowSchedulesStatement => {
    const first = p.CONSUME(k.SHOW);
    const what = p.OR<[{ ALT: () => object }, { ALT: () => object }]>([
      { ALT: () => p.SUBRULE(several) },
      { ALT: () => p.SUBRULE(one) },
    ]);
    return { kind: "show-schedules", ...what, span: p.spanFrom(first) };
  });
}

function statusOf(token: IToken): "running" | "paused" {
  return token.tokenType === k.RUNNING ? "running" : "paused";
}

function defineShowCreate(p: Kit): ParserMethod<[], ShowCreateScheduleStatement> {
  return p.RULE("showCreateSchedule", (): ShowCreateScheduleStatement => {
    const first = p.CONSUME(k.SHOW);
    p.CONSUME(k.CREATE);
    const schedule = p.OR<[{ ALT: () => undefined }, { ALT: () => ExpressionNode }]>([
      {
        ALT: () => {
          p.CONSUME(k.ALL);
          p.CONSUME(k.SCHEDULES);
          return undefined;
        },
      },
      {
        ALT: () => {
          p.CONSUME(k.SCHEDULE);
          return p.SUBRULE(p.expression);
        },
      },
    ]);
    return defined({ kind: "show-create-schedule", schedule, span: p.spanFrom(first) });
  });
}

function defineControl(p: Kit): ParserMethod<[], ControlSchedulesStatement> {
  const verb = p.RULE("schedulesVerb", () =>
    p.OR([
      { ALT: () => p.CONSUME(k.PAUSE) },
      { ALT: () => p.CONSUME(k.RESUME) },
      { ALT: () => p.CONSUME(k.DROP) },
      { ALT: () => p.CONSUME(k.EXECUTE) },
    ]),
  );
  const target = p.RULE("schedulesTarget", (): ControlSchedulesStatement["target"] =>
    p.OR([
      {
        ALT: () => {
          p.CONSUME(k.SCHEDULE);
          return { type: "schedule", schedule: p.SUBRULE(p.expression) } as const;
        },
      },
      {
        ALT: () => {
          p.CONSUME(k.SCHEDULES);
          return { type: "query", query: p.SUBRULE(p.query) } as const;
        },
      },
    ]),
  );
  return p.RULE("controlSchedules", (): ControlSchedulesStatement => {
    const first = p.SUBRULE(verb);
    const what = p.SUBRULE(target);
    const verbName = p.wordOf(first) as ControlSchedulesStatement["verb"];
    return { kind: "control-schedules", verb: verbName, target: what, span: p.spanFrom(first) };
  });
}

const CONTROL_HEADS = ["PAUSE", "RESUME", "DROP"].flatMap((verb) => [`${verb} SCHEDULE`, `${verb} SCHEDULES`]);

export const schedulesRules: readonly StatementRule<SchedulesStatement>[] = [
  {
    heads: ["SHOW SCHEDULE", "SHOW SCHEDULES", "SHOW RUNNING SCHEDULES", "SHOW PAUSED SCHEDULES"],
    define: defineShowSchedules,
  },
  { heads: ["SHOW CREATE SCHEDULE", "SHOW CREATE ALL SCHEDULES"], define: defineShowCreate },
  {
    heads: [...CONTROL_HEADS, "EXECUTE SCHEDULE", "EXECUTE SCHEDULES"],
    // A prepared statement may bear the name: EXECUTE schedule; EXECUTE schedule(1).
    claims: ([verb, , next]) =>
      verb?.tokenType !== k.EXECUTE || (next !== undefined && next.tokenType !== t.OpenParenthesis),
    define: defineControl,
  },
];

export function printShowSchedules(s: ShowSchedulesStatement, p: Printer): string {
  if (s.schedule !== undefined) return `SHOW SCHEDULE ${s.schedule.text}`;
  const purpose = s.for === undefined ? undefined : `FOR ${s.for.toUpperCase()}`;
  return p.words("SHOW", s.status?.toUpperCase(), "SCHEDULES", purpose);
}

export function printShowCreateSchedule(s: ShowCreateScheduleStatement): string {
  return s.schedule === undefined ? "SHOW CREATE ALL SCHEDULES" : `SHOW CREATE SCHEDULE ${s.schedule.text}`;
}

export function printControlSchedules(s: ControlSchedulesStatement): string {
  const target = s.target.type === "query" ? `SCHEDULES ${s.target.query.text}` : `SCHEDULE ${s.target.schedule.text}`;
  return `${s.verb.toUpperCase()} ${target}`;
}
