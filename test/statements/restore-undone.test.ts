import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Engine } from "../../src/engines/engine.ts";
import { ShellError } from "../../src/errors.ts";
import { BackupWorld, openServer, type TestSession } from "../harness/backup-world.ts";
import { readFingerprint } from "../harness/database-state.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { unchanged, type Refusal } from "../harness/refusal.ts";
import { SMALL_SHOP } from "../harness/small-shop.ts";
import { WatchedStore } from "../harness/watched-store.ts";

let server: TestPostgres;
let world: BackupWorld;
let session: TestSession;
let observer: Engine;
/** Collections: in the clear, under two keys. */
let clear: string;
let keyed: string;

before(async () => {
  world = await BackupWorld.open();
  server = await startPostgres();
  [clear, keyed] = [`${world.uri}/clear`, `${world.uri}/keyed`];
  const admin = world.postgres(server.settings);
  await admin.ok("CREATE DATABASE shop");
  await admin.ok("CREATE DATABASE target");
  await admin.close();
  observer = await openServer({ ...server.settings, database: "target" });
  session = world.postgres({ ...server.settings, database: "shop" });
  await session.ok(SMALL_SHOP);
  for (const name of ["one", "two"]) await session.ok(`CREATE KMS KEY 'local-kms:///${name}'`);
  await session.ok(`BACKUP DATABASE shop INTO '${keyed}' WITH kms = ('local-kms:///one', 'local-kms:///two')`);
});

after(async () => {
  await observer[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
  await server.stop();
});

beforeEach(() => {
  world.hooks = {};
});

const refused = (sql: string, refusal: Refusal): Promise<ShellError> =>
  unchanged({ world, observer }, async () => (await session.run(sql)).error, refusal);

describe("RESTORE that fails halfway leaves nothing", () => {
  const note = /^everything this restore had made was dropped; the database is as it was$/;
  const into = "WITH into_db = 'target', kms = 'local-kms:///two'";

  test("interrupted in any phase", async () => {
    for (const at of ["locate", "preflight", "schema", "load", "constraints"]) {
      const work = async (): Promise<ShellError | undefined> => {
        const stop = new AbortController();
        const sql = `RESTORE TABLE shop.*, public.* FROM LATEST IN '${keyed}' ${into}`;
        let error: ShellError | undefined;
        for await (const event of session.live.execute(sql, { signal: stop.signal })) {
          if (event.type === "phase" && event.phase === at) stop.abort();
          if (event.type === "failed") ({ error } = event);
        }
        return error;
      };
      // The first of the definitions is made after the last chance to stop.
      const early = at === "locate" || at === "preflight" || at === "schema";
      const refusal = { code: "job/interrupted", message: /^interrupted$/, note: early ? /./ : note } as const;
      await unchanged({ world, observer }, work, refusal);
    }
  });

  test("nobody reads its events any more", async () => {
    const old = await readFingerprint(observer);
    const sql = `RESTORE TABLE shop.*, public.* FROM LATEST IN '${keyed}' ${into}`;
    for await (const event of session.live.execute(sql)) {
      if (event.type === "phase" && event.phase === "constraints") break;
    }
    assert.deepEqual(await readFingerprint(observer), old);
  });

  test("a new database is dropped again", async () => {
    const sql = `RESTORE DATABASE shop FROM LATEST IN '${keyed}' WITH new_db_name = 'fresh', kms = 'local-kms:///one'`;
    const error = new ShellError("storage/unavailable", "the store does not answer");
    world.hooks = {
      store: (store) =>
        new WatchedStore(store, async (operation) => {
          if (operation.includes("/data/")) throw error;
        }),
    };
    await refused(sql, { code: "storage/unavailable", message: /does not answer/, note });
  });

  test("a new database says that it is unfinished until it is whole, and is not restored into", async () => {
    const sql = `RESTORE DATABASE shop FROM LATEST IN '${keyed}' WITH new_db_name = 'fresh', kms = 'local-kms:///one'`;
    const comment = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'fresh'";
    const during: unknown[] = [];
    world.hooks = {
      store: (store) =>
        new WatchedStore(store, async (operation) => {
          if (operation.includes("/data/")) during.push((await observer.rows(comment))[0]?.[0]);
        }),
    };
    await session.ok(sql);
    assert.match(String(during[0]), /^unfinished/);
    assert.deepEqual(await observer.rows(comment), [[null]]);
    await observer.rows(`COMMENT ON DATABASE fresh IS '${String(during[0])}'`);
    const error = await session.fails(sql, "restore/conflict");
    assert.match(error.hint ?? "", /DROP DATABASE "fresh"/);
    await observer.rows("DROP DATABASE fresh");
  });

  test("the server ends its connections while rows are loaded", async () => {
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'target' AND pid <> pg_backend_pid()`;
    world.hooks = {
      store: (store) =>
        new WatchedStore(store, async (operation) => {
          if (operation.includes("/data/")) await observer.rows(end);
        }),
    };
    const sql = `RESTORE TABLE shop.*, public.* FROM LATEST IN '${keyed}' ${into}`;
    await refused(sql, { code: "engine/lost", message: /connection/, note });
  });

  test("an index that the rows break takes everything back", async () => {
    await session.ok(`CREATE TABLE public.twice AS SELECT 1 AS a FROM generate_series(1, 2)`);
    await session.ok(`CREATE FUNCTION public.fails(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS
      $$ BEGIN IF current_database() = 'target' THEN RAISE EXCEPTION 'not here'; END IF; RETURN $1; END $$;
      CREATE INDEX broken ON public.twice (public.fails(a))`);
    await session.ok(`BACKUP DATABASE shop INTO '${clear}-broken'`);
    const sql = `RESTORE TABLE shop.*, public.* FROM LATEST IN '${clear}-broken' WITH into_db = 'target'`;
    await refused(sql, { code: "engine/failed", message: /^not here$/, detail: /INDEX public\.broken/, note });
  });

  test("afterwards the same restore works", async () => {
    await session.ok(`RESTORE TABLE shop.*, public.* FROM LATEST IN '${keyed}' ${into}`);
  });
});
