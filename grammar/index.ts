// The only door of the grammar.
export type { Diagnostic } from "./diagnostic.ts";
export type * from "./nodes.ts";
export { tokens, type ColouredToken, type TokenKind } from "./colour.ts";
export { complete, type Completion } from "./complete.ts";
export { parse, type Dialect, type Parsed, type ParseOptions } from "./parse.ts";
export { hideAll, showAll, type Mask } from "./print.ts";
export { print, type PrintOptions } from "./print-statement.ts";
export {
  isComplete,
  splitScript,
  type ScriptCommand,
  type ScriptItem,
  type ScriptStatement,
  type ScriptVariable,
  type SplitOptions,
  type Terminator,
} from "./script.ts";
export type { OurStatement, Statement } from "./statements.ts";
export type { AlterBackupStatement, KeyAddition } from "./statements/alter-backup.ts";
export type { BackupOption, BackupStatement } from "./statements/backup.ts";
export type { SetExecutionStatement, ShowExecutionStatement } from "./statements/execution.ts";
export type { ExplainStatement } from "./statements/explain.ts";
export type * from "./statements/external-connection.ts";
export type * from "./statements/jobs.ts";
export type * from "./statements/keys.ts";
export type { BackupSource, RestoreOption, RestoreStatement } from "./statements/restore.ts";
export type * from "./statements/schedule.ts";
export type * from "./statements/schedules.ts";
export type * from "./statements/show-backup.ts";
export type { VerifyBackupOption, VerifyBackupStatement } from "./statements/verify-backup.ts";
export type { Targets } from "./targets.ts";
