import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import type { Event } from "../../src/events.ts";
import { ShellError } from "../../src/errors.ts";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { SMALL_SHOP } from "../harness/small-shop.ts";
import { WatchedStore } from "../harness/watched-store.ts";

let server: TestPostgres;
let world: BackupWorld;
let session: TestSession;
/** Data is written and read only when a test opens it. */
let gate: PromiseWithResolvers<void>;

before(async () => {
  world = await BackupWorld.open();
  server = await startPostgres();
  await world.postgres(server.settings).ok("CREATE DATABASE shop");
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await server.stop();
});

beforeEach(() => {
  gate = Promise.withResolvers();
  world.hooks = {
    store: (store) =>
      new WatchedStore(store, async (operation) => {
        if (operation.includes("/data/")) await gate.promise;
      }),
  };
  session = world.postgres({ ...server.settings, database: "shop" });
});

// A test that failed before it opened the gate leaves a job that would wait for ever, and the session's end for it.
afterEach(() => gate.resolve());

async function start(sql: string): Promise<string> {
  const { columns, rows } = await session.ok(sql);
  assert.deepEqual(columns, ["job_id"]);
  return rows[0]?.[0] ?? assert.fail("no job");
}

async function statusOf(id: string, when = ""): Promise<readonly (string | null)[]> {
  const { columns, rows } = await session.ok(`SHOW JOB ${when} '${id}'`);
  assert.equal(rows.length, 1);
  return ["job_type", "status", "error"].map((name) => rows[0]?.[columns.indexOf(name)] ?? null);
}

async function settle(): Promise<readonly Event[]> {
  const events: Event[] = [];
  for await (const event of session.live.settle()) events.push(event);
  return events;
}

describe("detached jobs", () => {
  test("run beside the session and are told of when they end", async () => {
    await session.ok(SMALL_SHOP);
    const id = await start(`BACKUP DATABASE shop INTO '${world.uri}' WITH detached, encryption_passphrase = 'hush'`);
    assert.deepEqual((await session.ok("SELECT 1")).rows, [["1"]]);
    assert.deepEqual(await statusOf(id), ["BACKUP", "running", null]);
    const { columns, rows } = await session.ok("SHOW JOBS");
    const description = rows[0]?.[columns.indexOf("description")] ?? "";
    assert.match(description, /^BACKUP DATABASE shop INTO /);
    assert.doesNotMatch(description, /hush/);
    gate.resolve();
    assert.deepEqual(await statusOf(id, "WHEN COMPLETE"), ["BACKUP", "succeeded", null]);
    const { notices } = await session.ok("SELECT 2");
    assert.deepEqual(notices, [`INFO: job ${id} (BACKUP) succeeded`]);

    const restore = `RESTORE DATABASE shop FROM LATEST IN '${world.uri}' WITH new_db_name = 'copy', detached, encryption_passphrase = 'hush'`;
    const second = await start(restore);
    assert.deepEqual(await statusOf(second, "WHEN COMPLETE"), ["RESTORE", "succeeded", null]);
    const copied = "SELECT count(*) FROM pg_database WHERE datname = 'copy'";
    assert.deepEqual((await session.ok(copied)).rows, [["1"]]);
    assert.deepEqual(await settle(), []);
    await session.close();
  });

  test("are taken back when they are cancelled", async () => {
    const old = await world.files();
    const id = await start(`BACKUP DATABASE shop INTO '${world.uri}' WITH detached`);
    while (Object.keys(await world.files()).length === Object.keys(old).length) await sleep(5);
    const canceled = session.ok(`CANCEL JOB '${id}'`);
    gate.resolve();
    await canceled;
    const [type, status, error] = await statusOf(id);
    assert.deepEqual([type, status], ["BACKUP", "canceled"]);
    assert.match(error ?? "", /^job\/interrupted/);
    assert.deepEqual(await world.files(), old);
    await session.close();
  });

  test("that fail are failures of the script that waits for them", async () => {
    world.hooks = {
      store: (store) =>
        new WatchedStore(store, async (operation) => {
          if (operation.includes("/data/")) throw new ShellError("storage/full", "the disk is full");
        }),
    };
    const old = await world.files();
    const id = await start(`BACKUP DATABASE shop INTO '${world.uri}' WITH detached`);
    const events = await settle();
    assert.deepEqual(
      events.map((event) => (event.type === "failed" ? event.error.code : event.type)),
      ["notice", "storage/full"],
    );
    assert.deepEqual((await statusOf(id)).slice(0, 2), ["BACKUP", "failed"]);
    assert.deepEqual(await world.files(), old);
    await session.close();
  });

  test("an unknown job is refused with where to look", async () => {
    for (const sql of ["SHOW JOB 'nobody'", "CANCEL JOB 'nobody'", "SHOW JOB WHEN COMPLETE 'nobody'"]) {
      const error = await session.fails(sql, "option/value");
      assert.match(error.hint ?? "", /SHOW JOBS/);
    }
    await session.close();
  });
});
