import type { AuthorizationOption } from "./authorization.ts";
import type { NumberOption, OptionalTextOption, SizeOption, SwitchOption } from "./clauses.ts";
import type { FlagOption, NameNode, TextNode, TextOption } from "./nodes.ts";
import type { Printer } from "./print.ts";
import { quoteRedshift } from "./redshift-literal.ts";

export type AnyClause =
  | AuthorizationOption
  | FlagOption<string>
  | TextOption<string>
  | OptionalTextOption<string>
  | NumberOption<string>
  | SizeOption<string>
  | SwitchOption<string>;

/** A string in Redshift's spelling. */
export function printText(node: TextNode, p: Printer): string {
  return p.text(node, quoteRedshift);
}

export function printNumber(node: TextNode, p: Printer): string {
  return node.kind === "string" ? node.value : p.text(node);
}

export function printColumns(columns: readonly NameNode[], p: Printer): string {
  return `(${columns.map((column) => p.name(column)).join(", ")})`;
}

/** The clauses whose parts tell how they are written. */
export function printClause(clause: AnyClause, p: Printer): string {
  const { name } = clause;
  if ("role" in clause) return p.words(name, clause.role === "default" ? "DEFAULT" : printText(clause.role, p));
  if ("text" in clause) return p.words(name, clause.text === undefined ? undefined : printText(clause.text, p));
  if ("number" in clause) return p.words(name, printNumber(clause.number, p));
  if ("size" in clause) return p.words(name, printNumber(clause.size, p), clause.unit);
  return p.words(name, "setting" in clause ? clause.setting : undefined);
}
