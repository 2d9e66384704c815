import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openPostgres } from "../../src/engines/postgres/engine.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { ShellError } from "../../src/errors.ts";
import { casesFor, said, schemaFor } from "../harness/describe-stage.ts";
import { startPostgres } from "../harness/postgres-server.ts";
import { ROOT } from "../harness/root.ts";

const SCHEMA = readFileSync(join(ROOT, "test/vectors/describe-details.sql"), "utf8");
const VECTORS = readFileSync(join(ROOT, "test/vectors/describe-details.txt"), "utf8");
const CLEAN_UP = ["DROP OWNED BY r1, r2", "DROP ROLE r1, r2"];

test("everything that hangs on a relation is shown as psql shows it", async (t) => {
  await using server = await startPostgres();
  await server.withDatabase(async (settings) => {
    await using engine = await openPostgres(settings);
    for (const statement of schemaFor(engine, SCHEMA).split("\n")) await tried(engine, statement);
    const cases = casesFor(engine, VECTORS);
    assert.ok(cases.length > 60);
    for (const { command, expected } of cases) {
      await t.test(command, async () => assert.equal(await said(engine, command), expected));
    }
    for (const statement of CLEAN_UP) await tried(engine, statement);
  });
});

/** Servers before 15 do not know everything: what is missing then is missing in the cases too. */
async function tried(engine: Engine, statement: string): Promise<void> {
  try {
    for await (const event of engine.run(statement)) assert.notEqual(event.type, "failed");
  } catch (error) {
    if (engine.description.versionNumber >= 150_000) throw error;
    assert.ok(error instanceof ShellError);
  }
}
