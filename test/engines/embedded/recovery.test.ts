import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { openEmbedded } from "../../../src/engines/embedded/embedded.ts";
import type { Engine } from "../../../src/engines/engine.ts";
import { ShellError } from "../../../src/errors.ts";
import { utf8, type ByteStream } from "../../../src/std/bytes.ts";
import { embeddedTestDirectory } from "../../harness/embedded-directory.ts";
import { BATCH_ROWS } from "../../harness/embedded-loader.ts";

async function run(engine: Engine, sql: string, signal?: AbortSignal): Promise<void> {
  for await (const _event of engine.run(sql, signal === undefined ? {} : { signal }));
}

async function failureOf(work: Promise<unknown>): Promise<ShellError> {
  try {
    await work;
  } catch (thrown) {
    assert.ok(thrown instanceof ShellError, `not a ShellError: ${String(thrown)}`);
    return thrown;
  }
  return assert.fail("nothing was thrown");
}

void describe("embedded: after an abort", () => {
  let directory: Awaited<ReturnType<typeof embeddedTestDirectory>>;
  let engine: Engine;
  before(async () => {
    directory = await embeddedTestDirectory();
    engine = await openEmbedded({ directory: directory.database });
    await run(engine, "CREATE TABLE kept AS SELECT n FROM generate_series(1, 10) AS n");
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  void test("a long statement stops, its transaction is undone, what was committed is there", async () => {
    await run(engine, "BEGIN; DELETE FROM kept");
    const abort = new AbortController();
    const running = run(engine, "SELECT pg_sleep(600)", abort.signal);
    setTimeout(() => abort.abort(), 50);
    const error = await failureOf(running);
    assert.equal(error.code, "job/interrupted");
    assert.match(error.note ?? "", /^the embedded database restarts/);
    assert.equal(engine.transaction, "idle");
    assert.deepEqual(await engine.rows("SELECT count(*) FROM kept"), [["10"]]);
  });

  void test("a statement that ends by itself in time keeps the session", async () => {
    await run(engine, "SET application_name = 'survivor'");
    const abort = new AbortController();
    const running = run(engine, "SELECT pg_sleep(0.01)", abort.signal);
    abort.abort();
    await running.catch(() => undefined);
    assert.deepEqual(await engine.rows("SHOW application_name"), [["survivor"]]);
  });

  void test("a COPY out that nobody can finish stops", async () => {
    const abort = new AbortController();
    const copying = async (): Promise<void> => {
      const sql =
        "COPY (SELECT repeat('y', 1000) FROM generate_series(1, 10000) a, generate_series(1, 10000) b) TO STDOUT";
      for await (const event of engine.run(sql, { signal: abort.signal })) {
        if (event.type === "copy-data") abort.abort();
      }
    };
    assert.equal((await failureOf(copying())).code, "job/interrupted");
    assert.deepEqual(await engine.rows("SELECT count(*) FROM kept"), [["10"]]);
  });

  void test("a load whose source hangs stops and leaves nothing, the session stays", async () => {
    await run(engine, "SET application_name = 'survivor'");
    const abort = new AbortController();
    const hanging = async function* (): ByteStream {
      yield utf8("11\n");
      setTimeout(() => abort.abort(), 20);
      await new Promise(() => undefined);
    };
    const target = { schema: "public", name: "kept", columns: ["n"], rowFormat: "text", freeze: false } as const;
    assert.equal((await failureOf(engine.copyIn(target, hanging(), abort.signal))).code, "job/interrupted");
    assert.deepEqual(await engine.rows("SELECT count(*) FROM kept"), [["10"]]);
    assert.deepEqual(await engine.rows("SHOW application_name"), [["survivor"]]);
  });

  void test("a snapshot whose reader was aborted says that it is gone", async () => {
    await using snapshot = await engine.openSnapshot();
    const abort = new AbortController();
    const table = (await snapshot.tables()).find(({ name }) => name === "kept");
    assert.ok(table !== undefined);
    const slow = { ...table, condition: "pg_sleep(60) IS NOT NULL" };
    const reading = async (): Promise<void> => {
      for await (const _block of snapshot.copyOut(slow, { rowFormat: "text", signal: abort.signal }));
    };
    setTimeout(() => abort.abort(), 50);
    assert.equal((await failureOf(reading())).code, "job/interrupted");
    assert.equal((await failureOf(snapshot.rows("SELECT 1"))).code, "engine/lost");
    await using next = await engine.openSnapshot();
    assert.deepEqual(await next.rows("SELECT count(*) FROM public.kept"), [["10"]]);
  });

  void test("a server that dies is told of and started again", async () => {
    // The JSON parser's recursion runs out of the WebAssembly program's own stack.
    const deep = "SELECT (repeat('[', 1000000) || repeat(']', 1000000))::json";
    const error = await failureOf(run(engine, deep));
    assert.equal(error.code, "engine/lost");
    assert.deepEqual(await engine.rows("SELECT count(*) FROM kept"), [["10"]]);
  });

  void test("a recursion without end is the server's error and keeps the session", async () => {
    const body = "BEGIN RETURN pg_temp.endless(n + 1); END";
    await run(engine, `CREATE FUNCTION pg_temp.endless(n int) RETURNS int LANGUAGE plpgsql AS '${body}'`);
    assert.equal((await failureOf(run(engine, "SELECT pg_temp.endless(1)"))).sqlState, "54001");
    assert.equal((await failureOf(run(engine, "SELECT pg_temp.endless(1)"))).sqlState, "54001");
  });

  void test("disposing does not wait for a statement that runs", async () => {
    const other = await embeddedTestDirectory();
    const doomed = await openEmbedded({ directory: other.database });
    const snapshot = await doomed.openSnapshot();
    const running = failureOf(snapshot.rows("SELECT pg_sleep(600)"));
    await delay(50);
    await doomed[Symbol.asyncDispose]();
    assert.equal((await running).code, "engine/lost");
    assert.equal((await failureOf(snapshot.rows("SELECT 1"))).code, "engine/lost");
    await snapshot[Symbol.asyncDispose]();
    assert.equal((await failureOf(doomed.rows("SELECT 1"))).code, "engine/lost");
    await other[Symbol.asyncDispose]();
  });
});

void describe("embedded: after kill -9", () => {
  void test("in the middle of a load, every committed row is there, whole, and no other", async () => {
    await using directory = await embeddedTestDirectory();
    const loader = join(import.meta.dirname, "../../harness/embedded-loader.js");
    const child = fork(loader, [directory.database, "load"]);
    let committed = 0;
    const enough = Promise.withResolvers<void>();
    child.on("message", (batch: number) => {
      committed = batch;
      if (batch >= 5) enough.resolve();
    });
    await enough.promise;
    // Somewhere within the next batches.
    await delay(70);
    child.kill("SIGKILL");
    await once(child, "exit");

    await using engine = await openEmbedded({ directory: directory.database });
    const batches = await engine.rows("SELECT batch, count(*), sum(n) FROM loaded GROUP BY batch ORDER BY batch");
    // The last commit may have lost the race with the kill to tell of itself.
    assert.ok([committed, committed + 1].includes(batches.length), `${batches.length} of ${committed}`);
    const sum = (BATCH_ROWS * (BATCH_ROWS - 1)) / 2;
    for (const [place, batch] of batches.entries()) {
      assert.deepEqual(batch, [String(place + 1), String(BATCH_ROWS), String(sum)]);
    }
    await run(engine, "CREATE EXTENSION amcheck; SELECT bt_index_check('loaded_pkey', true)");
  });

  void test("right after a load that wrote no log, its rows are there", async () => {
    await using directory = await embeddedTestDirectory();
    const loader = join(import.meta.dirname, "../../harness/embedded-loader.js");
    const child = fork(loader, [directory.database, "frozen"]);
    await once(child, "message");
    child.kill("SIGKILL");
    await once(child, "exit");
    await using engine = await openEmbedded({ directory: directory.database });
    assert.deepEqual(await engine.rows("SELECT count(*), sum(n) FROM loaded"), [
      [String(BATCH_ROWS), String((BATCH_ROWS * (BATCH_ROWS - 1)) / 2)],
    ]);
  });
});
