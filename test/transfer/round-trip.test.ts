import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isSealed } from "../../src/crypto/cockroach-file.ts";
import { DataKey } from "../../src/crypto/data-key.ts";
import type { CopyInTarget, Engine, Snapshot, TableInfo } from "../../src/engines/engine.ts";
import { openPostgres } from "../../src/engines/postgres/engine.ts";
import type { PostgresSettings } from "../../src/engines/postgres/settings.ts";
import { ShellError } from "../../src/errors.ts";
import { exportTables, type ExportOptions } from "../../src/transfer/export.ts";
import { importTables, type ImportOptions, type TableLoad } from "../../src/transfer/import.ts";
import { segmentKeysOf } from "../../src/transfer/segment-id.ts";
import type { SealedSegment } from "../../src/transfer/pack.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";

let server: TestPostgres;
const TEMPLATE = `sealift_template_${process.pid}`;
before(async () => {
  server = await startPostgres();
  await using engine = await openPostgres(server.settings);
  await execute(engine, `CREATE DATABASE ${TEMPLATE}`);
  await using template = await engine.openDatabase(TEMPLATE);
  await execute(template, TABLES);
});
after(async () => {
  await using engine = await openPostgres(server.settings);
  await execute(engine, `DROP DATABASE ${TEMPLATE}`);
  await server.stop();
});

async function execute(engine: Engine, sql: string): Promise<void> {
  for await (const event of engine.run(sql)) assert.notEqual(event.type, "failed");
}

/** Three tables: one of several segments, one small, one empty; about 32 MB as COPY binary. */
const TABLES = `
  CREATE TABLE orders AS SELECT n::int8 AS id, md5(n::text) || md5((n * 7)::text) AS note, n % 97 AS shop,
    timestamptz '2020-01-01Z' + n * interval '1 minute' AS at FROM generate_series(1, 300000) AS n;
  CREATE TYPE mood AS ENUM ('calm', 'wild');
  CREATE TABLE moods AS SELECT n, ARRAY['calm', 'wild']::mood[] AS m FROM generate_series(1, 1000) AS n;
  CREATE TABLE hollow (n int);`;

interface Backup {
  readonly tables: readonly TableInfo[];
  readonly rows: readonly bigint[];
  readonly segments: readonly SealedSegment[];
  readonly stored: Map<string, Uint8Array>;
}

async function exportAll(snapshot: Snapshot, options: ExportOptions): Promise<Backup> {
  const tables = await snapshot.tables();
  const segments: SealedSegment[] = [];
  const stored = new Map<string, Uint8Array>();
  const rows: bigint[] = [];
  for await (const item of exportTables(snapshot, tables, options)) {
    if (item.type === "table") {
      rows[item.table] = item.rows;
    } else {
      segments.push(item);
      if (item.stored !== undefined) stored.set(item.id, item.stored);
    }
  }
  segments.sort((a, b) => a.table - b.table || a.range - b.range || a.sequence - b.sequence);
  return { tables, rows, segments, stored };
}

function loadsOf(backup: Backup, freeze = true): readonly TableLoad[] {
  return backup.tables.map(({ schema, name, columns, rowFormat }, table) => {
    const target: CopyInTarget = { schema, name, columns, rowFormat, freeze };
    return { target, segments: backup.segments.filter((segment) => segment.table === table) };
  });
}

function readerOf({ stored }: Backup): (id: string) => Promise<Uint8Array> {
  return (id) => {
    const bytes = stored.get(id);
    return bytes === undefined
      ? Promise.reject(new ShellError("storage/not-found", `no ${id}`))
      : Promise.resolve(bytes.slice());
  };
}

const DIGEST = (table: string): string =>
  `SELECT count(*), sum(hashtext(t::text)), sum(hashtext('x' || t::text)) FROM ${table} t`;

async function digests(engine: Engine): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (const table of ["orders", "moods", "hollow"]) found.push(await engine.rows(DIGEST(table)));
  return found;
}

async function withEngine<T>(work: (engine: Engine, settings: PostgresSettings) => Promise<T>): Promise<T> {
  return server.withDatabase(async (settings) => {
    await using engine = await openPostgres(settings);
    return await work(engine, settings);
  }, TEMPLATE);
}

