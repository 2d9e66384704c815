// What was meant by a table or function that is not there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";

let server: TestPostgres;
let world: BackupWorld;
let session: TestSession;
before(async () => {
  server = await startPostgres();
  world = await BackupWorld.open();
  session = world.postgres(server.settings);
  await session.ok("create table orders (a int); create schema s; create table s.invoices (a int)");
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await server.stop();
});

const cases: readonly (readonly [sql: string, hint: string | undefined])[] = [
  ["select * from ordres", "did you mean orders?"],
  ["select * from s.invoice", "did you mean s.invoices?"],
  ["select * from invoices", "did you mean s.invoices?"],
  ["select * from something_else", undefined],
  ["select lenght('a')", "did you mean length?"],
  // The name is right, its arguments are not: the server's own words.
  [
    "select length(1, 2, 3)",
    "No function matches the given name and argument types. You might need to add explicit type casts.",
  ],
];
for (const [sql, hint] of cases) {
  test(`${sql}: ${hint ?? "nothing is near"}`, async () => {
    assert.equal((await session.fails(sql, "engine/failed")).hint, hint);
  });
}

test("inside a transaction nothing is asked, and it stays as it is", async () => {
  await session.ok("begin");
  assert.equal((await session.fails("select * from ordres", "engine/failed")).hint, undefined);
  assert.equal(session.live.transaction, "failed");
  await session.ok("rollback");
});
