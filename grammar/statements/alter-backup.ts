import type { ParserMethod } from "chevrotain";
import { defined } from "../defined.ts";
import type { Kit } from "../kit.ts";
import type { Span, TextNode } from "../nodes.ts";
import type { Printer } from "../print.ts";
import type { StatementRule } from "../rule.ts";
import { k } from "../tokens.ts";
import { defineSource, printSource } from "./restore.ts";

export interface AlterBackupStatement {
  readonly kind: "alter-backup";
  /** LATEST (in any case) or a backup's name; absent when the collection is the full backup's own directory. */
  readonly subdirectory?: TextNode;
  /** Exactly one. */
  readonly collection: readonly TextNode[];
  /** In order; CockroachDB minds the last one only. */
  readonly additions: readonly KeyAddition[];
  readonly span: Span;
}

/** ADD NEW_KMS = … WITH OLD_KMS = … */
export interface KeyAddition {
  readonly newKms: readonly TextNode[];
  readonly oldKms: readonly TextNode[];
  readonly span: Span;
}

function defineAlterBackup(p: Kit): ParserMethod<[], AlterBackupStatement> {
  const source = defineSource(p, "alterBackup");
  const addition = p.RULE("keyAddition", (): KeyAddition => {
    const first = p.CONSUME(k.ADD);
    p.CONSUME(k.NEW_KMS);
    const newKms = p.SUBRULE1(p.equalsUris, { ARGS: ["kms"] });
    p.CONSUME(k.WITH);
    p.CONSUME(k.OLD_KMS);
    const oldKms = p.SUBRULE2(p.equalsUris, { ARGS: ["kms"] });
    return { newKms, oldKms, span: p.spanFrom(first) };
  });
  return p.RULE("alterBackup", (): AlterBackupStatement => {
    const first = p.CONSUME(k.ALTER);
    p.CONSUME(k.BACKUP);
    const from = p.SUBRULE(source);
    const additions: KeyAddition[] = [];
    p.AT_LEAST_ONE(() => void additions.push(p.SUBRULE(addition)));
    return defined({ kind: "alter-backup", ...from, additions, span: p.spanFrom(first) });
  });
}

export const alterBackupRule: StatementRule<AlterBackupStatement> = {
  heads: ["ALTER BACKUP"],
  define: defineAlterBackup,
};

export function printAlterBackup(s: AlterBackupStatement, p: Printer): string {
  const additions = s.additions.map(
    ({ newKms, oldKms }) => `ADD NEW_KMS = ${p.uris(newKms)} WITH OLD_KMS = ${p.uris(oldKms)}`,
  );
  return p.words("ALTER BACKUP", printSource(s, p), ...additions);
}
