// Statements about master keys, on any KMS. They are Sealift's own.
import type { ParserMethod } from "chevrotain";
import type { Kit } from "../kit.ts";
import type { Span, TextNode } from "../nodes.ts";
import type { Printer } from "../print.ts";
import type { StatementRule } from "../rule.ts";
import { k } from "../tokens.ts";

export interface CreateKmsKeyStatement {
  readonly kind: "create-kms-key";
  readonly ifNotExists: boolean;
  readonly uri: TextNode;
  readonly span: Span;
}

/** Wraps and unwraps a probe with each key. */
export interface CheckKmsStatement {
  readonly kind: "check-kms";
  readonly uris: readonly TextNode[];
  readonly span: Span;
}

export interface EncryptValueStatement {
  readonly kind: "encrypt-value";
  /** The secret itself. */
  readonly value: TextNode;
  readonly kms: readonly TextNode[];
  readonly span: Span;
}

export interface DecryptValueStatement {
  readonly kind: "decrypt-value";
  /** What ENCRYPT VALUE gave. */
  readonly value: TextNode;
  readonly kms: readonly TextNode[];
  readonly span: Span;
}

export type KeyStatement = CreateKmsKeyStatement | CheckKmsStatement | EncryptValueStatement | DecryptValueStatement;

function defineCreateKey(p: Kit): ParserMethod<[], CreateKmsKeyStatement> {
  return p.RULE("createKmsKey", (): CreateKmsKeyStatement => {
    const first = p.CONSUME(k.CREATE);
    p.CONSUME(k.KMS);
    p.CONSUME(k.KEY);
    const ifNotExists = p.OPTION(() => p.SUBRULE(p.ifNotExists)) !== undefined;
    const uri = p.SUBRULE(p.text, { ARGS: ["kms"] });
    return { kind: "create-kms-key", ifNotExists, uri, span: p.spanFrom(first) };
  });
}

function defineCheckKms(p: Kit): ParserMethod<[], CheckKmsStatement> {
  return p.RULE("checkKms", (): CheckKmsStatement => {
    const first = p.CONSUME(k.CHECK);
    p.CONSUME(k.KMS);
    return { kind: "check-kms", uris: p.SUBRULE(p.uris, { ARGS: ["kms"] }), span: p.spanFrom(first) };
  });
}

function defineWithKms(p: Kit, prefix: string): ParserMethod<[], readonly TextNode[]> {
  return p.RULE(`${prefix}WithKms`, () => {
    p.CONSUME(k.WITH);
    p.CONSUME(k.KMS);
    return p.SUBRULE(p.equalsUris, { ARGS: ["kms"] });
  });
}

function defineEncryptValue(p: Kit): ParserMethod<[], EncryptValueStatement> {
  const withKms = defineWithKms(p, "encryptValue");
  return p.RULE("encryptValue", (): EncryptValueStatement => {
    const first = p.CONSUME(k.ENCRYPT);
    p.CONSUME(k.VALUE);
    const value = p.SUBRULE(p.text, { ARGS: ["credentials"] });
    return { kind: "encrypt-value", value, kms: p.SUBRULE(withKms), span: p.spanFrom(first) };
  });
}

function defineDecryptValue(p: Kit): ParserMethod<[], DecryptValueStatement> {
  const withKms = defineWithKms(p, "decryptValue");
  return p.RULE("decryptValue", (): DecryptValueStatement => {
    const first = p.CONSUME(k.DECRYPT);
    p.CONSUME(k.VALUE);
    const value = p.SUBRULE(p.text);
    return { kind: "decrypt-value", value, kms: p.SUBRULE(withKms), span: p.spanFrom(first) };
  });
}

export const keyRules: readonly StatementRule<KeyStatement>[] = [
  { heads: ["CREATE KMS KEY"], define: defineCreateKey },
  { heads: ["CHECK KMS"], define: defineCheckKms },
  { heads: ["ENCRYPT VALUE"], define: defineEncryptValue },
  { heads: ["DECRYPT VALUE"], define: defineDecryptValue },
];

export function printCreateKmsKey(s: CreateKmsKeyStatement, p: Printer): string {
  return p.words("CREATE KMS KEY", s.ifNotExists ? "IF NOT EXISTS" : undefined, p.text(s.uri));
}

export function printCheckKms(s: CheckKmsStatement, p: Printer): string {
  return p.words("CHECK KMS", p.uris(s.uris));
}

export function printEncryptValue(s: EncryptValueStatement, p: Printer): string {
  return p.words("ENCRYPT VALUE", p.text(s.value), `WITH kms = ${p.uris(s.kms)}`);
}

export function printDecryptValue(s: DecryptValueStatement, p: Printer): string {
  return p.words("DECRYPT VALUE", p.text(s.value), `WITH kms = ${p.uris(s.kms)}`);
}
