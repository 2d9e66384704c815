import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { ShellError } from "../../src/errors.ts";
import type { Row } from "../../src/events.ts";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { embeddedTestDirectory } from "../harness/embedded-directory.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { WatchedStore } from "../harness/watched-store.ts";

let server: TestPostgres;
let world: BackupWorld;
let session: TestSession;
let folder: string;

/** 0x00, 0x01 … in an order that no compressor shortens much. */
const NOISE = "(SELECT string_agg(decode(md5(i::text), 'hex'), '') FROM generate_series(1, 700000) AS i)";

const OBJECTS = `
  CREATE ROLE lo_owner; CREATE ROLE lo_reader; CREATE ROLE lo_friend;
  CREATE TABLE pictures (id int PRIMARY KEY, picture oid);
  INSERT INTO pictures VALUES (1, 60001), (2, 60002);
  SELECT lo_from_bytea(60001, ${NOISE});
  SELECT lo_from_bytea(60002, 'one page');
  SELECT lo_create(60003);
  SELECT lo_create(60004), lo_put(60004, 3000000000000, 'far away'), lo_put(60004, 5, 'near');
  SELECT lo_create(60005), lo_truncate64(lo_open(60005, 131072), 262144);
  SELECT lo_from_bytea(60006, decode(repeat('00', 600000), 'hex'));
  SELECT lo_create(o) FROM generate_series(70000, 70999, 2) AS o;
  SELECT lo_from_bytea(4294967295::oid, 'the last id');
  COMMENT ON LARGE OBJECT 60002 IS 'it''s one "page"';
  ALTER LARGE OBJECT 60002 OWNER TO lo_owner;
  GRANT SELECT ON LARGE OBJECT 60002 TO lo_reader WITH GRANT OPTION;
  SET ROLE lo_reader; GRANT SELECT ON LARGE OBJECT 60002 TO lo_friend; RESET ROLE;
  GRANT ALL ON LARGE OBJECT 60003 TO PUBLIC;
  REVOKE ALL ON LARGE OBJECT 60006 FROM postgres;`;

/** Every object with its owner, rights, comment, size and a digest of its content; of the sparse one its two places. */
const STATE = `SELECT m.oid, pg_get_userbyid(lomowner), lomacl, obj_description(m.oid, 'pg_largeobject'),
    lo_lseek64(lo_open(m.oid, 262144), 0, 2),
    CASE m.oid WHEN 60004 THEN lo_get(m.oid, 3000000000000, 100)::text || lo_get(m.oid, 0, 10)::text
      ELSE md5(lo_get(m.oid)) END
  FROM pg_largeobject_metadata AS m ORDER BY m.oid`;

before(async () => {
  world = await BackupWorld.open();
  server = await startPostgres();
  const admin = world.postgres(server.settings);
  await admin.ok("CREATE DATABASE heavy");
  await admin.close();
  session = world.postgres({ ...server.settings, database: "heavy" });
  await session.ok(OBJECTS);
  folder = await session.backup(
    `BACKUP DATABASE heavy INTO '${world.uri}/heavy' WITH encryption_passphrase = 'secret'`,
  );
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await server.stop();
});

beforeEach(() => {
  world.hooks = {};
});

const from = (): string => `FROM '${folder}' IN '${world.uri}/heavy'`;
const unlock = "encryption_passphrase = 'secret'";

async function stateOf(one: TestSession): Promise<readonly Row[]> {
  return (await one.ok(STATE)).rows;
}

async function inDatabase(database: string, work: (one: TestSession) => Promise<void>): Promise<void> {
  const one = world.postgres({ ...server.settings, database });
  await work(one);
  await one.close();
  await server.dropDatabase(database);
}

