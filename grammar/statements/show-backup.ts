import { showBackupHint, showBackupsHint } from "../misread.ts";
import type { ParserMethod } from "chevrotain";
import { defined } from "../defined.ts";
import { syntaxError } from "../diagnostic.ts";
import { spanOfToken } from "../create-nodes.ts";
import type { Kit } from "../kit.ts";
import type { ExpressionNode, FlagOption, Span, TextNode, TextOption, UrisOption } from "../nodes.ts";
import { defineWithOptions, flagOption, textOption, urisOption } from "../options.ts";
import type { Printer } from "../print.ts";
import type { StatementRule } from "../rule.ts";
import { k } from "../tokens.ts";
import { defineSource, printSource, refuseBareLatest } from "./restore.ts";

export interface ShowBackupsStatement {
  readonly kind: "show-backups";
  readonly collection: readonly TextNode[];
  readonly newerThan?: ExpressionNode;
  readonly olderThan?: ExpressionNode;
  /** `details` is Sealift's own. */
  readonly options: readonly FlagOption<"revision start time" | "details">[];
  readonly span: Span;
}

export type ShowBackupDetails = "schemas" | "files" | "ranges" | "validate";

export interface ShowBackupStatement {
  readonly kind: "show-backup";
  readonly details?: ShowBackupDetails;
  /** LATEST (in any case) or a backup's name; absent in the legacy form, whose collection is the backup itself. */
  readonly subdirectory?: TextNode;
  readonly collection: readonly TextNode[];
  readonly options: readonly ShowBackupOption[];
  readonly span: Span;
}

export type ShowBackupOption =
  | FlagOption<"as_json" | "check_files" | "skip size" | "debug_ids" | "privileges" | "debug_dump_metadata_sst">
  | TextOption<"encryption_passphrase" | "encryption_info_dir">
  | UrisOption<"kms" | "incremental_location">;

function defineShowBackups(p: Kit): ParserMethod<[], ShowBackupsStatement> {
  const option = p.RULE("showBackupsOption", (): FlagOption<"revision start time" | "details"> =>
    p.OR([
      { ALT: () => flagOption(p, 0, { name: "revision start time", words: [k.REVISION, k.START, k.TIME] }) },
      { ALT: () => flagOption(p, 1, { name: "details", words: [k.DETAILS] }) },
    ]),
  );
  const withOptions = defineWithOptions(p, "showBackupsOptions", option);
  const bound = p.RULE("backupsBound", () => {
    const which = p.OR([{ ALT: () => p.CONSUME(k.NEWER) }, { ALT: () => p.CONSUME(k.OLDER) }]);
    p.CONSUME(k.THAN);
    return { isNewer: which.tokenType === k.NEWER, span: spanOfToken(which), expression: p.SUBRULE(p.expression) };
  });
  return p.RULE("showBackups", (): ShowBackupsStatement => {
    const first = p.CONSUME(k.SHOW);
    p.CONSUME(k.BACKUPS);
    p.CONSUME(k.IN);
    const collection = p.SUBRULE(p.uris);
    let newerThan: ExpressionNode | undefined;
    let olderThan: ExpressionNode | undefined;
    p.MANY(() => {
      const { isNewer, expression, span } = p.SUBRULE(bound);
      if ((isNewer ? newerThan : olderThan) !== undefined) {
        const words = isNewer ? "NEWER THAN" : "OLDER THAN";
        p.notice(syntaxError(span, `${words} specified multiple times`, "give it once"));
      }
      if (isNewer) newerThan = expression;
      else olderThan = expression;
    });
    const options = p.OPTION(() => p.SUBRULE(withOptions)) ?? [];
    return defined({ kind: "show-backups", collection, newerThan, olderThan, options, span: p.spanFrom(first) });
  });
}

