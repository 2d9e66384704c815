// CREATE SCHEDULE … FOR BACKUP and ALTER BACKUP SCHEDULE.
import type { ParserMethod } from "chevrotain";
import { defined } from "../defined.ts";
import type { Kit } from "../kit.ts";
import { valueOfToken } from "../lexer.ts";
import type { ExpressionNode, Span, TextNode } from "../nodes.ts";
import { defineWithOptions } from "../options.ts";
import { quoteName, type Printer } from "../print.ts";
import type { StatementRule } from "../rule.ts";
import { defineTargets, printTargets, type Targets } from "../targets.ts";
import { k, t } from "../tokens.ts";
import { defineBackupOption, type BackupOption } from "./backup.ts";

/** When full backups are taken: never apart, always, or by a crontab of their own. */
export type FullBackup = { readonly type: "always" } | { readonly type: "recurring"; readonly crontab: TextNode };

/** `name` or `name = value` of WITH SCHEDULE OPTIONS. */
export interface ScheduleOption {
  readonly name: string;
  readonly text?: TextNode;
  readonly span: Span;
}

export interface CreateScheduleStatement {
  readonly kind: "create-schedule";
  readonly ifNotExists: boolean;
  readonly label?: TextNode;
  readonly targets?: Targets;
  readonly collection: readonly TextNode[];
  readonly options: readonly BackupOption[];
  readonly recurring: TextNode;
  /** Absent: an automatic slower schedule of full backups. */
  readonly fullBackup?: FullBackup;
  readonly scheduleOptions: readonly ScheduleOption[];
  readonly span: Span;
}

export type ScheduleChange =
  | { readonly type: "label"; readonly label: TextNode }
  | { readonly type: "into"; readonly collection: readonly TextNode[] }
  | { readonly type: "option"; readonly option: BackupOption }
  | { readonly type: "recurring"; readonly crontab: TextNode }
  | { readonly type: "full-backup"; readonly fullBackup: FullBackup }
  | { readonly type: "schedule-option"; readonly option: ScheduleOption }
  | { readonly type: "execute"; readonly full: boolean };

export interface AlterScheduleStatement {
  readonly kind: "alter-schedule";
  readonly schedule: ExpressionNode;
  readonly changes: readonly ScheduleChange[];
  readonly span: Span;
}

function defineScheduleOption(p: Kit, prefix: string): ParserMethod<[], ScheduleOption> {
  return p.RULE(`${prefix}Pair`, (): ScheduleOption => {
    const first = p.OR([
      { ALT: () => p.CONSUME(t.Word) },
      { ALT: () => p.CONSUME(t.QuotedIdentifier) },
      { ALT: () => p.CONSUME(t.Literal) },
    ]);
    const text = p.OPTION(() => p.SUBRULE(p.equalsText));
    return defined({ name: valueOfToken(first), text, span: p.spanFrom(first) });
  });
}

function defineFullBackup(p: Kit, prefix: string): ParserMethod<[], FullBackup> {
  return p.RULE(`${prefix}FullBackup`, (): FullBackup => {
    p.CONSUME(k.FULL);
    p.CONSUME(k.BACKUP);
    return p.OR<[{ ALT: () => FullBackup }, { ALT: () => FullBackup }]>([
      {
        ALT: () => {
          p.CONSUME(k.ALWAYS);
          return { type: "always" };
        },
      },
      { ALT: () => ({ type: "recurring", crontab: p.SUBRULE(p.quotedText) }) },
    ]);
  });
}

function defineScheduleOptions(p: Kit): ParserMethod<[], readonly ScheduleOption[]> {
  const pair = defineScheduleOption(p, "createSchedule");
  return p.RULE("scheduleOptions", () => {
    const options: ScheduleOption[] = [];
    p.CONSUME(k.WITH);
    p.CONSUME(k.SCHEDULE);
    p.CONSUME(k.OPTIONS);
    p.OR([
      {
        ALT: () => {
          p.CONSUME(t.OpenParenthesis);
          p.AT_LEAST_ONE_SEP1({ SEP: t.Comma, DEF: () => void options.push(p.SUBRULE1(pair)) });
          p.CONSUME(t.CloseParenthesis);
        },
      },
      { ALT: () => p.AT_LEAST_ONE_SEP2({ SEP: t.Comma, DEF: () => void options.push(p.SUBRULE2(pair)) }) },
    ]);
    p.refuseRepeats(options);
    return options;
  });
}

