import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";

let server: TestPostgres;
let world: BackupWorld;
let session: TestSession;

before(async () => {
  world = await BackupWorld.open();
  server = await startPostgres();
  const admin = world.postgres(server.settings);
  await admin.ok("CREATE DATABASE source");
  session = world.postgres({ ...server.settings, database: "source" });
  await session.ok(`CREATE ROLE here; CREATE ROLE gone; CREATE ROLE "TO gone, here";
    CREATE TABLE t (a int); ALTER TABLE t ENABLE ROW LEVEL SECURITY; GRANT SELECT ON t TO here;
    INSERT INTO t VALUES (1), (-1);
    CREATE POLICY everybody ON t USING (a > 0);
    CREATE POLICY "TO gone" ON t FOR SELECT TO gone, here, "TO gone, here" USING (a < 0 OR 'x TO gone' SIMILAR TO 'y');
    COMMENT ON POLICY "TO gone" ON t IS 'for two';
    CREATE POLICY lost ON t TO gone USING (true) WITH CHECK (true);
    COMMENT ON POLICY lost ON t IS 'nobody is left';
    CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
    CREATE USER MAPPING FOR gone SERVER s OPTIONS ("user" 'FOR here');
    CREATE USER MAPPING FOR here SERVER s; CREATE USER MAPPING FOR PUBLIC SERVER s`);
  await session.ok(`BACKUP DATABASE source INTO '${world.uri}/fit'`);
  await session.ok("CREATE POLICY walls ON t AS RESTRICTIVE TO gone, here USING (a > 10)");
  await session.ok(`BACKUP DATABASE source INTO '${world.uri}/walled'`);
  await session.ok("CREATE TABLE plain (b int)");
  await session.ok(`BACKUP DATABASE source INTO '${world.uri}/plain'`);
  await session.ok('DROP POLICY walls ON t; DROP POLICY "TO gone" ON t; DROP POLICY lost ON t');
  await session.ok("DROP USER MAPPING FOR gone SERVER s");
  await session.ok('DROP ROLE gone; DROP ROLE "TO gone, here"');
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await server.stop();
});

test("policies and user mappings of roles that do not exist give nobody more than before", async () => {
  const restore = `RESTORE DATABASE source FROM LATEST IN '${world.uri}/fit' WITH new_db_name = 'copy'`;
  const { notices } = await session.ok(restore);
  assert.deepEqual(notices.toSorted(), [
    "NOTICE: role gone does not exist here: POLICY public.t lost is left out",
    "NOTICE: role gone does not exist here: USER MAPPING gone SERVER s is left out",
    "NOTICE: roles gone, TO gone, here do not exist here: POLICY public.t TO gone is restored without",
  ]);
  const copy = world.postgres({ ...server.settings, database: "copy" });
  const policies = await copy.ok("SELECT policyname, roles FROM pg_policies ORDER BY 1");
  assert.deepEqual(policies.rows, [
    ["TO gone", "{here}"],
    ["everybody", "{public}"],
  ]);
  const comments = await copy.ok("SELECT description FROM pg_description WHERE classoid = 'pg_policy'::regclass");
  assert.deepEqual(comments.rows, [["for two"]]);
  const mappings = await copy.ok("SELECT usename FROM pg_user_mappings ORDER BY 1");
  assert.deepEqual(mappings.rows, [["here"], ["public"]]);
  const seen = await copy.ok("SET ROLE here; SELECT a FROM t ORDER BY a");
  assert.deepEqual(seen.rows, [["-1"], ["1"]]);
  await copy.close();
});

test("a restrictive policy of a role that does not exist is refused before anything is changed", async () => {
  const restore = `RESTORE DATABASE source FROM LATEST IN '${world.uri}/walled' WITH new_db_name = 'walled'`;
  const error = await session.fails(restore, "restore/dependency");
  assert.equal(error.message, "restrictive policies name roles that do not exist here");
  assert.deepEqual(error.detail, ["POLICY public.t walls restricts gone"]);
  assert.match(error.hint ?? "", /^create them first \(CREATE ROLE …\): gone;/);
  const { rows } = await session.ok("SELECT datname FROM pg_database WHERE datname = 'walled'");
  assert.deepEqual(rows, []);
});

test("what is not chosen needs no roles", async () => {
  const { notices } = await session.ok(`DROP TABLE plain; RESTORE TABLE plain FROM LATEST IN '${world.uri}/plain'`);
  assert.deepEqual(notices, []);
});
