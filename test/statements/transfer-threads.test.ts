// UNLOAD and COPY with so much data that worker threads do the work: nothing of it may show but the time.
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { FaultyStore } from "../harness/faulty-store.ts";
import { MASTER, unloadStage } from "../harness/unload-stage.ts";
import { contentOf, filesBelow } from "../harness/unloaded.ts";

const stage = unloadStage("CREATE TABLE loaded (LIKE many)");
const DIGEST = "SELECT count(*), md5(string_agg(t::text, ',' ORDER BY id)) FROM";

describe("worker threads", () => {
  const OPTIONS: readonly (readonly [unload: string, copy: string])[] = [
    ["CSV", "CSV"],
    ["CSV GZIP", "CSV GZIP"],
    ["ESCAPE ADDQUOTES GZIP", "ESCAPE REMOVEQUOTES GZIP"],
    ["ESCAPE ZSTD PARALLEL OFF", "ESCAPE ZSTD"],
    ["ESCAPE BZIP2", "ESCAPE BZIP2"],
    ["FORMAT JSON GZIP", "FORMAT JSON GZIP"],
    ["FORMAT PARQUET", "FORMAT PARQUET"],
  ];
  for (const [unload, copy] of OPTIONS) {
    it(`bring back what they wrote: ${unload}`, async () => {
      const { session, folder } = stage;
      const key = "WITH kms = ('local-kms:///one', 'local-kms:///two')";
      await session.ok(`UNLOAD ('SELECT * FROM many') TO 'file://${folder}/x_' ${unload} MANIFEST ${key}`);
      await session.ok("TRUNCATE loaded");
      await session.ok(`COPY loaded FROM 'file://${folder}/x_manifest' MANIFEST ${copy} ${key}`);
      assert.deepEqual(
        (await session.ok(`${DIGEST} loaded AS t`)).rows,
        (await session.ok(`${DIGEST} many AS t`)).rows,
      );
    });
  }

  it("keep the query's order with PARALLEL OFF, through every file", async () => {
    const { session, folder } = stage;
    await session.ok(
      `UNLOAD ('SELECT id FROM many ORDER BY t') TO 'file://${folder}/o_' PARALLEL OFF GZIP ALLOWOVERWRITE`,
    );
    const text = await contentOf(await filesBelow(folder), { compression: "gzip" });
    const { rows } = await session.ok("SELECT id FROM many ORDER BY t");
    assert.equal(text, rows.map(([id]) => `${id}\n`).join(""));
  });

  it("tell of a value that has no room, and leave nothing", async () => {
    const { session, folder } = stage;
    const query = "SELECT id, CASE WHEN id = 149999 THEN t || t ELSE t END FROM many";
    const error = await session.fails(
      `UNLOAD ('${query}') TO 'file://${folder}/f_' FIXEDWIDTH 'id:6,t:64' GZIP`,
      "option/value",
    );
    assert.match(error.message, /wider than FIXEDWIDTH/);
    assert.deepEqual(await stage.names(), []);
    await session.ok("SELECT 1");
  });

  it("stop when the query fails late", async () => {
    const error = await stage.session.fails(
      `UNLOAD ('SELECT t, 1 / (149000 - id) FROM many') TO 'file://${stage.folder}/q_' GZIP`,
      "engine/failed",
    );
    assert.match(error.message, /division by zero/);
    assert.deepEqual(await stage.names(), []);
  });
});

/** Rows of 64 random bytes in hexadecimal, so that gzip leaves them long. */
function noise(from: number, to: number, bad: (at: number) => boolean): Buffer {
  const lines: string[] = [];
  for (let at = from; at < to; at += 1) {
    lines.push(`${bad(at) ? "x" : at},${Buffer.from(String(Math.sin(at)).repeat(4)).toString("base64")},1\n`);
  }
  return Buffer.from(lines.join(""));
}