interface Label {
  readonly ifNotExists: boolean;
  readonly label: TextNode;
}

function defineCreateSchedule(p: Kit): ParserMethod<[], CreateScheduleStatement> {
  const targets = defineTargets(p, "schedule");
  const withOptions = defineWithOptions(p, "scheduledBackupOptions", defineBackupOption(p, "scheduledBackup"));
  const fullBackup = defineFullBackup(p, "createSchedule");
  const scheduleOptions = defineScheduleOptions(p);
  const label = p.RULE("scheduleLabel", (): Label => {
    const ifNotExists = p.OPTION(() => p.SUBRULE(p.ifNotExists)) !== undefined;
    return { ifNotExists, label: p.SUBRULE(p.text) };
  });
  return p.RULE("createSchedule", (): CreateScheduleStatement => {
    const first = p.CONSUME(k.CREATE);
    p.CONSUME(k.SCHEDULE);
    const named = p.OPTION1(() => p.SUBRULE(label));
    p.CONSUME(k.FOR);
    p.CONSUME(k.BACKUP);
    const what = p.OPTION2(() => p.SUBRULE(targets));
    p.CONSUME(k.INTO);
    const collection = p.SUBRULE(p.uris);
    const options = p.OPTION3(() => p.SUBRULE(withOptions)) ?? [];
    p.CONSUME(k.RECURRING);
    const recurring = p.SUBRULE(p.quotedText);
    const full = p.OPTION4(() => p.SUBRULE(fullBackup));
    const more = p.OPTION5(() => p.SUBRULE(scheduleOptions)) ?? [];
    return defined({
      kind: "create-schedule",
      ifNotExists: named?.ifNotExists ?? false,
      label: named?.label,
      targets: what,
      collection,
      options,
      recurring,
      fullBackup: full,
      scheduleOptions: more,
      span: p.spanFrom(first),
    });
  });
}

function defineSetting(p: Kit): ParserMethod<[], ScheduleChange> {
  const option = defineBackupOption(p, "alterSchedule");
  const fullBackup = defineFullBackup(p, "alterSchedule");
  const pair = defineScheduleOption(p, "alterSchedule");
  const labelled = p.RULE("setLabel", (): ScheduleChange => {
    p.CONSUME(k.LABEL);
    return { type: "label", label: p.SUBRULE(p.text) };
  });
  const into = p.RULE("setInto", (): ScheduleChange => {
    p.CONSUME(k.INTO);
    return { type: "into", collection: p.SUBRULE(p.uris) };
  });
  const withOption = p.RULE("setWith", (): ScheduleChange => {
    p.CONSUME(k.WITH);
    return { type: "option", option: p.SUBRULE(option) };
  });
  const recurring = p.RULE("setRecurring", (): ScheduleChange => {
    p.CONSUME(k.RECURRING);
    return { type: "recurring", crontab: p.SUBRULE(p.quotedText) };
  });
  const scheduleOption = p.RULE("setScheduleOption", (): ScheduleChange => {
    p.CONSUME(k.SCHEDULE);
    p.CONSUME(k.OPTION);
    return { type: "schedule-option", option: p.SUBRULE(pair) };
  });
  return p.RULE("scheduleSetting", (): ScheduleChange => {
    p.CONSUME(k.SET);
    return p.OR([
      { ALT: () => p.SUBRULE(labelled) },
      { ALT: () => p.SUBRULE(into) },
      { ALT: () => p.SUBRULE(withOption) },
      { ALT: () => p.SUBRULE(recurring) },
      { ALT: (): ScheduleChange => ({ type: "full-backup", fullBackup: p.SUBRULE(fullBackup) }) },
      { ALT: () => p.SUBRULE(scheduleOption) },
    ]);
  });
}

