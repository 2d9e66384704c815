import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { FileMacs } from "../../src/crypto/file-mac.ts";
import { parseInstruction } from "../../src/crypto/s3-envelope.ts";
import { parseManifest } from "../../src/formats/redshift-manifest.ts";
import { FaultyStore } from "../harness/faulty-store.ts";
import { MASTER, masterKey, unloadStage } from "../harness/unload-stage.ts";
import { contentOf, filesBelow } from "../harness/unloaded.ts";

const stage = unloadStage();

/** What the records of a query are, by PostgreSQL and plain string work. */
async function expected(sql: string, print: (row: readonly (string | null)[]) => string): Promise<string> {
  const { rows } = await stage.session.ok(sql);
  return rows.map((row) => `${print(row)}\n`).join("");
}

describe("files", () => {
  it("are cut between records by MAXFILESIZE, in order", async () => {
    await stage.session.ok(
      `UNLOAD ('SELECT id, t FROM many ORDER BY id') TO 'file://${stage.folder}/m_' CSV HEADER PARALLEL OFF MAXFILESIZE 5 MB MANIFEST VERBOSE`,
    );
    const files = await filesBelow(stage.folder);
    assert.deepEqual([...files.keys()], ["m_000", "m_001", "m_002", "m_manifest"]);
    const contents = [...files.values()].slice(0, 3).map(String);
    const rows = contents.map((text) => text.replace("id,t\n", "")).join("");
    assert.ok(rows === (await expected("SELECT id, t FROM many ORDER BY id", (row) => row.join(","))));
    const limit = 5 * 1024 * 1024;
    for (const { length } of contents.slice(0, 2)) assert.ok(length <= limit && length > limit - 100, `${length}`);
    const manifest = parseManifest(String(files.get("m_manifest")), "m");
    assert.deepEqual(
      manifest.entries.map(({ url, contentLength }) => [url, contentLength]),
      contents.map((text, index) => [`file://${stage.folder}/m_00${index}`, text.length]),
    );
    const records = manifest.entries.reduce((sum, { recordCount = 0 }) => sum + recordCount, 0);
    assert.equal(records, 150_003);
  });

  it("stay below MAXFILESIZE when they are compressed", async () => {
    await stage.session.ok(
      `UNLOAD ('SELECT t FROM many') TO 'file://${stage.folder}/' CSV ZSTD PARALLEL OFF MAXFILESIZE 5 MB`,
    );
    const files = await filesBelow(stage.folder);
    assert.equal((await contentOf(files, { compression: "zstd" })).split("\n").length, 150_001);
    for (const [name, { length }] of files) assert.ok(length <= 5 * 1024 * 1024, `${name} ${length}`);
  });

  it("of several slices hold every row once", async () => {
    const { notices, rows } = await stage.session.ok(
      `UNLOAD ('SELECT id FROM many') TO 'file://${stage.folder}/x' GZIP MANIFEST`,
    );
    assert.deepEqual(await stage.names(), ["x0000_part_00.gz", "x0001_part_00.gz", "xmanifest"]);
    const ids = (await contentOf(await filesBelow(stage.folder), { compression: "gzip" })).trimEnd().split("\n");
    assert.deepEqual(
      ids.map(Number).toSorted((a, b) => a - b),
      Array.from({ length: 150_000 }, (_, index) => index + 1),
    );
    assert.ok(notices.includes("INFO: UNLOAD completed, 150000 record(s) unloaded successfully."), notices.join());
    assert.deepEqual([rows[0]?.[0], rows[0]?.[1], rows[0]?.[4]], ["150000", "2", `file://${stage.folder}/xmanifest`]);
  });

  it("take EXTENSION instead of the compression's own", async () => {
    await stage.session.ok(`UNLOAD ('SELECT 1') TO 'file://${stage.folder}/x_' GZIP EXTENSION '.csv.gz'`);
    await stage.session.ok(`UNLOAD ('SELECT 1 AS a') TO 'file://${stage.folder}/p/' PARQUET PARALLEL OFF`);
    assert.deepEqual(await stage.names(), ["p/000.parquet", "x_0000_part_00.csv.gz"]);
  });

  it("lie in a folder a partition, without its columns unless INCLUDE", async () => {
    const query = "SELECT k, id, nullif(k, 1)::text || '/=%' AS s FROM many WHERE id <= 6";
    await stage.session.ok(
      `UNLOAD ($$${query} ORDER BY id DESC$$) TO 'file://${stage.folder}/p' CSV PARTITION BY (s, k) MANIFEST PARALLEL OFF`,
    );
    const files = await filesBelow(stage.folder);
    const contents = [...files]
      .filter(([name]) => !name.endsWith("manifest"))
      .map(([name, bytes]) => [name, String(bytes)]);
    assert.deepEqual(contents, [
      ["p/s=0%2F%3D%25/k=0/000", "6\n3\n"],
      ["p/s=2%2F%3D%25/k=2/000", "5\n2\n"],
      ["p/s=__HIVE_DEFAULT_PARTITION__/k=1/000", "4\n1\n"],
    ]);
    const { entries } = parseManifest(String(files.get("p/manifest")), "p");
    assert.deepEqual(
      entries.map(({ url }) => url).toSorted(),
      contents.map(([name]) => `file://${stage.folder}/${name}`),
    );
    await stage.session.ok(
      `UNLOAD ($$${query}$$) TO 'file://${stage.folder}/i/' CSV PARTITION BY (k) INCLUDE PARALLEL OFF`,
    );
    assert.equal(String((await filesBelow(stage.folder)).get("i/k=1/000")), "1,1,\n1,4,\n");
  });

  it("are none without rows, nor is anything else", async () => {
    const { notices } = await stage.session.ok(
      `UNLOAD ('SELECT 1 WHERE false') TO 'file://${stage.folder}/x' MANIFEST HEADER WITH kms = 'local-kms:///one'`,
    );
    assert.deepEqual(await stage.names(), []);
    assert.ok(notices.includes("INFO: no rows, so no files were written"));
  });
});

