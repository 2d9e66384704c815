import type { ParserMethod } from "chevrotain";
import { defined } from "../defined.ts";
import { spanOfToken } from "../create-nodes.ts";
import type { Kit } from "../kit.ts";
import type { ExpressionOption, Span, TextNode, TextOption } from "../nodes.ts";
import { defineWithOptions, expressionOption, textOption } from "../options.ts";
import type { Printer } from "../print.ts";
import type { StatementRule } from "../rule.ts";
import { k } from "../tokens.ts";

export interface CreateExternalConnectionStatement {
  readonly kind: "create-external-connection";
  readonly ifNotExists: boolean;
  readonly name: TextNode;
  readonly uri: TextNode;
  readonly span: Span;
}

export interface AlterExternalConnectionStatement {
  readonly kind: "alter-external-connection";
  readonly ifExists: boolean;
  readonly name: TextNode;
  readonly uri: TextNode;
  readonly span: Span;
}

export interface DropExternalConnectionStatement {
  readonly kind: "drop-external-connection";
  readonly name: TextNode;
  readonly span: Span;
}

export interface ShowExternalConnectionsStatement {
  readonly kind: "show-external-connections";
  /** Whether the answer is the statements that would create them. */
  readonly asCreate: boolean;
  /** Absent for all. */
  readonly name?: TextNode;
  readonly span: Span;
}

export interface CheckExternalConnectionStatement {
  readonly kind: "check-external-connection";
  /** A connection's name, or in the legacy form a URI. */
  readonly target: TextNode;
  readonly options: readonly CheckConnectionOption[];
  readonly span: Span;
}

export type CheckConnectionOption = TextOption<"transfer" | "time"> | ExpressionOption<"concurrently">;

export type ExternalConnectionStatement =
  | CreateExternalConnectionStatement
  | AlterExternalConnectionStatement
  | DropExternalConnectionStatement
  | ShowExternalConnectionsStatement
  | CheckExternalConnectionStatement;

interface NameAndUri {
  readonly name: TextNode;
  readonly uri: TextNode;
}

function defineNameAsUri(p: Kit, prefix: string): ParserMethod<[], NameAndUri> {
  return p.RULE(`${prefix}NameAsUri`, (): NameAndUri => {
    const name = p.SUBRULE1(p.text);
    p.CONSUME(k.AS);
    return { name, uri: p.SUBRULE2(p.text, { ARGS: ["location"] }) };
  });
}

function defineCreate(p: Kit): ParserMethod<[], CreateExternalConnectionStatement> {
  const nameAsUri = defineNameAsUri(p, "createConnection");
  return p.RULE("createExternalConnection", (): CreateExternalConnectionStatement => {
    const first = p.CONSUME(k.CREATE);
    p.CONSUME(k.EXTERNAL);
    p.CONSUME(k.CONNECTION);
    const ifNotExists = p.OPTION(() => p.SUBRULE(p.ifNotExists)) !== undefined;
    const names = p.SUBRULE(nameAsUri);
    return { kind: "create-external-connection", ifNotExists, ...names, span: p.spanFrom(first) };
  });
}

function defineAlter(p: Kit): ParserMethod<[], AlterExternalConnectionStatement> {
  const nameAsUri = defineNameAsUri(p, "alterConnection");
  return p.RULE("alterExternalConnection", (): AlterExternalConnectionStatement => {
    const first = p.CONSUME(k.ALTER);
    p.CONSUME(k.EXTERNAL);
    p.CONSUME(k.CONNECTION);
    const ifExists =
      p.OPTION(() => {
        p.CONSUME(k.IF);
        return p.CONSUME(k.EXISTS);
      }) !== undefined;
    const names = p.SUBRULE(nameAsUri);
    return { kind: "alter-external-connection", ifExists, ...names, span: p.spanFrom(first) };
  });
}

function defineDrop(p: Kit): ParserMethod<[], DropExternalConnectionStatement> {
  return p.RULE("dropExternalConnection", (): DropExternalConnectionStatement => {
    const first = p.CONSUME(k.DROP);
    p.CONSUME(k.EXTERNAL);
    p.CONSUME(k.CONNECTION);
    return { kind: "drop-external-connection", name: p.SUBRULE(p.text), span: p.spanFrom(first) };
  });
}