function defineAlterSchedule(p: Kit): ParserMethod<[], AlterScheduleStatement> {
  const setting = defineSetting(p);
  const execute = p.RULE("executeSchedule", (): ScheduleChange => {
    p.CONSUME(k.EXECUTE);
    const full = p.OPTION(() => p.CONSUME(k.FULL)) !== undefined;
    p.CONSUME(k.IMMEDIATELY);
    return { type: "execute", full };
  });
  const change = p.RULE("scheduleChange", (): ScheduleChange =>
    p.OR([{ ALT: () => p.SUBRULE(setting) }, { ALT: () => p.SUBRULE(execute) }]),
  );
  return p.RULE("alterSchedule", (): AlterScheduleStatement => {
    const first = p.CONSUME(k.ALTER);
    p.CONSUME(k.BACKUP);
    p.CONSUME(k.SCHEDULE);
    const schedule = p.SUBRULE(p.id);
    const changes: ScheduleChange[] = [];
    p.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => void changes.push(p.SUBRULE(change)) });
    return { kind: "alter-schedule", schedule, changes, span: p.spanFrom(first) };
  });
}

export const createScheduleRule: StatementRule<CreateScheduleStatement> = {
  heads: ["CREATE SCHEDULE"],
  // Schedules for anything else than backups are the engine's.
  claims: (tokens) => {
    const at = tokens.findIndex((token) => token.tokenType === k.FOR);
    const next = tokens[at + 1];
    return at === -1 || next === undefined || next.tokenType === k.BACKUP;
  },
  define: defineCreateSchedule,
};

export const alterScheduleRule: StatementRule<AlterScheduleStatement> = {
  heads: ["ALTER BACKUP SCHEDULE"],
  define: defineAlterSchedule,
};

function printFullBackup(full: FullBackup, p: Printer): string {
  return `FULL BACKUP ${full.type === "always" ? "ALWAYS" : p.text(full.crontab)}`;
}

function printScheduleOption(option: ScheduleOption, p: Printer): string {
  const name = quoteName(option.name);
  return option.text === undefined ? name : `${name} = ${p.text(option.text)}`;
}

export function printCreateSchedule(s: CreateScheduleStatement, p: Printer): string {
  const options = s.scheduleOptions.map((option) => printScheduleOption(option, p)).join(", ");
  return p.words(
    "CREATE SCHEDULE",
    s.ifNotExists ? "IF NOT EXISTS" : undefined,
    s.label === undefined ? undefined : p.text(s.label),
    "FOR BACKUP",
    printTargets(s.targets, p),
    "INTO",
    p.uris(s.collection),
    p.options(s.options),
    "RECURRING",
    p.text(s.recurring),
    s.fullBackup === undefined ? undefined : printFullBackup(s.fullBackup, p),
    options === "" ? undefined : `WITH SCHEDULE OPTIONS ${options}`,
  );
}

export function printAlterSchedule(s: AlterScheduleStatement, p: Printer): string {
  const changes = s.changes.map((change) => printChange(change, p)).join(", ");
  return p.words("ALTER BACKUP SCHEDULE", s.schedule.text, changes);
}

function printChange(change: ScheduleChange, p: Printer): string {
  if (change.type === "label") return `SET LABEL ${p.text(change.label)}`;
  if (change.type === "into") return `SET INTO ${p.uris(change.collection)}`;
  if (change.type === "option") return `SET WITH ${p.option(change.option)}`;
  if (change.type === "recurring") return `SET RECURRING ${p.text(change.crontab)}`;
  if (change.type === "full-backup") return `SET ${printFullBackup(change.fullBackup, p)}`;
  if (change.type === "schedule-option") return `SET SCHEDULE OPTION ${printScheduleOption(change.option, p)}`;
  return change.full ? "EXECUTE FULL IMMEDIATELY" : "EXECUTE IMMEDIATELY";
}
