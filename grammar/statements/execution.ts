import type { ParserMethod } from "chevrotain";
import { syntaxError } from "../diagnostic.ts";
import { spanOfToken } from "../create-nodes.ts";
import type { Kit } from "../kit.ts";
import { valueOfToken } from "../lexer.ts";
import type { Span } from "../nodes.ts";
import type { StatementRule } from "../rule.ts";
import { k, t } from "../tokens.ts";

/** Who executes our statements: Sealift, the engine, or whoever is better at it. */
export interface SetExecutionStatement {
  readonly kind: "set-execution";
  readonly value: "client" | "server" | "auto";
  readonly span: Span;
}

export interface ShowExecutionStatement {
  readonly kind: "show-execution";
  readonly span: Span;
}

export type ExecutionStatement = SetExecutionStatement | ShowExecutionStatement;

const VALUES = new Set(["client", "server", "auto"]);

function defineSetExecution(p: Kit): ParserMethod<[], SetExecutionStatement> {
  return p.RULE("setExecution", (): SetExecutionStatement => {
    const first = p.CONSUME(k.SET);
    p.CONSUME(k.EXECUTION);
    p.OR1([{ ALT: () => p.CONSUME(t.Equals) }, { ALT: () => p.CONSUME(k.TO) }]);
    const word = p.OR2([
      { ALT: () => p.CONSUME(k.CLIENT) },
      { ALT: () => p.CONSUME(k.SERVER) },
      { ALT: () => p.CONSUME(k.AUTO) },
      { ALT: () => p.CONSUME(t.Literal) },
    ]);
    const value = p.ACTION(() => valueOfToken(word).toLowerCase());
    if (!VALUES.has(value)) p.notice(syntaxError(spanOfToken(word), "expected client, server or auto after ="));
    return { kind: "set-execution", value: value as SetExecutionStatement["value"], span: p.spanFrom(first) };
  });
}

function defineShowExecution(p: Kit): ParserMethod<[], ShowExecutionStatement> {
  return p.RULE("showExecution", (): ShowExecutionStatement => {
    const first = p.CONSUME(k.SHOW);
    p.CONSUME(k.EXECUTION);
    return { kind: "show-execution", span: p.spanFrom(first) };
  });
}

export const executionRules: readonly StatementRule<ExecutionStatement>[] = [
  { heads: ["SET EXECUTION"], define: defineSetExecution },
  { heads: ["SHOW EXECUTION"], define: defineShowExecution },
];

export function printSetExecution(s: SetExecutionStatement): string {
  return `SET execution = ${s.value}`;
}

export function printShowExecution(): string {
  return "SHOW execution";
}
