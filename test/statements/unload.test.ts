import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ShellError } from "../../src/errors.ts";
import { embeddedTestDirectory } from "../harness/embedded-directory.ts";
import { FaultyStore } from "../harness/faulty-store.ts";
import { unloadStage } from "../harness/unload-stage.ts";
import { contentOf, filesBelow, passphraseKey } from "../harness/unloaded.ts";

const stage = unloadStage();

describe("failure", () => {
  it("at any operation of the store leaves nothing", async () => {
    const sql = (at: number): string =>
      `UNLOAD ('SELECT id FROM many') TO 'file://${stage.folder}/${at}/x' GZIP MANIFEST WITH kms = 'local-kms:///one'`;
    let count = 0;
    stage.world.hooks = {
      store: (store) => {
        const counting = new FaultyStore(store);
        return Object.assign(counting, {
          [Symbol.asyncDispose]: async () => void (count = counting.operations.length),
        });
      },
    };
    await stage.session.ok(sql(0));
    assert.ok(count >= 8, `${count}`);
    for (let at = 1; at <= count; at += 1) {
      for (const when of ["before", "midway", "after"] as const) {
        await rm(join(stage.folder, String(at)), { recursive: true, force: true });
        const error = new ShellError("storage/unavailable", "the disk is on fire");
        stage.world.hooks = { store: (store) => new FaultyStore(store, { atOperation: at, when, error }) };
        const outcome = await stage.session.run(sql(at));
        assert.equal(outcome.error?.code, "storage/unavailable", `${at} ${when}`);
        assert.deepEqual([...(await filesBelow(join(stage.folder, String(at)))).keys()], [], `${at} ${when}`);
      }
    }
    stage.world.hooks = {};
    await stage.session.ok("SELECT 1");
  });

  it("of the query while files are written leaves nothing and says so", async () => {
    const error = await stage.session.fails(
      `UNLOAD ('SELECT 1 / (140000 - id) FROM many') TO 'file://${stage.folder}/x' GZIP`,
      "engine/failed",
    );
    assert.equal(error.note, "no file of this UNLOAD stays");
    assert.deepEqual(await stage.names(), []);
    assert.equal(stage.session.live.transaction, "idle");
  });

  it("by an abort stops the query and leaves nothing", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    const sql = `UNLOAD ('SELECT a.t FROM many a, many b') TO 'file://${stage.folder}/x' ZSTD`;
    const { error } = await stage.session.run(sql, stop.signal);
    assert.equal(error?.code, "job/interrupted");
    assert.deepEqual(await stage.names(), []);
    await stage.session.ok("SELECT 1");
  });
});

describe("the session", () => {
  it("shows its temporary tables and its open transaction's changes, and keeps both", async () => {
    await stage.session.ok("CREATE TEMPORARY TABLE mine AS SELECT 7 AS seven");
    await stage.session.ok("BEGIN; UPDATE mine SET seven = 8");
    await stage.session.ok(`UNLOAD ('SELECT * FROM mine') TO 'file://${stage.folder}/a' PARALLEL OFF`);
    await stage.session.fails(`UNLOAD ('SELECT * FROM nowhere') TO 'file://${stage.folder}/b'`, "engine/failed");
    assert.equal(stage.session.live.transaction, "open");
    await stage.session.ok("COMMIT");
    assert.equal(String((await filesBelow(stage.folder)).get("a000")), "8\n");
    assert.deepEqual((await stage.session.ok("SELECT * FROM mine")).rows, [["8"]]);
  });

  it("is not written to by the query", async () => {
    await stage.session.ok("CREATE SEQUENCE counter");
    const error = await stage.session.fails(
      `UNLOAD ('SELECT nextval(''counter'')') TO 'file://${stage.folder}/x'`,
      "engine/failed",
    );
    assert.match(error.message, /read-only transaction/);
  });

  it("hears of columns that do not go with the clauses before anything is written", async () => {
    await stage.session.fails(`UNLOAD ('SELECT 1 AS a, 2 AS a') TO 'file://${stage.folder}/x' JSON`, "option/conflict");
    await stage.session.fails(
      `UNLOAD ('SELECT 1 AS a, 2 AS a') TO 'file://${stage.folder}/x' PARQUET`,
      "option/conflict",
    );
    await stage.session.fails(`UNLOAD ('SELECT 1') TO 'file://${stage.folder}/x' FIXEDWIDTH 'a:1,b:1'`, "option/value");
    await stage.session.fails(`UNLOAD ('SELECT ''a''::bytea') TO 'file://${stage.folder}/x' JSON`, "option/conflict");
    await stage.session.fails(
      `UNLOAD ('SELECT 1 AS a') TO 'file://${stage.folder}/x' CSV PARTITION BY (a)`,
      "option/value",
    );
    assert.deepEqual(await stage.names(), []);
  });

  it("hears beforehand what will be lost, and only then", async () => {
    const warned = async (query: string, clauses: string): Promise<readonly string[]> => {
      const { notices } = await stage.session.ok(
        `UNLOAD ('${query}') TO 'file://${stage.folder}/x' ALLOWOVERWRITE ${clauses}`,
      );
      return notices.filter((notice) => notice.startsWith("WARNING"));
    };
    assert.equal((await warned("SELECT t FROM hostile", "")).length, 2);
    assert.deepEqual(await warned("SELECT id FROM hostile", ""), []);
    assert.deepEqual(
      await warned("SELECT t FROM hostile WHERE id < 3", "ESCAPE NULL AS ''@''".replaceAll("''", "'")),
      [],
    );
    assert.deepEqual(await warned("SELECT t FROM hostile", "JSON"), []);
    const folders = "SELECT id, t FROM hostile WHERE id < 4";
    assert.deepEqual(await warned(folders, "PARTITION BY (t)"), []);
    assert.equal((await warned(folders, "PARTITION BY (t) INCLUDE")).length, 2);
    assert.equal((await warned("SELECT id FROM hostile", "DELIMITER '1'")).length, 1);
    assert.match((await warned("SELECT t FROM hostile", "ESCAPE NULL AS '\\\\N'"))[0] ?? "", /1 value\(s\) look like/);
    assert.match(
      (await warned("SELECT sum(id::bigint) AS s FROM hostile", "PARQUET"))[0] ?? "",
      /column s is numeric without/,
    );
  });
});

describe("the embedded engine", () => {
  it("unloads in order, in its one session", async () => {
    await using directory = await embeddedTestDirectory();
    const embedded = stage.world.embedded(directory.database);
    await embedded.ok("CREATE TABLE e AS SELECT i, repeat('x', 100) AS t FROM generate_series(1, 20000) i");
    await embedded.ok(
      `UNLOAD ('SELECT * FROM e ORDER BY i') TO 'file://${stage.folder}/e' CSV GZIP PARALLEL OFF MANIFEST WITH encryption_passphrase = 'pass phrase'`,
    );
    const files = await filesBelow(stage.folder);
    const master = await passphraseKey(
      files.get("eENCRYPTION_INFO") ?? assert.fail("no ENCRYPTION_INFO"),
      "pass phrase",
    );
    const wanted = Array.from({ length: 20_000 }, (_, index) => `${index + 1},${"x".repeat(100)}\n`).join("");
    assert.ok((await contentOf(files, { compression: "gzip", master })) === wanted);
    await embedded.fails(`UNLOAD ('SELECT 1/0') TO 'file://${stage.folder}/f'`, "engine/failed");
    assert.deepEqual((await embedded.ok("SELECT count(*) FROM e")).rows, [["20000"]]);
    await embedded.close();
  });
});
