// What a BACKUP or RESTORE is about, as values: names instead of syntax.
import type { NameNode, Span, TablePatternNode } from "../../grammar/index.ts";
import { ShellError } from "../errors.ts";

/** `name` absent means every table of the schema; `schema` absent means the search path decides. */
export interface TablePattern {
  readonly database?: string;
  readonly schema?: string;
  readonly name?: string;
  readonly span: Span;
}

export type BackupTargets =
  | { readonly type: "server" }
  | { readonly type: "databases"; readonly names: readonly string[]; readonly spans?: readonly Span[] }
  | { readonly type: "tables"; readonly patterns: readonly TablePattern[] };

type TargetsNode =
  | { readonly type: "tables"; readonly tables: readonly TablePatternNode[] }
  | { readonly type: "databases"; readonly databases: readonly NameNode[] }
  | { readonly type: "tenant"; readonly tenant: { readonly span: Span } };

/** Throws `engine/unsupported` for virtual clusters, `shell/variable` for a variable without value. */
export function planTargets(targets: TargetsNode | undefined): BackupTargets {
  switch (targets?.type) {
    case undefined:
      return { type: "server" };
    case "databases":
      return {
        type: "databases",
        names: targets.databases.map(nameOf),
        spans: targets.databases.map(({ span }) => span),
      };
    case "tables":
      return { type: "tables", patterns: targets.tables.map(patternOf) };
    case "tenant":
      throw new ShellError("engine/unsupported", "virtual clusters exist in CockroachDB only", {
        hint: "connect to CockroachDB, or name tables or databases",
        note: "nothing was changed",
        span: targets.tenant.span,
      });
  }
}

function nameOf(node: NameNode): string {
  if (node.kind === "identifier") return node.text;
  throw new ShellError("shell/variable", `variable ${node.name} has no value`, { span: node.span });
}

function patternOf(node: TablePatternNode): TablePattern {
  const path = node.path.map(nameOf);
  const name = node.wildcard ? undefined : path.pop();
  const [schema, database] = [path.pop(), path.pop()];
  return {
    span: node.span,
    ...(name === undefined ? {} : { name }),
    ...(schema === undefined ? {} : { schema }),
    ...(database === undefined ? {} : { database }),
  };
}

/** The pattern as one would write it, for messages. */
export function printPattern(pattern: TablePattern): string {
  return [pattern.database, pattern.schema, pattern.name ?? "*"].filter((part) => part !== undefined).join(".");
}
