// The one list of our statements. A statement is added by its type in `OurStatement`, its rule in `RULES` and its
// printer in `PRINTERS`; the compiler asks for the printer.
import type { PassthroughStatement } from "./nodes.ts";
import type { Printer } from "./print.ts";
import type { StatementRule } from "./rule.ts";
import { alterBackupRule, printAlterBackup, type AlterBackupStatement } from "./statements/alter-backup.ts";
import { backupRule, printBackup, type BackupStatement } from "./statements/backup.ts";
import { copyJobRule, printCopyJob, type CopyJobStatement } from "./statements/copy-job.ts";
import { copyRule, printCopy, type CopyStatement } from "./statements/copy.ts";
import { executionRules, printSetExecution, printShowExecution } from "./statements/execution.ts";
import type { ExecutionStatement } from "./statements/execution.ts";
import { printExplain, type ExplainStatement } from "./statements/explain.ts";
import * as connections from "./statements/external-connection.ts";
import * as jobs from "./statements/jobs.ts";
import * as keys from "./statements/keys.ts";
import { printRestore, restoreRule, type RestoreStatement } from "./statements/restore.ts";
import * as schedule from "./statements/schedule.ts";
import * as schedules from "./statements/schedules.ts";
import * as showBackup from "./statements/show-backup.ts";
import {
  printShowBackupKeys,
  showBackupKeysRule,
  type ShowBackupKeysStatement,
} from "./statements/show-backup-keys.ts";
import { printVerifyBackup, verifyBackupRule, type VerifyBackupStatement } from "./statements/verify-backup.ts";

import { printTemplate, templateRules, type TemplateStatement } from "./statements/template.ts";
import { printUnload, unloadRule, type UnloadStatement } from "./statements/unload.ts";

export type RedshiftStatement = UnloadStatement | CopyStatement | CopyJobStatement | TemplateStatement;

/** A statement that Sealift gives a meaning to, EXPLAIN apart. */
export type OurStatement =
  | BackupStatement
  | RestoreStatement
  | showBackup.ShowBackupsStatement
  | showBackup.ShowBackupStatement
  | ShowBackupKeysStatement
  | AlterBackupStatement
  | VerifyBackupStatement
  | connections.ExternalConnectionStatement
  | schedule.CreateScheduleStatement
  | schedule.AlterScheduleStatement
  | schedules.SchedulesStatement
  | jobs.JobsStatement
  | keys.KeyStatement
  | ExecutionStatement
  | RedshiftStatement;

export type Statement = OurStatement | ExplainStatement | PassthroughStatement;

export const RULES: readonly StatementRule<OurStatement>[] = [
  backupRule,
  restoreRule,
  showBackup.showBackupsRule,
  showBackup.showBackupRule,
  showBackupKeysRule,
  alterBackupRule,
  verifyBackupRule,
  ...connections.externalConnectionRules,
  schedule.createScheduleRule,
  schedule.alterScheduleRule,
  ...schedules.schedulesRules,
  ...jobs.jobsRules,
  ...keys.keyRules,
  ...executionRules,
  unloadRule,
  copyRule,
  copyJobRule,
  ...templateRules,
];

type Printers = { readonly [K in Statement["kind"]]: (s: Extract<Statement, { kind: K }>, p: Printer) => string };

const PRINTERS: Printers = {
  backup: printBackup,
  restore: printRestore,
  "show-backups": showBackup.printShowBackups,
  "show-backup": showBackup.printShowBackup,
  "show-backup-keys": printShowBackupKeys,
  "alter-backup": printAlterBackup,
  "verify-backup": printVerifyBackup,
  "create-external-connection": connections.printCreateExternalConnection,
  "alter-external-connection": connections.printAlterExternalConnection,
  "drop-external-connection": connections.printDropExternalConnection,
  "show-external-connections": connections.printShowExternalConnections,
  "check-external-connection": connections.printCheckExternalConnection,
  "create-schedule": schedule.printCreateSchedule,
  "alter-schedule": schedule.printAlterSchedule,
  "show-schedules": schedules.printShowSchedules,
  "show-create-schedule": schedules.printShowCreateSchedule,
  "control-schedules": schedules.printControlSchedules,
  "show-jobs": jobs.printShowJobs,
  "control-jobs": jobs.printControlJobs,
  "alter-job-owner": jobs.printAlterJobOwner,
  "create-kms-key": keys.printCreateKmsKey,
  "check-kms": keys.printCheckKms,
  "encrypt-value": keys.printEncryptValue,
  "decrypt-value": keys.printDecryptValue,
  "set-execution": printSetExecution,
  "show-execution": printShowExecution,
  explain: (s, p) => printExplain(s, p, printWith),
  unload: printUnload,
  copy: printCopy,
  "copy-job": printCopyJob,
  template: printTemplate,
  passthrough: (s) => s.text,
};

/** A statement's canonical text. */
export function printWith(s: Statement, p: Printer): string {
  const printer = PRINTERS[s.kind] as (s: Statement, p: Printer) => string;
  return printer(s, p);
}
