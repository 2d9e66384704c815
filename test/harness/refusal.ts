import assert from "node:assert/strict";
import type { Engine } from "../../src/engines/engine.ts";
import type { Code, ShellError } from "../../src/errors.ts";
import type { BackupWorld } from "./backup-world.ts";
import { readFingerprint } from "./database-state.ts";

export interface Refusal {
  readonly code: Code;
  readonly message: RegExp;
  readonly hint?: RegExp;
  readonly detail?: RegExp;
  readonly note?: RegExp;
  /** The text that the error points at. */
  readonly at?: string;
}

export interface Observed {
  readonly world: BackupWorld;
  readonly observer: Engine;
}

/** Runs something that must fail in exactly this way and change neither the store nor the observed database. */
export async function unchanged(
  { world, observer }: Observed,
  work: () => Promise<ShellError | undefined>,
  refusal: Refusal,
): Promise<ShellError> {
  const old = { files: await world.files(), database: await readFingerprint(observer) };
  const error = await work();
  assert.ok(error, "nothing failed");
  assert.equal(error.code, refusal.code, `${error.code}: ${error.message}`);
  assert.match(error.message, refusal.message);
  if (refusal.hint !== undefined) assert.match(error.hint ?? "", refusal.hint);
  if (refusal.detail !== undefined) assert.match(error.detail.join("\n"), refusal.detail);
  assert.match(error.note ?? "no note", refusal.note ?? /^nothing was changed$/, error.message);
  assert.deepEqual({ files: await world.files(), database: await readFingerprint(observer) }, old);
  return error;
}
