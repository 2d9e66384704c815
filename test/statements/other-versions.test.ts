// From an older server to the newest and back. How a definition is written differs from version to version, so that
// objects are compared by name and owner, and rows and sequences by value.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { PostgresSettings } from "../../src/engines/postgres/settings.ts";
import { BackupWorld, openServer } from "../harness/backup-world.ts";
import { readRows } from "../harness/database-state.ts";
import { startPackage, type TestPostgres } from "../harness/postgres-server.ts";
import { loadEveryObject, loadEveryType, openSession } from "../harness/schema.ts";

const OLDER = process.env["SEALIFT_TEST_PG_PACKAGE"] ?? "";
const HOW = "npm run test:versions names an older version's package in SEALIFT_TEST_PG_PACKAGE";

const LOADS = { objects: loadEveryObject, kinds: loadEveryType } as const;
const DATABASES = ["objects", "kinds"] as const;

describe("between an older version and the newest", { skip: OLDER === "" && HOW }, () => {
  let world: BackupWorld;
  let older: TestPostgres;
  let newest: TestPostgres;

  before(async () => {
    world = await BackupWorld.open();
    older = await startPackage(OLDER);
    newest = await startPackage();
    const versionNumber = await older.versionNumber();
    for (const database of DATABASES) {
      await fill(older, database, database, versionNumber);
      await fill(newest, `older_${database}`, database, versionNumber);
      await fill(newest, database, database);
    }
  });

  after(async () => {
    await world[Symbol.asyncDispose]();
    await older.stop();
    await newest.stop();
  });

  for (const database of DATABASES) {
    test(`${database} of the older one come back on the newest`, async () => {
      const restored = await carry(database, older, newest);
      assert.deepEqual(restored.notices, []);
      assert.equal(restored.error, undefined);
      await assertSame({ server: older, database }, { server: newest, database: `copy_of_${database}` });
    });

    test(`${database} that both know come back on the older one, which says that the backup is newer`, async () => {
      const restored = await carry(`older_${database}`, newest, older);
      assert.equal(restored.error, undefined);
      assert.match(
        restored.notices[0] ?? "",
        /^NOTICE: the backup is of PostgreSQL 18\.\d+, this server is \d+\.\d+: /,
      );
      const copy = { server: older, database: `copy_of_older_${database}` };
      await assertSame({ server: newest, database: `older_${database}` }, copy);
    });
  }

  test("what the older one does not know is refused with the reason, and nothing stays", async () => {
    const { error } = await carry("objects", newest, older);
    assert.equal(error?.code, "engine/failed");
    assert.match(error.detail.join("\n"), /while restoring /);
    assert.match(error.hint ?? "", /^the backup is of PostgreSQL 18\.\d+, this server is \d+\.\d+: /);
    assert.match(error.note ?? "", /everything this restore had made was dropped/);
    const session = world.postgres(older.settings);
    const { rows } = await session.ok("SELECT datname FROM pg_database WHERE datname = 'copy_of_objects'");
    assert.deepEqual(rows, []);
  });

  async function carry(
    database: string,
    from: TestPostgres,
    to: TestPostgres,
  ): Promise<Awaited<ReturnType<ReturnType<BackupWorld["postgres"]>["run"]>>> {
    const uri = `${world.uri}-${database}-${from.port}`;
    const source = world.postgres({ ...from.settings, database });
    await source.ok(`BACKUP DATABASE ${database} INTO '${uri}'`);
    await source.close();
    const target = world.postgres(to.settings);
    return target.run(`RESTORE DATABASE ${database} FROM LATEST IN '${uri}' WITH new_db_name = 'copy_of_${database}'`);
  }
});

interface Place {
  readonly server: TestPostgres;
  readonly database: string;
}

async function fill(
  { settings }: TestPostgres,
  database: string,
  fixture: keyof typeof LOADS,
  versionNumber?: number,
): Promise<void> {
  {
    await using admin = await openSession(settings);
    await admin.run(`CREATE DATABASE ${database}`);
  }
  await using session = await openSession({ ...settings, database });
  await LOADS[fixture](session, versionNumber);
}

async function assertSame(one: Place, other: Place): Promise<void> {
  assert.deepEqual(
    await stateOf({ ...other.server.settings, database: other.database }),
    await stateOf({ ...one.server.settings, database: one.database }),
  );
}

async function stateOf(settings: PostgresSettings): Promise<readonly string[]> {
  await using engine = await openServer(settings);
  // Before 12 a number's shortest exact text is not known.
  await engine.rows("SET extra_float_digits = 0");
  await using snapshot = await engine.openSnapshot();
  const { entries } = await snapshot.dumpSchema();
  // Before 15 the schema is the superuser's, which a dump then mentions.
  const isUsual = ({ type, tag, owner }: (typeof entries)[number]): boolean =>
    type === "SCHEMA" && tag === "public" && owner === "postgres";
  const objects = entries.filter((entry) => entry.type !== "DATABASE" && !isUsual(entry));
  return [
    // Since 14 the arguments of procedures are said to be IN.
    ...objects
      .map(({ type, schema, tag, owner }) => `${type} ${schema} ${tag} ${owner}`.replaceAll(", IN ", ", "))
      .toSorted(),
    ...(await snapshot.sequences()).map((sequence) => JSON.stringify(sequence)).toSorted(),
    ...(await readRows(engine)),
  ];
}
