// Our extension of UNLOAD and COPY: who holds the keys to the files, `WITH kms = …` or `WITH encryption_passphrase = …`.
import type { IToken, ParserMethod } from "chevrotain";
import { oncePerParser } from "./clauses.ts";
import type { TextOption, UrisOption } from "./nodes.ts";
import { defineWithOptions, textOption, urisOption } from "./options.ts";
import { isKeyword, k } from "./tokens.ts";

export type TransferKeyOption = UrisOption<"kms"> | TextOption<"encryption_passphrase">;

export const transferKeys = oncePerParser((p): ParserMethod<[], readonly TransferKeyOption[]> => {
  const option = p.RULE("transferKey", (): TransferKeyOption =>
    p.OR<[{ ALT: () => TransferKeyOption }, { ALT: () => TransferKeyOption }]>([
      { ALT: () => urisOption(p, 0, { name: "kms", words: [k.KMS], position: "kms" }) },
      {
        ALT: () =>
          textOption(p, 1, { name: "encryption_passphrase", words: [k.ENCRYPTION_PASSPHRASE], position: "passphrase" }),
      },
    ]),
  );
  return defineWithOptions(p, "transferKeys", option);
});

/** The next step for a clause that follows the keys. */
export function lateClauseHint(tokens: readonly IToken[], read: number): string | undefined {
  const isKey = ({ tokenType }: IToken) => tokenType === k.KMS || tokenType === k.ENCRYPTION_PASSPHRASE;
  const found = tokens[read];
  const isLate = found !== undefined && isKeyword(found.tokenType) && tokens.slice(0, read).some(isKey);
  return isLate ? "WITH stands after all other clauses" : undefined;
}