describe("large objects come back as they were", () => {
  test("to a server: content, size, owner, rights, comment and id", async () => {
    const { notices } = await session.ok(`RESTORE DATABASE heavy ${from()} WITH new_db_name = 'copy', ${unlock}`);
    assert.deepEqual(notices, []);
    await inDatabase("copy", async (copy) => {
      assert.deepEqual(await stateOf(copy), await stateOf(session));
      const { rows } = await copy.ok("SELECT count(*) <= 256 FROM pg_largeobject WHERE loid = 60004");
      assert.deepEqual(rows, [["t"]], "a sparse object takes the pages of two chunks and no more");
    });
  });

  test("through the embedded engine and back", async () => {
    await using directory = await embeddedTestDirectory();
    const embedded = world.embedded(directory.database);
    await embedded.ok("CREATE ROLE lo_owner; CREATE ROLE lo_reader; CREATE ROLE lo_friend");
    await embedded.ok(`RESTORE DATABASE heavy ${from()} WITH ${unlock}`);
    assert.deepEqual(await stateOf(embedded), await stateOf(session));
    await embedded.ok(`BACKUP INTO '${world.uri}/embedded'`);
    await embedded.close();
    await session.ok(`RESTORE DATABASE postgres FROM LATEST IN '${world.uri}/embedded' WITH new_db_name = 'back'`);
    await inDatabase("back", async (back) => assert.deepEqual(await stateOf(back), await stateOf(session)));
  });

  test("backed up by somebody who may read the objects but not the catalogue's pages", async () => {
    await session.ok("CREATE ROLE plain LOGIN");
    await session.ok("CREATE DATABASE small OWNER plain");
    const plain = world.postgres({ ...server.settings, database: "small", user: "plain" });
    await plain.ok(`SELECT lo_from_bytea(80001, decode(repeat('ab', 600000), 'hex')), lo_create(80002);
      SELECT lo_from_bytea(80003, decode(repeat('00', 600000), 'hex')), lo_put(80003, 2000000, 'x')`);
    await plain.ok(`BACKUP DATABASE small INTO '${world.uri}/small'`);
    await session.ok(`RESTORE DATABASE small FROM LATEST IN '${world.uri}/small' WITH new_db_name = 'small_copy'`);
    await inDatabase("small_copy", async (copy) => assert.deepEqual(await stateOf(copy), await stateOf(plain)));
    await session.ok("CREATE ROLE stranger LOGIN");
    const stranger = world.postgres({ ...server.settings, database: "small", user: "stranger" });
    const { message, note } = await stranger.fails(`BACKUP DATABASE small INTO '${world.uri}/small'`, "engine/failed");
    assert.match(message, /permission denied for large object 80001/);
    assert.equal(note, "nothing was written");
    await stranger.close();
    await plain.close();
  });

  test("roles that are not there are told, and what is theirs goes to who restores", async () => {
    const other = await startPostgres();
    try {
      const there = world.postgres(other.settings);
      const { notices } = await there.ok(`RESTORE DATABASE heavy ${from()} WITH ${unlock}`);
      assert.deepEqual(notices, [
        "NOTICE: role lo_owner does not exist here: 1 large object of its go to the restoring user",
        "NOTICE: role lo_reader does not exist here: its rights on 1 large object are left out",
        "NOTICE: role lo_friend does not exist here: its rights on 1 large object are left out",
      ]);
      const heavy = world.postgres({ ...other.settings, database: "heavy" });
      const { rows } = await heavy.ok(
        "SELECT pg_get_userbyid(lomowner), lomacl FROM pg_largeobject_metadata WHERE oid IN (60002, 60003) ORDER BY oid",
      );
      assert.deepEqual(rows, [
        ["postgres", null],
        ["postgres", "{postgres=rw/postgres,=rw/postgres}"],
      ]);
    } finally {
      await other.stop();
    }
  });

  test("rights that a database gives by default do not widen them", async (t) => {
    if ((await server.versionNumber()) < 180_000) return t.skip("runs on PostgreSQL 18 and newer, which have them");
    await session.ok("CREATE DATABASE generous");
    await inDatabase("generous", async (generous) => {
      await generous.ok("ALTER DEFAULT PRIVILEGES GRANT SELECT ON LARGE OBJECTS TO PUBLIC, lo_reader");
      await generous.ok(`RESTORE DATABASE heavy ${from()} WITH new_db_name = 'generous', ${unlock}`);
      const { rows } = await generous.ok(
        "SELECT oid FROM pg_largeobject_metadata, aclexplode(lomacl) WHERE oid <> 60003 AND grantee IN (0, 'lo_reader'::regrole)",
      );
      assert.deepEqual(rows, [["60002"]]);
    });
  });
});