describe("rows that are refused by worker threads", () => {
  const write = async (bad: (at: number) => boolean): Promise<void> => {
    await mkdir(stage.folder, { recursive: true });
    await writeFile(join(stage.folder, "a_1"), gzipSync(noise(0, 30_000, bad)));
    await writeFile(join(stage.folder, "a_2"), gzipSync(noise(30_000, 60_000, bad)));
  };

  it("are told with file and line, in the order of the files", async () => {
    await write((at) => at === 29_990 || at === 30_010);
    await stage.session.ok("TRUNCATE loaded");
    const copy = `COPY loaded FROM 'file://${stage.folder}/a_' CSV GZIP`;
    const error = await stage.session.fails(copy, "load/rows");
    assert.match(error.detail[0] ?? "", /a_1, line 29991, column id \(integer\): "x": Invalid digit/);
    assert.deepEqual((await stage.session.ok("SELECT count(*) FROM loaded")).rows, [["0"]]);
    const { notices } = await stage.session.ok(`${copy} MAXERROR 10`);
    assert.ok(notices.some((notice) => notice.includes("completed, 2 record(s) could not be loaded")));
    assert.deepEqual((await stage.session.ok("SELECT count(*) FROM loaded")).rows, [["59998"]]);
  });

  it("stop the others when they are too many", async () => {
    await write((at) => at % 2 === 0);
    await stage.session.ok("TRUNCATE loaded");
    const copy = `COPY loaded FROM 'file://${stage.folder}/a_' CSV GZIP MAXERROR 100`;
    const error = await stage.session.fails(copy, "load/rows");
    assert.match(error.detail.join("\n"), /a_1, line 1, /);
    assert.deepEqual((await stage.session.ok("SELECT count(*) FROM loaded")).rows, [["0"]]);
  });
});

describe("files that worker threads cannot read", () => {
  it("load nothing, and are named", async () => {
    const { session, folder } = stage;
    const key = `MASTER_SYMMETRIC_KEY '${MASTER}' ENCRYPTED`;
    await session.ok(`UNLOAD ('SELECT * FROM many') TO 'file://${folder}/x_' GZIP ESCAPE MANIFEST ${key}`);
    await session.ok("TRUNCATE loaded");
    const name = (await stage.names()).find((one) => one.endsWith(".gz")) ?? assert.fail("no file");
    const path = join(folder, name);
    const whole = await readFile(path);
    const copy = `COPY loaded FROM 'file://${folder}/x_0' GZIP ESCAPE ${key}`;
    await writeFile(path, whole.subarray(0, whole.length - 7));
    await session.fails(copy, "integrity/truncated");
    await writeFile(path, Buffer.concat([whole.subarray(0, 200_000), Buffer.alloc(16, 1), whole.subarray(200_016)]));
    // What comes of damaged bits may be rows for a while, which are refused as such.
    const { error } = await session.run(copy);
    assert.match(error?.code ?? "", /^load\/(?:file|rows)$/);
    assert.ok(error?.message.includes(name) === true || error?.detail.join(" ").includes(name) === true);
    assert.deepEqual((await session.ok("SELECT count(*) FROM loaded")).rows, [["0"]]);
  });

  it("stop everything when storage fails between", async () => {
    const { session, folder, world } = stage;
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "a_1"), gzipSync(noise(0, 40_000, () => false)));
    await session.ok("TRUNCATE loaded");
    const error = new Error("the disk is on fire");
    for (let at = 1; at <= 3; at += 1) {
      world.hooks = { store: (store) => new FaultyStore(store, { atOperation: at, when: "midway", error }) };
      const outcome = await session.run(`COPY loaded FROM 'file://${folder}/a_' CSV GZIP`);
      assert.ok(outcome.error !== undefined, `${at}`);
    }
    world.hooks = {};
    assert.deepEqual((await session.ok("SELECT count(*) FROM loaded")).rows, [["0"]]);
  });
});
