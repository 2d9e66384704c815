import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openPostgres } from "../../src/engines/postgres/engine.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { ShellError } from "../../src/errors.ts";
import { casesFor, schemaFor, shown } from "../harness/describe-stage.ts";
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
  for await (const event of engine.run(statement)) {
    if (event.type === "failed") assert.ok(engine.description.versionNumber < 150_000, statement);
  }
}

/** What psql says of a relation that is not there is a failure here. */
async function said(engine: Engine, command: string): Promise<string> {
  try {
    return await shown(engine, command);
  } catch (error) {
    if (error instanceof ShellError && error.code === "shell/command") return `${error.message}.\n`;
    throw error;
  }
}
