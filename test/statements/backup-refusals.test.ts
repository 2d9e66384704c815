import assert from "node:assert/strict";
import { chmod, mkdir, readdir, rename, rm } from "node:fs/promises";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Engine } from "../../src/engines/engine.ts";
import { ShellError, type Code } from "../../src/errors.ts";
import { BackupWorld, openServer, type TestSession } from "../harness/backup-world.ts";
import { readFingerprint } from "../harness/database-state.ts";
import { FaultyStore } from "../harness/faulty-store.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { SMALL_SHOP } from "../harness/small-shop.ts";
import { WatchedStore } from "../harness/watched-store.ts";

let server: TestPostgres;
let world: BackupWorld;
let session: TestSession;
let observer: Engine;
let uri: string;

before(async () => {
  world = await BackupWorld.open();
  server = await startPostgres();
  uri = world.uri;
  const admin = world.postgres(server.settings);
  await admin.ok("CREATE DATABASE shop");
  await admin.ok("CREATE DATABASE target");
  await admin.close();
  observer = await openServer({ ...server.settings, database: "target" });
  session = world.postgres({ ...server.settings, database: "shop" });
  await session.ok(SMALL_SHOP);
  for (const name of ["one", "two", "stranger", "lost"]) await session.ok(`CREATE KMS KEY 'local-kms:///${name}'`);
  await rename(`${world.keyring}/lost.key`, `${world.keyring}/lost.away`);
});