describe("a destination that is taken", () => {
  it("is refused in Redshift's words, by prefix", async () => {
    await mkdir(stage.folder);
    await writeFile(join(stage.folder, "t2_old"), "old");
    const error = await stage.session.fails(`UNLOAD ('SELECT 1') TO 'file://${stage.folder}/t'`, "storage/exists");
    assert.match(error.message, /^Specified unload destination on S3 is not empty\. Consider using/);
    assert.match(error.hint ?? "", /ALLOWOVERWRITE.*CLEANPATH/);
    assert.deepEqual(error.span, { start: 23, end: 23 + `'file://${stage.folder}/t'`.length });
    assert.deepEqual(await stage.names(), ["t2_old"]);
    await stage.session.ok(`UNLOAD ('SELECT 1') TO 'file://${stage.folder}/t2_old/x'`).catch(() => undefined);
    await stage.session.ok(`UNLOAD ('SELECT 1') TO 'file://${stage.folder}/u'`);
  });

  it("is overwritten, or cleaned, and what is beside it stays", async () => {
    await mkdir(stage.folder);
    for (const name of ["t000", "t007", "other"]) await writeFile(join(stage.folder, name), "old");
    await stage.session.ok(`UNLOAD ('SELECT 1') TO 'file://${stage.folder}/t' PARALLEL OFF ALLOWOVERWRITE`);
    assert.deepEqual(
      [...(await filesBelow(stage.folder))].map(([name, bytes]) => `${name} ${String(bytes).trim()}`),
      ["other old", "t000 1", "t007 old"],
    );
    const { notices } = await stage.session.ok(
      `UNLOAD ('SELECT 2') TO 'file://${stage.folder}/t' PARALLEL OFF CLEANPATH`,
    );
    assert.ok(notices.includes("INFO: CLEANPATH deleted 2 object(s) first"));
    assert.deepEqual(
      [...(await filesBelow(stage.folder))].map(([name, bytes]) => `${name} ${String(bytes).trim()}`),
      ["other old", "t000 2"],
    );
    await stage.session.fails(`UNLOAD ('SELECT 1/0') TO 'file://${stage.folder}/t' CLEANPATH`, "engine/failed");
    assert.deepEqual(await stage.names(), ["other", "t000"]);
  });

  it("is cleaned only in the folders that get files", async () => {
    await mkdir(join(stage.folder, "k=1"), { recursive: true });
    await mkdir(join(stage.folder, "k=9"));
    for (const name of ["k=1/old", "k=9/old"]) await writeFile(join(stage.folder, name), "old");
    await stage.session.ok(
      `UNLOAD ('SELECT 1 AS k, 2 AS v') TO 'file://${stage.folder}/' CSV PARTITION BY (k) PARALLEL OFF CLEANPATH`,
    );
    assert.deepEqual(await stage.names(), ["k=1/000", "k=9/old"]);
  });

  it("keeps no envelope of a file that is replaced by a plain one", async () => {
    const sql = `UNLOAD ('SELECT 1') TO 'file://${stage.folder}/t' PARALLEL OFF ALLOWOVERWRITE`;
    await stage.session.ok(`${sql} ENCRYPTED MASTER_SYMMETRIC_KEY '${MASTER}'`);
    await stage.session.ok(sql);
    assert.deepEqual(await stage.names(), ["t000"]);
  });

  it("keeps the key of files that stay", async () => {
    const sql = `UNLOAD ('SELECT 1') TO 'file://${stage.folder}/t' PARALLEL OFF ALLOWOVERWRITE`;
    await stage.session.ok(`${sql} WITH kms = 'local-kms:///one'`);
    await stage.session.ok(`${sql} WITH kms = 'local-kms:///two'`);
    assert.deepEqual(await stage.names(), ["t000", "t000.instruction", "tENCRYPTION_INFO", "tENCRYPTION_INFO-2"]);
  });
});

