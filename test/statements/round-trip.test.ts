import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PostgresSettings } from "../../src/engines/postgres/settings.ts";
import { BackupWorld, openServer } from "../harness/backup-world.ts";
import { readState } from "../harness/database-state.ts";
import { embeddedTestDirectory } from "../harness/embedded-directory.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { ROOT } from "../harness/root.ts";
import { loadEveryObject, loadEveryType, openSession } from "../harness/schema.ts";

let server: TestPostgres;
let world: BackupWorld;

before(async () => {
  world = await BackupWorld.open();
  server = await startPostgres();
  await inDatabase("objects", loadEveryObject);
  await inDatabase("kinds", loadEveryType);
  await inDatabase("tickit", async (session) => session.run(readFileSync(join(ROOT, "fixtures/tickit.sql"), "utf8")));
  const session = world.postgres(server.settings);
  await session.ok("CREATE KMS KEY 'local-kms:///one'");
  await session.ok("CREATE KMS KEY 'local-kms:///two'");
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await server.stop();
});

async function inDatabase(
  database: string,
  load: (session: Awaited<ReturnType<typeof openSession>>) => Promise<void>,
): Promise<void> {
  {
    await using admin = await openSession(server.settings);
    await admin.run(`CREATE DATABASE ${database}`);
  }
  await using session = await openSession({ ...server.settings, database });
  await load(session);
}

async function stateOf(settings: PostgresSettings): Promise<readonly string[]> {
  await using engine = await openServer(settings);
  return await readState(engine);
}

/** Backs a database up, restores it under another name and compares the two. */
async function roundTrip(database: string, withClause: string, keys = withClause): Promise<void> {
  const uri = `${world.uri}-${database}`;
  const session = world.postgres({ ...server.settings, database });
  const folder = await session.backup(`BACKUP DATABASE ${database} INTO '${uri}' ${withClause}`);
  const options = [`new_db_name = 'copy_of_${database}'`, keys.replace("WITH ", "")].filter((one) => one !== "");
  await session.ok(`RESTORE DATABASE ${database} FROM '${folder}' IN '${uri}' WITH ${options.join(", ")}`);
  const copy = { ...server.settings, database: `copy_of_${database}` };
  assert.deepEqual(await stateOf(copy), await stateOf({ ...server.settings, database }));
  await server.dropDatabase(`copy_of_${database}`);
  await session.close();
}

describe("a database restored under another name is the same", () => {
  const kms = "WITH kms = ('local-kms:///one', 'local-kms:///two')";
  test("every kind of object, in the clear", () => roundTrip("objects", ""));
  test("values of every type, under two keys, opened by the second", () =>
    roundTrip("kinds", kms, "WITH kms = 'local-kms:///two'"));
  test("values of every type as text, under a passphrase", () =>
    roundTrip(
      "kinds",
      "WITH rows = 'text', encryption_passphrase = 'p4ss ''word'",
      "WITH encryption_passphrase = 'p4ss ''word'",
    ));
  test("the sample database", () => roundTrip("tickit", "WITH kms = 'local-kms:///one'"));
});

describe("through the embedded engine and back", () => {
  for (const database of ["objects", "kinds", "tickit"]) {
    test(database, async () => {
      await using directory = await embeddedTestDirectory();
      const uri = `${world.uri}-embedded-${database}`;
      const session = world.postgres({ ...server.settings, database });
      await session.ok(`BACKUP DATABASE ${database} INTO '${uri}'`);
      const embedded = world.embedded(directory.database);
      // Roles are the server's, not a database's.
      await embedded.ok(`CREATE ROLE app_owner; CREATE ROLE app_reader; CREATE ROLE "We;rd ""role'"`);
      await embedded.ok(`RESTORE DATABASE ${database} FROM LATEST IN '${uri}'`);
      await embedded.ok(`BACKUP INTO '${uri}-2'`);
      await embedded.close();
      await session.ok(`RESTORE DATABASE postgres FROM LATEST IN '${uri}-2' WITH new_db_name = 'back_${database}'`);
      const back = await stateOf({ ...server.settings, database: `back_${database}` });
      assert.deepEqual(back, await stateOf({ ...server.settings, database }));
      await session.close();
    });
  }
});