function defineOption(p: Kit): ParserMethod<[], ShowBackupOption> {
  const passphrase = [k.ENCRYPTION_PASSPHRASE];
  return p.RULE("showBackupOption", (): ShowBackupOption =>
    p.OR([
      { ALT: () => flagOption(p, 0, { name: "as_json", words: [k.AS_JSON] }) },
      { ALT: () => flagOption(p, 1, { name: "check_files", words: [k.CHECK_FILES] }) },
      { ALT: () => flagOption(p, 2, { name: "skip size", words: [k.SKIP, k.SIZE] }) },
      { ALT: () => flagOption(p, 3, { name: "debug_ids", words: [k.DEBUG_IDS] }) },
      { ALT: () => flagOption(p, 4, { name: "privileges", words: [k.PRIVILEGES] }) },
      { ALT: () => urisOption(p, 5, { name: "kms", words: [k.KMS], position: "kms" }) },
      { ALT: () => textOption(p, 6, { name: "encryption_passphrase", words: passphrase, position: "passphrase" }) },
      {
        ALT: () => {
          const option = urisOption(p, 7, { name: "incremental_location", words: [k.INCREMENTAL_LOCATION] });
          p.warnDropped(option.span, option.name, NO_LOCATION);
          return option;
        },
      },
      {
        ALT: () => {
          const words = [k.ENCRYPTION_INFO_DIR];
          const option = textOption(p, 8, { name: "encryption_info_dir", words, position: "location" });
          p.warnDropped(option.span, option.name, NO_INFO_DIR);
          return option;
        },
      },
      {
        ALT: () => {
          const option = flagOption(p, 9, { name: "debug_dump_metadata_sst", words: [k.DEBUG_DUMP_METADATA_SST] });
          p.warnDropped(option.span, option.name, { release: "25.1", instead: "leave it out" });
          return option;
        },
      },
    ]),
  );
}

const NO_LOCATION = { release: "26.2", instead: "leave it out: incrementals are found beside the fulls" };
const NO_INFO_DIR = { release: "26.2", instead: "leave it out: the keys are found with the full backup" };

function defineShowBackup(p: Kit): ParserMethod<[], ShowBackupStatement> {
  const source = defineSource(p, "showBackup");
  const withOptions = defineWithOptions(p, "showBackupOptions", defineOption(p));
  const details = p.RULE("showBackupDetails", (): ShowBackupDetails => {
    const word = p.OR([
      { ALT: () => p.CONSUME(k.SCHEMAS) },
      { ALT: () => p.CONSUME(k.FILES) },
      { ALT: () => p.CONSUME(k.RANGES) },
      { ALT: () => p.CONSUME(k.VALIDATE) },
    ]);
    return p.wordOf(word) as ShowBackupDetails;
  });
  return p.RULE("showBackup", (): ShowBackupStatement => {
    const first = p.CONSUME(k.SHOW);
    p.CONSUME(k.BACKUP);
    const what = p.OPTION1(() => p.SUBRULE(details));
    p.OPTION2(() => p.CONSUME(k.FROM));
    const start = p.LA(1);
    const from = p.SUBRULE(source);
    if (from.subdirectory === undefined) {
      const instead = { release: "25.1", instead: "write SHOW BACKUP FROM LATEST IN the collection" };
      p.ACTION(() => p.warnDropped(p.spanFrom(start), "SHOW BACKUP of one URI", instead));
      refuseBareLatest(p, from);
    }
    const options = p.OPTION3(() => p.SUBRULE(withOptions)) ?? [];
    return defined({ kind: "show-backup", details: what, ...from, options, span: p.spanFrom(first) });
  });
}

export const showBackupsRule: StatementRule<ShowBackupsStatement> = {
  heads: ["SHOW BACKUPS"],
  hint: showBackupsHint,
  define: defineShowBackups,
};

export const showBackupRule: StatementRule<ShowBackupStatement> = {
  heads: ["SHOW BACKUP"],
  hint: showBackupHint,
  // SHOW BACKUP KEYS is a statement of its own.
  claims: ([, , next]) => next?.tokenType !== k.KEYS,
  define: defineShowBackup,
};

export function printShowBackups(s: ShowBackupsStatement, p: Printer): string {
  const newer = s.newerThan === undefined ? undefined : `NEWER THAN ${s.newerThan.text}`;
  const older = s.olderThan === undefined ? undefined : `OLDER THAN ${s.olderThan.text}`;
  return p.words("SHOW BACKUPS IN", p.uris(s.collection), newer, older, p.options(s.options));
}

export function printShowBackup(s: ShowBackupStatement, p: Printer): string {
  return p.words("SHOW BACKUP", s.details?.toUpperCase(), "FROM", printSource(s, p), p.options(s.options));
}
