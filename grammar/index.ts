// The only door of the grammar.
export type { Diagnostic } from "./diagnostic.ts";
export type { AuthorizationOption, CredentialPart, CredentialsOption, RoleOption } from "./authorization.ts";
export type { NumberOption, OptionalTextOption, SizeOption, SwitchOption } from "./clauses.ts";
export type { CopyEncoding, CopyFormatOption, CopyFormattingOption } from "./copy-options.ts";
export { parseCredentials, type CredentialName } from "./credentials.ts";
export type * from "./nodes.ts";
export { barePasswords } from "./bare-password.ts";
export { tokens, type ColouredToken, type TokenKind } from "./colour.ts";
export { complete, expectedAt, type Completion, type Expected } from "./complete.ts";
export { labelInSentence, NAMED_MAX } from "./diagnostics.ts";
export { nearestHead, startsAsOurs } from "./heads.ts";
export { passedHint } from "./misread.ts";
export { lexemes, type Lexeme, type LexemeKind } from "./lexemes.ts";
export { stringAt, type StringPlace } from "./string-at.ts";
export { parse, type Dialect, type Parsed, type ParseOptions } from "./parse.ts";
export { endsReadOnly, hazardsOf, onlyReads, type Hazard, type NamePath } from "./hazards.ts";
export { hideAll, showAll, type Mask } from "./print.ts";
export { print, type PrintOptions } from "./print-statement.ts";
export { checkQuery, spanInQuery, type QueryNode, type QueryProblem, type UnloadQuery } from "./query.ts";
export {
  isComplete,
  splitScript,
  type ScriptCommand,
  type ScriptItem,
  type ScriptStatement,
  type SplitOptions,
  type Terminator,
} from "./script.ts";
export type { ScriptVariable } from "./script-variable.ts";
export { quoteDollar } from "./redshift-literal.ts";
export type { OurStatement, RedshiftStatement, Statement } from "./statements.ts";
export { syntaxText, type SyntaxText } from "./syntax-text.ts";
export type { Targets } from "./targets.ts";
export type * from "./statements/alter-backup.ts";
export type * from "./statements/backup.ts";
export type * from "./statements/execution.ts";
export type * from "./statements/explain.ts";
export type * from "./statements/external-connection.ts";
export type * from "./statements/jobs.ts";
export type * from "./statements/keys.ts";
export type * from "./statements/restore.ts";
export type * from "./statements/schedule.ts";
export type * from "./statements/schedules.ts";
export type * from "./statements/show-backup-keys.ts";
export type * from "./statements/show-backup.ts";
export type * from "./statements/verify-backup.ts";
export type * from "./statements/copy-job.ts";
export type * from "./statements/copy.ts";
export type * from "./statements/template.ts";
export type * from "./statements/unload.ts";
export type { TransferKeyOption } from "./transfer-keys.ts";
