import type { ParserMethod } from "chevrotain";
import type { Kit } from "../kit.ts";
import type { Span, TextNode, TextOption, UrisOption } from "../nodes.ts";
import { defineWithOptions, textOption, urisOption } from "../options.ts";
import type { Printer } from "../print.ts";
import type { StatementRule } from "../rule.ts";
import { k } from "../tokens.ts";

/** Sealift's own: reads and authenticates every file of a backup, restoring nothing. */
export interface VerifyBackupStatement {
  readonly kind: "verify-backup";
  /** LATEST (in any case) or a backup's name. */
  readonly subdirectory: TextNode;
  readonly collection: readonly TextNode[];
  readonly options: readonly VerifyBackupOption[];
  readonly span: Span;
}

export type VerifyBackupOption = UrisOption<"kms"> | TextOption<"encryption_passphrase">;

function defineVerifyBackup(p: Kit): ParserMethod<[], VerifyBackupStatement> {
  const passphrase = [k.ENCRYPTION_PASSPHRASE];
  const option = p.RULE("verifyBackupOption", (): VerifyBackupOption =>
    p.OR([
      { ALT: () => urisOption(p, 0, { name: "kms", words: [k.KMS], position: "kms" }) },
      { ALT: () => textOption(p, 1, { name: "encryption_passphrase", words: passphrase, position: "passphrase" }) },
    ]),
  );
  const withOptions = defineWithOptions(p, "verifyBackupOptions", option);
  return p.RULE("verifyBackup", (): VerifyBackupStatement => {
    const first = p.CONSUME(k.VERIFY);
    p.CONSUME(k.BACKUP);
    p.CONSUME(k.FROM);
    const subdirectory = p.SUBRULE(p.text);
    p.CONSUME(k.IN);
    const collection = p.SUBRULE(p.uris);
    const options = p.OPTION(() => p.SUBRULE(withOptions)) ?? [];
    return { kind: "verify-backup", subdirectory, collection, options, span: p.spanFrom(first) };
  });
}

export const verifyBackupRule: StatementRule<VerifyBackupStatement> = {
  heads: ["VERIFY BACKUP"],
  define: defineVerifyBackup,
};

export function printVerifyBackup(s: VerifyBackupStatement, p: Printer): string {
  return p.words(
    "VERIFY BACKUP FROM",
    p.subdirectory(s.subdirectory),
    "IN",
    p.uris(s.collection),
    p.options(s.options),
  );
}
