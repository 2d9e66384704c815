import type { Column, Row } from "../events.ts";

export const PLAN_COLUMNS: readonly Column[] = [
  { name: "statement", kind: "text" },
  { name: "executed_by", kind: "text" },
];

/** One line of what a statement would do: who carries it out. Secrets are hidden in `statement` already. */
export function planRow(statement: string, executor: string): Row {
  return [statement, executor];
}
