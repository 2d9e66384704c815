import type { Engine } from "../engines/engine.ts";
import { asShellError } from "../errors.ts";
import type { RestoreStep } from "./restore-order.ts";

/** What takes each step back, oldest first. */
export type UndoLog = (readonly string[])[];

/** All steps, in order, in one transaction. Throws the first failure, naming its step, after rolling back. */
export async function runTransaction(
  engine: Engine,
  steps: readonly RestoreStep[],
  signal?: AbortSignal,
): Promise<void> {
  if (steps.every((step) => step.statements.length === 0)) return;
  await engine.rows("BEGIN");
  try {
    for (const step of steps) {
      for (const statement of step.statements) await runStatement(engine, statement, { title: step.title, signal });
    }
    await engine.rows("COMMIT");
  } catch (thrown) {
    await engine.rows("ROLLBACK");
    throw thrown;
  }
}

/** Runs text of one or more statements, whose failure names `title`. */
export async function runStatement(
  engine: Engine,
  statement: string,
  { title, signal }: { readonly title: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  try {
    // One entry of a dump may be several commands, which only the simple protocol takes as one text.
    for await (const _ of engine.run(statement, signal === undefined ? {} : { signal }));
  } catch (thrown) {
    const error = asShellError(thrown);
    throw error.code === "engine/failed"
      ? error.with({ detail: [`while restoring ${title}`, ...error.detail] })
      : error;
  }
}
