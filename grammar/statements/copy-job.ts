// COPY JOB: what is done with a job that COPY … JOB CREATE made. Only Redshift has such jobs.
import type { ParserMethod } from "chevrotain";
import { oncePerParser, oneOf } from "../clauses.ts";
import { defined } from "../defined.ts";
import type { Kit } from "../kit.ts";
import type { NameNode, Span } from "../nodes.ts";
import type { Printer } from "../print.ts";
import type { StatementRule } from "../rule.ts";
import { k } from "../tokens.ts";

export interface CopyJobStatement {
  readonly kind: "copy-job";
  readonly action: CopyJobAction;
  readonly span: Span;
}

export type CopyJobAction =
  | { readonly type: "alter"; readonly job: NameNode; readonly auto?: boolean }
  | { readonly type: "run" | "show" | "drop"; readonly job: NameNode }
  | { readonly type: "list" };

/** `AUTO ON`, `AUTO OFF`. */
export const jobAuto = oncePerParser((p): ParserMethod<[], boolean> =>
  p.RULE("jobAuto", (): boolean => {
    p.CONSUME(k.AUTO);
    const setting = p.OR([{ ALT: () => p.CONSUME(k.ON) }, { ALT: () => p.CONSUME(k.OFF) }]);
    return setting.tokenType === k.ON;
  }),
);

export function printAuto(auto: boolean | undefined): string | undefined {
  return auto === undefined ? undefined : `AUTO ${auto ? "ON" : "OFF"}`;
}

const NAMED = { RUN: "run", SHOW: "show", DROP: "drop" } as const;

function defineCopyJob(p: Kit): ParserMethod<[], CopyJobStatement> {
  const auto = jobAuto(p);
  const verbs = p.RULE("copyJobVerb", () => oneOf(p, ["RUN", "SHOW", "DROP"]).name);
  const alter = (): CopyJobAction => {
    p.CONSUME(k.ALTER);
    const job = p.SUBRULE1(p.name);
    return defined({ type: "alter", job, auto: p.OPTION(() => p.SUBRULE(auto)) });
  };
  const list = (): CopyJobAction => {
    p.CONSUME(k.LIST);
    return { type: "list" };
  };
  const named = (): CopyJobAction => {
    const verb = p.SUBRULE(verbs);
    return { type: NAMED[verb], job: p.SUBRULE2(p.name) };
  };
  return p.RULE("copyJob", (): CopyJobStatement => {
    const first = p.CONSUME(k.COPY);
    p.CONSUME(k.JOB);
    const action = p.OR<[{ ALT: () => CopyJobAction }, { ALT: () => CopyJobAction }, { ALT: () => CopyJobAction }]>([
      { ALT: alter },
      { ALT: list },
      { ALT: named },
    ]);
    return { kind: "copy-job", action, span: p.spanFrom(first) };
  });
}

export const copyJobRule: StatementRule<CopyJobStatement> = {
  heads: ["COPY JOB ALTER", "COPY JOB RUN", "COPY JOB LIST", "COPY JOB SHOW", "COPY JOB DROP"],
  define: defineCopyJob,
};

export function printCopyJob({ action }: CopyJobStatement, p: Printer): string {
  if (action.type === "list") return "COPY JOB LIST";
  const auto = action.type === "alter" ? printAuto(action.auto) : undefined;
  return p.words("COPY JOB", action.type.toUpperCase(), p.name(action.job), auto);
}