after(async () => {
  await observer[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
  await server.stop();
});

beforeEach(() => {
  world.hooks = {};
});

interface Refusal {
  readonly code: Code;
  readonly message: RegExp;
  readonly hint?: RegExp;
  readonly note?: string;
  readonly detail?: RegExp;
  /** The text that the error points at. */
  readonly at?: string;
}

/** The statement fails in exactly this way, and neither the store nor the database is other than before. */
async function refused(sql: string, refusal: Refusal): Promise<ShellError> {
  const before = { files: await world.files(), database: await readFingerprint(observer) };
  const error = await session.fails(sql, refusal.code);
  assert.match(error.message, refusal.message);
  if (refusal.hint !== undefined) assert.match(error.hint ?? "", refusal.hint);
  if (refusal.detail !== undefined) assert.match(error.detail.join("\n"), refusal.detail);
  if (refusal.at !== undefined) assert.equal(sql.slice(error.span?.start, error.span?.end), refusal.at);
  assert.equal(error.note, refusal.note ?? "nothing was written", sql);
  const after = { files: await world.files(), database: await readFingerprint(observer) };
  assert.deepEqual(after, before);
  return error;
}

const BOTH = /^cannot have both encryption_passphrase and kms option set$/;
const CHANGED = "nothing was changed";

describe("BACKUP refuses", () => {
  const cases: readonly (readonly [string, Refusal])[] = [
    [
      "BACKUP DATABASE shpo INTO $",
      { code: "backup/target", message: /^database "shpo" does not exist$/, hint: /did you mean shop\?/, at: "shpo" },
    ],
    [
      "BACKUP TABLE notse INTO $",
      { code: "backup/target", message: /^table "notse" does not exist$/, hint: /did you mean notes\?/ },
    ],
    [
      "BACKUP TABLE shop.ordres INTO $",
      { code: "backup/target", message: /does not exist/, hint: /did you mean shop\.orders\?/, at: "shop.ordres" },
    ],
    [
      "BACKUP TABLE orders INTO $",
      { code: "backup/target", message: /does not exist/, hint: /^did you mean shop\.orders\?$/, at: "orders" },
    ],
    ["BACKUP TABLE shpo.* INTO $", { code: "backup/target", message: /^schema "shpo" does not exist/ }],
    [
      "BACKUP INTO LATEST IN $",
      { code: "engine/unsupported", message: /^incremental backups are not supported yet$/, hint: /full backup/ },
    ],
    ["BACKUP INTO '2026/01/01-000000.00' IN $", { code: "engine/unsupported", message: /^incremental backups/ }],
    [
      "BACKUP INTO $ AS OF SYSTEM TIME '-10s'",
      { code: "engine/unsupported", message: /needs CockroachDB/, hint: /leave it out/ },
    ],
    [
      "BACKUP INTO $ WITH revision_history",
      { code: "engine/unsupported", message: /^revision_history needs a CockroachDB cluster$/ },
    ],
    [
      "BACKUP INTO $ WITH encryption_passphrase = ''",
      { code: "option/value", message: /^encryption_passphrase is empty$/, note: CHANGED },
    ],
    ["BACKUP INTO $ WITH rows = 'parquet'", { code: "option/value", message: /^rows must be/ }],
    [
      "BACKUP INTO $ WITH kms = 'local-kms:///one', encryption_passphrase = 'x'",
      { code: "option/conflict", message: BOTH, note: CHANGED },
    ],
    [
      "BACKUP INTO ($, 'file:///elsewhere')",
      { code: "location/invalid", message: /^multiple URLs are provided/, note: CHANGED },
    ],
    [
      "BACKUP DATABASE shop INTO $ WITH kms = ('local-kms:///one', 'local-kms:///one')",
      { code: "option/conflict", message: /both named/ },
    ],
  ];
  for (const [sql, refusal] of cases) {
    test(sql, async () => void (await refused(sql.replace("$", `'${uri}'`), refusal)));
  }

  test("when one of several keys is out of reach, with a line for every key", async () => {
    const sql = `BACKUP DATABASE shop INTO '${uri}' WITH kms = ('local-kms:///one', 'local-kms:///lost')`;
    const message = /^1 of 2 master keys could not wrap the data key$/;
    const detail = /^1 {2}local-kms:\/\/\/one +ok\n2 {2}local-kms:\/\/\/lost +not found/;
    const error = await refused(sql, { code: "key/unavailable", message, detail, hint: /KEYRING/ });
    assert.equal(error.exitStatus, 12);
  });

  test("inside a transaction", async () => {
    await session.ok("BEGIN");
    const message = /^BACKUP cannot be used inside a multi-statement transaction without DETACHED option$/;
    await refused(`BACKUP INTO '${uri}'`, { code: "statement/transaction", message, hint: /COMMIT or ROLLBACK/ });
    await session.ok("ROLLBACK");
  });

  test(
    "a place that cannot be written",
    { skip: process.platform !== "linux" && "runs on Linux, which has /proc" },
    async () => {
      await mkdir(`${world.directory}/file`, { recursive: true });
      const sql = `BACKUP INTO 'file:///proc/nowhere'`;
      const { exitStatus } = await refused(sql, { code: "storage/not-found", message: /nowhere/ });
      assert.equal(exitStatus, 10);
      if (process.getuid?.() === 0) return;
      await chmod(`${world.directory}/file`, 0o500);
      await refused(`BACKUP INTO 'file://${world.directory}/file'`, {
        code: "storage/denied",
        message: /permission denied/,
      });
    },
  );
});

describe("BACKUP that fails halfway leaves nothing", () => {
  for (const at of [5, 6, 7, 8]) {
    test(`the disk is full at operation ${at}`, async () => {
      const error = new ShellError("storage/full", "the file cannot be written: no space is left on the disk", {
        hint: "free some space, or choose another place",
      });
      world.hooks = { store: (store) => new FaultyStore(store, { atOperation: at, when: "midway", error }) };
      await refused(`BACKUP DATABASE shop INTO '${uri}' WITH kms = 'local-kms:///one'`, {
        code: "storage/full",
        message: /no space/,
        hint: /free some space/,
      });
    });
  }

  test("the connection is lost, and the session goes on with another", async () => {
    const end =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shop' AND pid <> pg_backend_pid()";
    world.hooks = {
      store: (store) =>
        new WatchedStore(store, async (operation) => {
          if (operation.startsWith("put ") && operation.endsWith("/ENCRYPTION_INFO")) await observer.rows(end);
        }),
    };
    const sql = `BACKUP DATABASE shop INTO '${uri}' WITH kms = 'local-kms:///one'`;
    const error = await refused(sql, { code: "engine/lost", message: /connection/ });
    assert.equal(error.exitStatus, 2);
    world.hooks = {};
    assert.deepEqual((await session.ok("SELECT 1")).rows, [["1"]]);
  });

  test("it is interrupted", async () => {
    const before = await world.files();
    const folders = async (): Promise<readonly string[]> =>
      (await readdir(world.directory, { recursive: true })).toSorted();
    const foldersBefore = await folders();
    for (const at of ["keys", "snapshot", "export", "manifest"]) {
      const stop = new AbortController();
      const events = session.live.execute(`BACKUP DATABASE shop INTO '${uri}'`, { signal: stop.signal });
      let error: ShellError | undefined;
      for await (const event of events) {
        if (event.type === "phase" && event.phase === at) stop.abort();
        if (event.type === "failed") ({ error } = event);
      }
      assert.equal(error?.code, "job/interrupted", at);
      assert.equal(error.exitStatus, 130);
      assert.equal(error.note, "nothing was written", at);
      assert.deepEqual(await world.files(), before);
      assert.deepEqual(await folders(), foldersBefore);
    }
  });

  test("nobody reads its events any more", async () => {
    const before = await world.files();
    for await (const event of session.live.execute(`BACKUP DATABASE shop INTO '${uri}'`)) {
      if (event.type === "progress") break;
    }
    assert.deepEqual(await world.files(), before);
  });

  test("what cannot be deleted is named", async () => {
    const error = new ShellError("storage/unavailable", "the store is gone");
    world.hooks = { store: (store) => new FaultyStore(store, { atOperation: 6, when: "before", error, stays: true }) };
    const failure = await session.fails(`BACKUP DATABASE shop INTO '${uri}'`, "storage/unavailable");
    assert.match(failure.note ?? "", /^no backup was made; \d+ objects could not be deleted: \d{4}\//);
    world.hooks = {};
    assert.deepEqual((await session.ok(`SHOW BACKUPS IN '${uri}'`)).rows, []);
    await rm(`${world.directory}/collection`, { recursive: true });
  });
});
