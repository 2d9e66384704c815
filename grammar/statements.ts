// The one list of our statements. A statement is added by its type in `OurStatement`, its rule in `RULES` and its
// printer in `PRINTERS`; the compiler asks for the printer.
import type { PassthroughStatement } from "./nodes.ts";
import type { Printer } from "./print.ts";
import type { StatementRule } from "./rule.ts";
import { backupRule, printBackup, type BackupStatement } from "./statements/backup.ts";
import { copyJobRule, printCopyJob, type CopyJobStatement } from "./statements/copy-job.ts";
import { copyRule, printCopy, type CopyStatement } from "./statements/copy.ts";
import { printExplain, type ExplainStatement } from "./statements/explain.ts";
import { printTemplate, templateRules, type TemplateStatement } from "./statements/template.ts";
import { printUnload, unloadRule, type UnloadStatement } from "./statements/unload.ts";

/** A statement that Sealift gives a meaning to, EXPLAIN apart. */
export type OurStatement = BackupStatement | RedshiftStatement;

export type RedshiftStatement = UnloadStatement | CopyStatement | CopyJobStatement | TemplateStatement;

export type Statement = OurStatement | ExplainStatement | PassthroughStatement;

export const RULES: readonly StatementRule<OurStatement>[] = [
  backupRule,
  unloadRule,
  copyRule,
  copyJobRule,
  ...templateRules,
];

type Printers = { readonly [K in Statement["kind"]]: (s: Extract<Statement, { kind: K }>, p: Printer) => string };

const PRINTERS: Printers = {
  backup: printBackup,
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