function defineShow(p: Kit): ParserMethod<[], ShowExternalConnectionsStatement> {
  return p.RULE("showExternalConnections", (): ShowExternalConnectionsStatement => {
    const first = p.CONSUME(k.SHOW);
    const asCreate = p.OPTION1(() => p.CONSUME(k.CREATE)) !== undefined;
    p.OPTION2(() => p.CONSUME(k.ALL));
    p.CONSUME(k.EXTERNAL);
    const name = p.OR<[{ ALT: () => undefined }, { ALT: () => TextNode }]>([
      {
        ALT: () => {
          p.CONSUME(k.CONNECTIONS);
          return undefined;
        },
      },
      {
        ALT: () => {
          p.CONSUME(k.CONNECTION);
          return p.SUBRULE(p.text);
        },
      },
    ]);
    return defined({ kind: "show-external-connections", asCreate, name, span: p.spanFrom(first) });
  });
}

function defineCheck(p: Kit): ParserMethod<[], CheckExternalConnectionStatement> {
  const option = p.RULE("checkConnectionOption", (): CheckConnectionOption =>
    p.OR([
      { ALT: () => textOption(p, 0, { name: "transfer", words: [k.TRANSFER] }) },
      { ALT: () => textOption(p, 1, { name: "time", words: [k.TIME] }) },
      { ALT: () => expressionOption(p, 2, { name: "concurrently", words: [k.CONCURRENTLY] }) },
    ]),
  );
  const withOptions = defineWithOptions(p, "checkConnectionOptions", option);
  return p.RULE("checkExternalConnection", (): CheckExternalConnectionStatement => {
    const first = p.LA(1);
    const target = p.OR([
      {
        ALT: () => {
          p.CONSUME(k.CHECK);
          p.CONSUME(k.EXTERNAL);
          p.CONSUME1(k.CONNECTION);
          return p.SUBRULE1(p.text);
        },
      },
      {
        ALT: () => {
          p.CONSUME(k.SHOW);
          p.CONSUME(k.BACKUP);
          const word = p.CONSUME2(k.CONNECTION);
          const instead = { release: "25.1", instead: "write CHECK EXTERNAL CONNECTION" };
          p.ACTION(() => p.warnDropped(spanOfToken(word), "SHOW BACKUP CONNECTION", instead));
          return p.SUBRULE2(p.text, { ARGS: ["location"] });
        },
      },
    ]);
    const options = p.OPTION(() => p.SUBRULE(withOptions)) ?? [];
    return { kind: "check-external-connection", target, options, span: p.spanFrom(first) };
  });
}

export const externalConnectionRules: readonly StatementRule<ExternalConnectionStatement>[] = [
  { heads: ["CREATE EXTERNAL CONNECTION"], define: defineCreate },
  { heads: ["ALTER EXTERNAL CONNECTION"], define: defineAlter },
  { heads: ["DROP EXTERNAL CONNECTION"], define: defineDrop },
  {
    heads: [
      "SHOW EXTERNAL CONNECTION",
      "SHOW EXTERNAL CONNECTIONS",
      "SHOW CREATE EXTERNAL CONNECTION",
      "SHOW CREATE ALL EXTERNAL CONNECTIONS",
    ],
    define: defineShow,
  },
  { heads: ["CHECK EXTERNAL CONNECTION", "SHOW BACKUP CONNECTION"], define: defineCheck },
];

export function printCreateExternalConnection(s: CreateExternalConnectionStatement, p: Printer): string {
  const condition = s.ifNotExists ? "IF NOT EXISTS" : undefined;
  return p.words("CREATE EXTERNAL CONNECTION", condition, p.text(s.name), "AS", p.text(s.uri));
}

export function printAlterExternalConnection(s: AlterExternalConnectionStatement, p: Printer): string {
  const condition = s.ifExists ? "IF EXISTS" : undefined;
  return p.words("ALTER EXTERNAL CONNECTION", condition, p.text(s.name), "AS", p.text(s.uri));
}

export function printDropExternalConnection(s: DropExternalConnectionStatement, p: Printer): string {
  return p.words("DROP EXTERNAL CONNECTION", p.text(s.name));
}

export function printShowExternalConnections(s: ShowExternalConnectionsStatement, p: Printer): string {
  const create = s.asCreate ? "CREATE" : undefined;
  if (s.name !== undefined) return p.words("SHOW", create, "EXTERNAL CONNECTION", p.text(s.name));
  return p.words("SHOW", create, s.asCreate ? "ALL" : undefined, "EXTERNAL CONNECTIONS");
}

export function printCheckExternalConnection(s: CheckExternalConnectionStatement, p: Printer): string {
  const isUri = s.target.kind === "string" && s.target.position === "location";
  return p.words(
    isUri ? "SHOW BACKUP CONNECTION" : "CHECK EXTERNAL CONNECTION",
    p.text(s.target),
    p.options(s.options),
  );
}