/** The same thing as an engine with one session would give it. */
function unshared<T extends object>(whole: T): T {
  return new Proxy(whole, {
    get: (target, name) => {
      const value: unknown = name === "share" ? undefined : Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

async function exportNow(engine: Engine, options: ExportOptions): Promise<Backup> {
  await using snapshot = await engine.openSnapshot();
  return await exportAll(snapshot, options);
}

async function importAll(engine: Engine, backup: Backup, options: Omit<ImportOptions, "read">): Promise<bigint[]> {
  const rows: bigint[] = [];
  const loads = loadsOf(backup);
  for await (const item of importTables(engine, loads, { ...options, read: readerOf(backup) })) {
    if (item.type === "table") rows[item.load] = item.rows;
  }
  return rows;
}

async function failureOf(work: Promise<unknown>): Promise<ShellError> {
  const thrown: unknown = await work.then(
    () => assert.fail("nothing was thrown"),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof ShellError, `not a ShellError: ${String(thrown)}`);
  return thrown;
}

/** Resolves when no other backend of the database is left. */
async function whenAlone(engine: Engine): Promise<void> {
  const others = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
  while ((await engine.rows(others)).length > 0) await sleep(10);
}

void test("what two workers export is one instant, and two workers import it whole", async () => {
  await withEngine(async (engine) => {
    using dataKey = DataKey.generate();
    const keys = segmentKeysOf(dataKey);
    const before = await digests(engine);
    let backup: Backup;
    {
      await using snapshot = await engine.openSnapshot();
      await execute(
        engine,
        "UPDATE orders SET note = 'late' WHERE id % 3 = 0; DELETE FROM moods; INSERT INTO hollow SELECT 1",
      );
      backup = await exportAll(snapshot, { jobs: 2, keys });
    }
    assert.deepEqual(backup.rows, [0n, 1000n, 300_000n]);
    assert.deepEqual(
      backup.tables.map(({ name, rowFormat }) => [name, rowFormat]),
      [
        ["hollow", "binary"],
        ["moods", "text"],
        ["orders", "binary"],
      ],
    );
    assert.ok(backup.segments.length >= 3);
    for (const segment of backup.segments) {
      assert.match(segment.id, /^[0-9a-f]{64}$/);
      assert.ok(isSealed(segment.stored ?? new Uint8Array()));
      assert.equal(segment.stored?.length, segment.storedBytes);
    }
    assert.deepEqual(await importAll(engine, backup, { jobs: 2, keys }), [0n, 1000n, 300_000n]);
    assert.deepEqual(await digests(engine), before);
  });
});

void test("without workers, and without a key, the same rows go the same way", async () => {
  await withEngine(async (engine) => {
    const before = await digests(engine);
    let backup: Backup;
    {
      await using shared = await engine.openSnapshot();
      backup = await exportAll(unshared(shared), { jobs: 2 });
    }
    const [first] = backup.segments;
    assert.deepEqual([...(first?.stored?.subarray(0, 4) ?? [])], [0x28, 0xb5, 0x2f, 0xfd]);
    await execute(engine, "TRUNCATE orders, moods");
    await importAll(unshared(engine), backup, { jobs: 2 });
    assert.deepEqual(await digests(engine), before);
  });
});

void test("unchanged rows give the same segments, which need not be stored again; without the key the ids tell nothing", async () => {
  await withEngine(async (engine) => {
    using dataKey = DataKey.generate();
    const keys = segmentKeysOf(dataKey);
    const [full, open] = [await exportNow(engine, { jobs: 2, keys }), await exportNow(engine, { jobs: 1 })];
    const known = new Map(full.segments.map(({ id, storedBytes }) => [id, storedBytes]));
    await execute(engine, "INSERT INTO moods VALUES (0, '{}')");
    const next = await exportNow(engine, { jobs: 1, keys, known });
    const factsOf = (backup: Backup, table: number): unknown =>
      backup.segments.filter((s) => s.table === table).map((s) => ({ ...s, stored: undefined }));
    assert.deepEqual(factsOf(next, 2), factsOf(full, 2));
    assert.equal(next.stored.size, 1);
    assert.ok(open.segments.every(({ id }) => !known.has(id)));
  });
});

void test("a flipped byte, a swapped segment and a missing one are refused, naming table and segment", async () => {
  await withEngine(async (engine) => {
    using dataKey = DataKey.generate();
    const keys = segmentKeysOf(dataKey);
    const backup = await exportNow(engine, { jobs: 2, keys });
    await execute(engine, "TRUNCATE orders");
    const [first, second] = backup.segments.filter((segment) => segment.table === 2);
    assert.ok(first?.stored !== undefined && second?.stored !== undefined);
    const flipped = Uint8Array.from(second.stored);
    flipped[second.stored.length - 1] = (flipped[second.stored.length - 1] ?? 0) ^ 1;
    const attempt = async (bytes: Uint8Array | undefined): Promise<ShellError> => {
      const stored = new Map(backup.stored);
      if (bytes === undefined) stored.delete(second.id);
      else stored.set(second.id, bytes);
      const error = await failureOf(importAll(engine, { ...backup, stored }, { jobs: 2, keys }));
      assert.match([error.message, ...error.detail].join("\n"), new RegExp(second.id));
      assert.match(error.detail.join("\n"), /while loading table public\.orders/);
      assert.deepEqual(await engine.rows("SELECT count(*) FROM orders"), [["0"]]);
      return error;
    };
    assert.equal((await attempt(flipped)).code, "integrity/tampered");
    assert.equal((await attempt(first.stored)).code, "integrity/checksum");
    assert.equal((await attempt(undefined)).code, "storage/not-found");
  });
});

void test("a server that takes fewer rows than the backup holds is told on", async () => {
  await withEngine(async (engine) => {
    const backup = await exportNow(engine, { jobs: 1 });
    await execute(
      engine,
      `CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.n = 7 THEN RETURN NULL; END IF; RETURN NEW; END';
       CREATE TRIGGER skip BEFORE INSERT ON moods FOR EACH ROW EXECUTE PROCEDURE skip()`,
    );
    const error = await failureOf(importAll(engine, backup, { jobs: 1 }));
    assert.equal(error.code, "integrity/rows");
    assert.equal(error.message, "table public.moods took 999 rows where the backup holds 1000");
  });
});

void test("a killed backend ends the export, naming the table", async () => {
  await withEngine(async (engine) => {
    // More than the workers read ahead, so the backend still has rows to send when it is killed.
    await execute(engine, "INSERT INTO orders SELECT n, repeat('x', 1000000) FROM generate_series(1, 200) AS n");
    await using snapshot = await engine.openSnapshot();
    const tables = await snapshot.tables();
    const run = async (): Promise<void> => {
      for await (const item of exportTables(snapshot, tables, { jobs: 2 })) {
        if (item.type !== "segment" || item.table !== 2) continue;
        await engine.rows(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND datname = current_database()",
        );
      }
    };
    const error = await failureOf(run());
    assert.equal(error.code, "engine/lost");
    assert.match(error.detail.join("\n"), /while reading table public\.orders/);
  });
});

void test("abort ends export and import, and their backends with them", async () => {
  await withEngine(async (engine) => {
    let backup: Backup;
    {
      await using snapshot = await engine.openSnapshot();
      const abort = new AbortController();
      const run = async (): Promise<void> => {
        for await (const _ of exportTables(snapshot, await snapshot.tables(), { jobs: 2, signal: abort.signal })) {
          abort.abort();
        }
      };
      assert.equal((await failureOf(run())).code, "job/interrupted");
      backup = await exportAll(snapshot, { jobs: 2 });
    }
    await whenAlone(engine);
    await execute(engine, "TRUNCATE orders");
    const abort = new AbortController();
    const run = async (): Promise<void> => {
      const options: ImportOptions = { jobs: 2, signal: abort.signal, read: readerOf(backup) };
      for await (const _ of importTables(engine, loadsOf(backup), options)) abort.abort();
    };
    assert.equal((await failureOf(run())).code, "job/interrupted");
    await whenAlone(engine);
    assert.deepEqual(await engine.rows("SELECT count(*) FROM orders"), [["0"]]);
  });
});
