import type { ParserMethod } from "chevrotain";
import type { Kit } from "../kit.ts";
import type { FlagOption, Span, TextNode, TextOption, UrisOption } from "../nodes.ts";
import { defineWithOptions, flagOption, textOption, urisOption } from "../options.ts";
import type { Printer } from "../print.ts";
import type { StatementRule } from "../rule.ts";
import { k } from "../tokens.ts";

/** Sealift's own: which key opens which backup of a collection. */
export interface ShowBackupKeysStatement {
  readonly kind: "show-backup-keys";
  readonly collection: readonly TextNode[];
  readonly options: readonly ShowBackupKeysOption[];
  readonly span: Span;
}

export type ShowBackupKeysOption = UrisOption<"kms"> | TextOption<"encryption_passphrase"> | FlagOption<"test">;

function defineShowBackupKeys(p: Kit): ParserMethod<[], ShowBackupKeysStatement> {
  const passphrase = [k.ENCRYPTION_PASSPHRASE];
  const option = p.RULE("showBackupKeysOption", (): ShowBackupKeysOption =>
    p.OR([
      { ALT: () => urisOption(p, 0, { name: "kms", words: [k.KMS], position: "kms" }) },
      { ALT: () => textOption(p, 1, { name: "encryption_passphrase", words: passphrase, position: "passphrase" }) },
      { ALT: () => flagOption(p, 2, { name: "test", words: [k.TEST] }) },
    ]),
  );
  const withOptions = defineWithOptions(p, "showBackupKeysOptions", option);
  return p.RULE("showBackupKeys", (): ShowBackupKeysStatement => {
    const first = p.CONSUME(k.SHOW);
    p.CONSUME(k.BACKUP);
    p.CONSUME(k.KEYS);
    p.CONSUME(k.IN);
    const collection = p.SUBRULE(p.uris);
    const options = p.OPTION(() => p.SUBRULE(withOptions)) ?? [];
    return { kind: "show-backup-keys", collection, options, span: p.spanFrom(first) };
  });
}

export const showBackupKeysRule: StatementRule<ShowBackupKeysStatement> = {
  heads: ["SHOW BACKUP KEYS"],
  define: defineShowBackupKeys,
};

export function printShowBackupKeys(s: ShowBackupKeysStatement, p: Printer): string {
  return p.words("SHOW BACKUP KEYS IN", p.uris(s.collection), p.options(s.options));
}
