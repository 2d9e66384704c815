import assert from "node:assert/strict";
import { test } from "node:test";
import type { RestoreStep } from "../../src/backups/restore-order.ts";
import { planRestore } from "../../src/backups/restore-plan.ts";
import { readTargetNames } from "../../src/engines/restore-target.ts";
import { openEmbeddedSession } from "../harness/embedded-schema.ts";
import { applyPlan, loadEveryObject, normalised, readSequences, readTables, undo } from "../harness/schema.ts";

test("the embedded engine: dump, plan, apply, dump gives the same; undo leaves nothing", async () => {
  await using source = await openEmbeddedSession();
  await loadEveryObject(source);
  const toc = await source.dump();
  assert.ok(toc.entries.length > 200);
  await using target = await openEmbeddedSession();
  const roles = ["app_owner", "app_reader", `"We;rd ""role'"`];
  for (const role of roles) await target.run(`CREATE ROLE ${role}`);
  const empty = normalised(await target.dump());
  const plan = planRestore({
    entries: toc.entries,
    tables: await readTables(source),
    sequences: await readSequences(source),
    selection: { kind: "database" },
    options: {},
    target: { ...(await readTargetNames(target.query)), entries: (await target.dump()).entries },
  });
  const started: RestoreStep[] = [];
  await applyPlan(target, { ...plan, finish: [] }, started);
  await undo(target, plan, started);
  assert.deepEqual(normalised(await target.dump()), empty);
  await applyPlan(target, plan);
  assert.deepEqual(normalised(await target.dump()), normalised(toc));
  assert.deepEqual(await readSequences(target), await readSequences(source));
});
