import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { confirmationFor, questionOf, unconfirmed } from "../../../repl/guard/confirmation.ts";
import type { Profile } from "../../../repl/guard/guard.ts";
import { askingGuard, isConfirmed, printQuestion, scriptGuard } from "../../../repl/guard/guards.ts";
import { hazardsOf } from "../../../src/index.ts";
import { BackupWorld } from "../../harness/backup-world.ts";
import { startPostgres } from "../../harness/postgres-server.ts";
import { FakeSession } from "../../harness/script-stage.ts";

const PROD: Profile = { name: "prod", production: true, readOnly: false, asks: true };
const DEV: Profile = { name: "dev", production: false, readOnly: false, asks: true };

function questions(text: string, rows?: number): (string | undefined)[] {
  return hazardsOf(text).map((hazard) => questionOf(hazard, rows === undefined ? {} : { rows }, "shop"));
}

suite("questions", () => {
  const cases: readonly (readonly [text: string, rows: number | undefined, question: string])[] = [
    ["delete from orders", 4_123_456, "DELETE FROM orders has no WHERE: delete about 4,100,000 rows?"],
    ["delete from orders", undefined, "DELETE FROM orders has no WHERE: delete all its rows?"],
    ['update "Odd Name".t set a = 1', 1, 'UPDATE "Odd Name".t has no WHERE: change about 1 row?'],
    ["truncate a, b", 1234, "TRUNCATE a, b: delete about 1,200 rows?"],
    ["truncate a, b, c, d, e, f, g", undefined, "TRUNCATE a, b, c, d, e and 2 more: delete all rows?"],
    ["drop table a cascade", 999, "DROP TABLE a and all that depends on it, about 999 rows?"],
    ["drop materialized view v", undefined, "DROP MATERIALIZED VIEW v?"],
    ["alter table t drop x", 10, "ALTER TABLE t drops column x of about 10 rows: go on?"],
    ["drop cast (a as b)", undefined, "DROP CAST ( a as b )?"],
    [
      "alter type t drop attribute x",
      undefined,
      "ALTER TYPE t drops attribute x, and the column of tables of the type: go on?",
    ],
  ];
  for (const [text, rows, question] of cases) {
    test(question, () => assert.deepEqual(questions(text, rows), [question]));
  }

  test("RESTORE asks unless the database is empty", () => {
    const restore = (tables: number, rows: number): string | undefined =>
      questionOf({ kind: "restore" }, { contents: { tables, rows } }, "shop");
    assert.equal(restore(0, 0), undefined);
    assert.equal(restore(1, 0), "RESTORE into shop, which holds 1 table: go on?");
    assert.equal(restore(12, 3_400_000), "RESTORE into shop, which holds 12 tables with about 3,400,000 rows: go on?");
    assert.equal(questionOf({ kind: "restore" }, {}, ""), "RESTORE into the database: go on?");
  });
});

suite("who is asked what", () => {
  test("nothing is asked about what destroys little, nor in a profile without questions", async () => {
    const session = new FakeSession();
    assert.equal(await confirmationFor("delete from t where a", undefined, session), undefined);
    assert.equal(await confirmationFor("drop table t", { ...DEV, asks: false }, session), undefined);
    assert.deepEqual(session.sent, []);
  });

  test("a y is enough, but for production the database's name is typed", async () => {
    const session = new FakeSession();
    session.transaction = "open";
    const plain = await confirmationFor("drop table t; truncate u", undefined, session);
    assert.deepEqual(plain, {
      question: "DROP TABLE t?",
      detail: ["and: TRUNCATE u: delete all rows?", "a transaction is open: ROLLBACK would undo it"],
      answer: { kind: "yes" },
    });
    session.transaction = "failed";
    const strict = await confirmationFor("drop table t", PROD, session);
    assert.ok(strict !== undefined);
    assert.equal(
      printQuestion(strict),
      "DROP TABLE t?\n  profile prod: database shop at db.example:5432\ntype shop to go on: ",
    );
    assert.deepEqual(
      ["shop ", "y", "yes", "Shop", ""].map((typed) => isConfirmed(strict, typed)),
      [true, false, false, false, false],
    );
    assert.deepEqual(
      ["y", "YES ", "n", "", "ya"].map((typed) => isConfirmed(plain, typed)),
      [true, true, false, false, false],
    );
  });

  test("an answer that is no yes keeps the statement from running", async () => {
    const guard = askingGuard(DEV, async ({ question }) => Promise.resolve(question.includes("good")));
    const session = new FakeSession();
    assert.equal(guard.check("drop table bad"), undefined);
    assert.equal(await guard.confirm("drop table good", session, undefined), undefined);
    const refusal = await guard.confirm("drop table bad", session, undefined);
    assert.equal(refusal?.code, "statement/unconfirmed");
  });

  test("scripts are never asked; in production they need --yes", async () => {
    assert.equal(scriptGuard(undefined), undefined);
    assert.equal(scriptGuard(DEV), undefined);
    const guard = scriptGuard(PROD);
    assert.equal(guard?.check("delete from t where a"), undefined);
    const refusal = await guard?.confirm("delete from t", new FakeSession(), undefined);
    assert.equal(refusal?.message, "DELETE FROM t has no WHERE, and profile prod is for production");
    assert.equal(refusal?.hint, "--yes says that it is meant");
    assert.equal(
      unconfirmed("restore from latest in 'x'", PROD)?.message,
      "RESTORE into the database, and profile prod is for production",
    );
  });
});

test("estimates come from the catalogue, inside a transaction too", async () => {
  await using server = await startPostgres();
  await using world = await BackupWorld.open();
  await server.withDatabase(async (settings) => {
    const session = world.postgres(settings);
    await session.ok("create schema s");
    await session.ok('create table s."Odd" as select * from generate_series(1, 5432) a');
    await session.ok("create table parts (a int) partition by range (a)");
    await session.ok("create table parts_1 partition of parts for values from (0) to (10000)");
    await session.ok("insert into parts select * from generate_series(1, 999)");
    await session.ok("analyze");
    const asked = async (text: string): Promise<string | undefined> =>
      (await confirmationFor(text, undefined, session.live))?.question;
    assert.equal(await asked('delete from s."Odd"'), 'DELETE FROM s."Odd" has no WHERE: delete about 5,400 rows?');
    assert.equal(await asked('delete from "Odd"'), 'DELETE FROM "Odd" has no WHERE: delete all its rows?');
    assert.equal(await asked('truncate parts, s."Odd"'), 'TRUNCATE parts, s."Odd": delete about 6,400 rows?');
    assert.match(
      (await asked("restore from latest in 'x'")) ?? "",
      /^RESTORE into \w+, which holds 2 tables with about 6,400 rows: go on\?$/,
    );
    // Where it goes counts, not where one is.
    assert.equal(
      await asked("restore table t from latest in 'x' with into_db = 'postgres'"),
      "RESTORE into postgres, a database that is there already: go on?",
    );
    assert.equal(await asked("restore database gone from latest in 'x'"), undefined);
    assert.equal(await asked("restore database postgres from latest in 'x' with new_db_name = 'gone'"), undefined);
    await session.ok("begin");
    assert.equal(await asked("drop table nowhere.such"), "DROP TABLE nowhere.such?");
    assert.equal(session.live.transaction, "open");
    await session.run("select nonsense");
    assert.equal(await asked("drop table parts"), "DROP TABLE parts?");
    await session.close();
  });
});