describe("encryption", () => {
  it("binds every file and the list of them", async () => {
    await stage.session.ok(
      `UNLOAD ('SELECT id FROM many') TO 'file://${stage.folder}/x' MANIFEST ENCRYPTED MASTER_SYMMETRIC_KEY '${MASTER}'`,
    );
    const files = await filesBelow(stage.folder);
    const manifest = parseManifest(String(files.get("xmanifest")), "m");
    using key = masterKey();
    const macs = new FileMacs(key);
    assert.equal(manifest.entries.length, 2);
    for (const { url, hmac } of manifest.entries) {
      const name = url.slice(url.lastIndexOf("/") + 1);
      const envelope = parseInstruction(String(files.get(`${name}.instruction`)), name);
      assert.equal(
        macs
          .ofFile(envelope)
          .update(files.get(name) ?? "")
          .digest("hex"),
        hmac,
      );
    }
    assert.equal(macs.ofManifest(manifest.entries.map(({ hmac = "" }) => hmac)), manifest.hmac);
  });

  it("writes the keys before data, and the manifest last", async () => {
    const operations: string[] = [];
    stage.world.hooks = {
      store: (store) => {
        const counting = new FaultyStore(store);
        Object.defineProperty(counting, "operations", { value: operations });
        return counting;
      },
    };
    const kms = "('local-kms:///one', 'local-kms:///two')";
    await stage.session.ok(`UNLOAD ('SELECT 1') TO 'file://${stage.folder}/x' MANIFEST PARALLEL OFF WITH kms = ${kms}`);
    const puts = operations.filter((operation) => operation.startsWith("put "));
    assert.deepEqual(puts, ["put xENCRYPTION_INFO", "put x000", "put x000.instruction", "put xmanifest"]);
  });

  it("writes nothing when one key cannot wrap", async () => {
    const kms = "('local-kms:///one', 'local-kms:///missing')";
    const { error } = await stage.session.run(`UNLOAD ('SELECT 1') TO 'file://${stage.folder}/x' WITH kms = ${kms}`);
    assert.match(error?.code ?? "", /^key\//);
    assert.deepEqual(await stage.names(), []);
  });
});