describe("what does not bring large objects", () => {
  test("schema_only, RESTORE TABLE, and a backup of tables", async () => {
    const tables = await session.backup(`BACKUP TABLE pictures INTO '${world.uri}/tables'`);
    for (const restore of [
      `RESTORE DATABASE heavy ${from()} WITH new_db_name = 'part', schema_only, ${unlock}`,
      `CREATE DATABASE part; RESTORE TABLE pictures ${from()} WITH into_db = 'part', ${unlock}`,
      `RESTORE DATABASE heavy FROM '${tables}' IN '${world.uri}/tables' WITH new_db_name = 'part'`,
    ]) {
      await session.ok(restore);
      await inDatabase("part", async (part) => assert.deepEqual(await stateOf(part), [], restore));
    }
  });
});

describe("a restore that cannot be", () => {
  test("finds ids that are taken before it changes anything", async () => {
    await session.ok("CREATE DATABASE taken");
    await inDatabase("taken", async (taken) => {
      await taken.ok(
        "SELECT lo_from_bytea(60002, 'mine'); SELECT lo_create(o) FROM generate_series(70000, 70040) AS o",
      );
      const old = await stateOf(taken);
      const sql = `RESTORE DATABASE heavy ${from()} WITH new_db_name = 'taken', ${unlock}`;
      const error = await session.fails(sql, "restore/conflict");
      assert.equal(error.message, "the database has large objects of these ids already");
      assert.deepEqual(error.detail.slice(0, 2), ["LARGE OBJECT 60002", "LARGE OBJECT 70000"]);
      assert.equal(error.detail.at(-1), "and 12 more");
      assert.equal(error.note, "nothing was changed");
      assert.deepEqual(await stateOf(taken), old);
      assert.deepEqual((await taken.ok("SELECT to_regclass('public.pictures')")).rows, [[null]]);
    });
  });

  test("takes back those it made and leaves those that were there", async () => {
    await session.ok("CREATE DATABASE half");
    await inDatabase("half", async (half) => {
      await half.ok("SELECT lo_from_bytea(70001, 'between'), lo_from_bytea(59999, 'before')");
      const old = await stateOf(half);
      for (const last of [1, 3, 5]) {
        let reads = 0;
        world.hooks = {
          store: (store) =>
            new WatchedStore(store, async (operation) => {
              // The list is read first to plan; after it come rows and the list once more, then contents.
              if (operation.includes("/data/") && (reads += 1) > last) {
                throw new ShellError("storage/unavailable", "the store does not answer");
              }
            }),
        };
        const sql = `RESTORE DATABASE heavy ${from()} WITH new_db_name = 'half', ${unlock}`;
        const error = await session.fails(sql, "storage/unavailable");
        assert.match(error.note ?? "", /^everything this restore had made was dropped/);
        assert.deepEqual(await stateOf(half), old);
      }
    });
  });
});

describe("statements about a backup tell its large objects", () => {
  test("SHOW BACKUP", async () => {
    const { columns, rows } = await session.ok(`SHOW BACKUP ${from()} WITH check_files, privileges, ${unlock}`);
    const row = rows.find((one) => one[columns.indexOf("object_type")] === "large objects");
    const cell = (name: string): string | null | undefined => row?.[columns.indexOf(name)];
    assert.equal(cell("database_name"), "heavy");
    assert.equal(cell("object_name"), "large objects");
    assert.equal(cell("rows"), "507");
    assert.ok(Number(cell("size_bytes")) > 11_200_000 && Number(cell("file_bytes")) > 11_200_000);
    assert.deepEqual([cell("privileges"), cell("owner")], [null, null]);
    const files = await session.ok(`SHOW BACKUP FILES ${from()} WITH ${unlock}`);
    const named = files.rows.filter((one) => one[2]?.startsWith("/heavy/pg_catalog/pg_largeobject/"));
    assert.ok(named.length >= 2, "more than one segment");
  });

  test("VERIFY BACKUP reads them", async () => {
    const { rows } = await session.ok(`VERIFY BACKUP ${from()} WITH ${unlock}`);
    const named = rows.map((row) => [row[2], row[4], row.at(-1)]);
    assert.deepEqual(named.slice(0, 2), [
      ["pictures", "2", "ok"],
      ["pg_largeobject_metadata", "507", "ok"],
    ]);
    assert.equal(named[2]?.[0], "pg_largeobject");
  });

  test("BACKUP counts their bytes and not their chunks", async () => {
    const { columns, rows } = await session.ok(`BACKUP DATABASE heavy INTO '${world.uri}/count'`);
    assert.equal(rows[0]?.[columns.indexOf("rows")], "2");
    assert.ok(Number(rows[0]?.[columns.indexOf("bytes")]) > 11_200_000);
  });
});
