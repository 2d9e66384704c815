import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { openEmbedded } from "../../../src/engines/embedded/embedded.ts";
import type { Engine, TableInfo } from "../../../src/engines/engine.ts";
import type { ByteStream } from "../../../src/std/bytes.ts";
import { embeddedTestDirectory } from "../../harness/embedded-directory.ts";

const MIB = 1024 * 1024;
/** What may come on top of what an idle engine takes, whatever the amount of data: windows, batches, uncollected pieces. */
const GROWTH_BYTES = 200 * MIB;
/** In which the server would send all of it, if nothing held it back. */
const PAUSE_MS = 1500;
const ROWS = 600_000;
const ROW_TEXT = 500;

/** Samples the process's memory while `work` runs; returns the most it took above where it began. */
async function growthOf(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 5);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return peak - before;
}

void describe("embedded: more data than memory allowed", () => {
  let directory: Awaited<ReturnType<typeof embeddedTestDirectory>>;
  let engine: Engine;
  let table: TableInfo;

  async function run(sql: string): Promise<void> {
    for await (const _event of engine.run(sql));
  }

  before(async () => {
    directory = await embeddedTestDirectory();
    engine = await openEmbedded({ directory: directory.database });
    await run(`CREATE TABLE big AS SELECT n, repeat('v', ${ROW_TEXT}) AS v FROM generate_series(1, ${ROWS}) AS n`);
    // Two passes: hint bits are set and buffers have grown to where they stay.
    await run("SELECT count(*) FROM big");
    await run("VACUUM big");
    await using snapshot = await engine.openSnapshot();
    const found = (await snapshot.tables()).find(({ name }) => name === "big");
    assert.ok(found !== undefined);
    table = found;
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  void test("a table is copied out whole to a reader that pauses", async () => {
    await using snapshot = await engine.openSnapshot();
    let [rows, bytes, blocks] = [0, 0, 0];
    const growth = await growthOf(async () => {
      for await (const block of snapshot.copyOut(table, { rowFormat: "binary" })) {
        rows += block.rows;
        bytes += block.bytes.length;
        blocks += 1;
        if (blocks === 1) await delay(PAUSE_MS);
      }
    });
    assert.equal(rows, ROWS);
    assert.ok(bytes > ROWS * ROW_TEXT && growth < GROWTH_BYTES, `${bytes} bytes, ${growth} growth`);
  });

  void test("the rows of a SELECT wait in the server for a reader that pauses", async () => {
    let rows = 0;
    const growth = await growthOf(async () => {
      for await (const event of engine.run("SELECT * FROM big")) {
        if (event.type !== "rows") continue;
        if (rows === 0) await delay(PAUSE_MS);
        rows += event.rows.length;
      }
    });
    assert.equal(rows, ROWS);
    assert.ok(growth < GROWTH_BYTES, `${growth} growth`);
  });

  void test("a load is taken in at the pace of the server, and its write-ahead log is cut short", async () => {
    await run("CREATE TABLE back (LIKE big)");
    const line = `7\t${"v".repeat(ROW_TEXT)}\n`;
    const piece = Buffer.from(line.repeat(2000));
    let given = 0;
    const source = async function* (): ByteStream {
      for (; given < ROWS / 2000; given += 1) yield piece;
    };
    const target = {
      schema: "public",
      name: "back",
      columns: table.columns,
      rowFormat: "text",
      freeze: false,
    } as const;
    let taken = 0n;
    const growth = await growthOf(async () => {
      taken = await engine.copyIn(target, source());
    });
    assert.equal(taken, BigInt(ROWS));
    assert.ok(growth < GROWTH_BYTES, `${growth} growth`);
    const log = join(directory.database, "pg_wal");
    const sizes = await Promise.all((await readdir(log)).map(async (name) => (await stat(join(log, name))).size));
    const logBytes = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(logBytes < 150 * MIB, `${logBytes} bytes of log after ${given * piece.length} bytes of rows`);
  });
});
