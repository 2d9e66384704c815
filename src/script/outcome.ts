// What becomes of a statement that an interpreter ran.
import type { ShellError } from "../errors.ts";
import type { Event } from "../events.ts";
import type { StatementRun } from "./interpreter.ts";

export function isResult(event: Event): boolean {
  return event.type === "columns" || event.type === "rows" || event.type === "finished";
}

export function rowCountOf(tag: string): bigint | undefined {
  const match = /^(?:INSERT \d+|UPDATE|DELETE|SELECT|MERGE|FETCH|MOVE|COPY) (\d+)$/.exec(tag);
  return match === null ? undefined : BigInt(match[1] ?? "0");
}

/** The error with its span in the source; dropped when the text that failed is not from there. */
export function located(error: ShellError, { sourceOffset, place }: StatementRun): ShellError {
  if (error.span === undefined) return error;
  if (sourceOffset === undefined) return error.with({ span: place.span });
  return error.with({ span: { start: sourceOffset(error.span.start), end: sourceOffset(error.span.end) } });
}
