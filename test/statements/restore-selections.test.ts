import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { PostgresSettings } from "../../src/engines/postgres/settings.ts";
import { BackupWorld, openServer, type TestSession } from "../harness/backup-world.ts";
import { readFingerprint, readRows, readState } from "../harness/database-state.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { SMALL_SHOP } from "../harness/small-shop.ts";

let server: TestPostgres;
let world: BackupWorld;
let session: TestSession;

before(async () => {
  world = await BackupWorld.open();
  server = await startPostgres();
  const admin = world.postgres(server.settings);
  await admin.ok("CREATE DATABASE shop");
  await admin.ok("CREATE ROLE clerk LOGIN PASSWORD 'p'; CREATE ROLE boss; GRANT boss TO clerk");
  await admin.ok("CREATE DATABASE empty_one OWNER boss");
  await admin.ok(
    "ALTER DATABASE empty_one SET work_mem = '5MB'; ALTER ROLE clerk IN DATABASE shop SET enable_sort = off",
  );
  await admin.close();
  session = world.postgres({ ...server.settings, database: "shop" });
  await session.ok(SMALL_SHOP);
  await session.ok("ALTER TABLE public.notes OWNER TO boss; GRANT UPDATE (body) ON public.notes TO clerk");
  await session.ok(`BACKUP DATABASE shop INTO '${world.uri}'`);
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await server.stop();
});

/** Restores parts of the backup into an empty database and answers what is there afterwards. */
async function restored(what: string, options = ""): Promise<readonly string[]> {
  return server.withDatabase(async (settings) => {
    const into = `WITH into_db = '${settings.database}'${options}`;
    await session.ok(`RESTORE TABLE ${what} FROM LATEST IN '${world.uri}' ${into}`);
    return rowsOf(settings);
  });
}

async function rowsOf(settings: PostgresSettings): Promise<readonly string[]> {
  await using engine = await openServer(settings);
  return await readRows(engine);
}

async function sourceRows(...tables: readonly string[]): Promise<readonly string[]> {
  const rows = await rowsOf({ ...server.settings, database: "shop" });
  return tables.map((table) => rows.find((line) => line.startsWith(`rows of ${table}:`)) ?? assert.fail(table));
}

describe("RESTORE of a part", () => {
  test("one table", async () => {
    assert.deepEqual(await restored("notes"), await sourceRows('"public"."notes"'));
  });

  test("a partitioned table brings its partitions", async () => {
    const partitions = await sourceRows('"public"."events_2025"', '"public"."events_2026"');
    assert.deepEqual(await restored("public.events"), partitions);
  });

  test("schema.* brings everything of the schema", async () => {
    const all = await sourceRows('"shop"."counts"', '"shop"."customers"', '"shop"."orders"');
    assert.deepEqual(await restored("shop.*"), all);
  });

  test("two tables with the foreign key between them", async () => {
    const both = await sourceRows('"shop"."customers"', '"shop"."orders"');
    assert.deepEqual(await restored("shop.orders, shop.customers"), both);
  });

  test("a table without what its foreign key refers to is refused, and taken when told so", async () => {
    await server.withDatabase(async (settings) => {
      await using target = await openServer(settings);
      const old = await readFingerprint(target);
      const text = `RESTORE TABLE shop.orders FROM LATEST IN '${world.uri}' WITH into_db = '${settings.database}'`;
      const error = await session.fails(text, "restore/dependency");
      assert.match(error.detail.join("\n"), /FK CONSTRAINT shop\.orders orders_customer_fkey needs .*customers/);
      assert.match(error.hint ?? "", /skip_missing_foreign_keys/);
      assert.equal(error.note, "nothing was changed");
      assert.deepEqual(await readFingerprint(target), old);
    });
    const rows = await restored("shop.orders", ", skip_missing_foreign_keys");
    assert.deepEqual(rows, await sourceRows('"shop"."orders"'));
  });

  test("a view needs its tables", async () => {
    await server.withDatabase(async ({ database }) => {
      const from = `FROM LATEST IN '${world.uri}' WITH into_db = '${database}'`;
      const error = await session.fails(`RESTORE TABLE shop.totals ${from}`, "restore/dependency");
      assert.match(error.hint ?? "", /skip_missing_views/);
      await session.ok(`RESTORE TABLE shop.totals, shop.orders, shop.customers ${from}`);
    });
  });

  test("schema_only brings definitions without rows", async () => {
    await server.withDatabase(async ({ database }) => {
      await session.ok(`DROP DATABASE ${database}`);
      const options = `new_db_name = '${database}', schema_only, verify_backup_table_data`;
      await session.ok(`RESTORE DATABASE shop FROM LATEST IN '${world.uri}' WITH ${options}`);
      const copy = world.postgres({ ...server.settings, database });
      const { rows } = await copy.ok(
        "SELECT (SELECT count(*) FROM shop.orders), to_regclass('shop.orders_by_customer')",
      );
      assert.deepEqual(rows, [["0", "shop.orders_by_customer"]]);
      await copy.close();
    });
  });

  test("a backup of some tables holds just these, and restores as a whole", async () => {
    const uri = `${world.uri}-tables`;
    await session.ok(`BACKUP TABLE notes, public.events INTO '${uri}' WITH encryption_passphrase = 'x'`);
    await session.ok(
      `RESTORE DATABASE shop FROM LATEST IN '${uri}' WITH new_db_name = 'part', encryption_passphrase = 'x'`,
    );
    const part = await rowsOf({ ...server.settings, database: "part" });
    assert.deepEqual(part, await sourceRows('"public"."events_2025"', '"public"."events_2026"', '"public"."notes"'));
    await session.ok("DROP DATABASE part");
  });
});

test("a whole server comes to another one with its databases and roles", async () => {
  const uri = `${world.uri}-server`;
  const { notices } = await session.ok(`BACKUP INTO '${uri}' WITH encryption_passphrase = 'x'`);
  assert.deepEqual(notices, []);
  const second = await startPostgres();
  try {
    const other = world.postgres(second.settings);
    await other.ok(`RESTORE FROM LATEST IN '${uri}' WITH encryption_passphrase = 'x'`);
    for (const query of [
      "SELECT rolname, rolcanlogin, rolpassword FROM pg_authid WHERE oid >= 16384 ORDER BY 1",
      "SELECT roleid::regrole, member::regrole FROM pg_auth_members WHERE roleid >= 16384 ORDER BY 1, 2",
      "SELECT datname, pg_get_userbyid(datdba), datacl FROM pg_database ORDER BY 1",
      "SELECT (SELECT datname FROM pg_database WHERE oid = setdatabase), setrole::regrole, setconfig FROM pg_db_role_setting ORDER BY 1, 2",
    ]) {
      assert.deepEqual((await other.ok(query)).rows, (await session.ok(query)).rows, query);
    }
    for (const database of ["shop", "empty_one"]) {
      await using there = await openServer({ ...second.settings, database });
      await using here = await openServer({ ...server.settings, database });
      assert.deepEqual(await readState(there), await readState(here));
    }
  } finally {
    await second.stop();
  }
});

test("a whole server in the clear leaves passwords out and says so", async () => {
  const { notices } = await session.ok(`BACKUP INTO '${world.uri}-clear'`);
  assert.match(notices.join("\n"), /WARNING: the backup is not encrypted, so the roles' passwords are left out/);
});
