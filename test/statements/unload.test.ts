import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { DataKey } from "../../src/crypto/data-key.ts";
import { FileMacs } from "../../src/crypto/file-mac.ts";
import { parseInstruction } from "../../src/crypto/s3-envelope.ts";
import { ShellError } from "../../src/errors.ts";
import { parseManifest } from "../../src/formats/redshift-manifest.ts";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { embeddedTestDirectory } from "../harness/embedded-directory.ts";
import { FaultyStore } from "../harness/faulty-store.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { contentOf, filesBelow, passphraseKey, type Reading } from "../harness/unloaded.ts";

const MASTER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const masterKey = (): DataKey => DataKey.take(Buffer.from(MASTER, "base64"));

const TABLES = String.raw`
CREATE TABLE hostile (id int, t text);
INSERT INTO hostile VALUES (1, E'a|b,c"d''e\\f\ng\rh\ti'), (2, ''), (3, NULL), (4, E'\\N'), (5, '🪁 ‮ 𝒳'),
  (6, repeat(E'wide\n|,"\\', 400000));
CREATE TABLE many AS SELECT i AS id, md5(i::text) || md5((-i)::text) AS t, i % 3 AS k FROM generate_series(1, 150000) i`;

let server: TestPostgres;
let world: BackupWorld;
let session: TestSession;
let folder: string;
let number = 0;

before(async () => {
  world = await BackupWorld.open();
  server = await startPostgres();
  session = world.postgres(server.settings);
  await session.ok(TABLES);
  await session.ok("CREATE KMS KEY 'local-kms:///one'");
  await session.ok("CREATE KMS KEY 'local-kms:///two'");
});

beforeEach(() => {
  world.hooks = {};
  folder = join(world.directory, `out-${(number += 1)}`);
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await server.stop();
});

const names = async (): Promise<readonly string[]> => [...(await filesBelow(folder)).keys()];

/** What the records of a query are, by PostgreSQL and plain string work. */
async function expected(sql: string, print: (row: readonly (string | null)[]) => string): Promise<string> {
  const { rows } = await session.ok(sql);
  return rows.map((row) => `${print(row)}\n`).join("");
}

const FORMATS = {
  "ESCAPE NULL AS 'NUL!'": (row: readonly (string | null)[]) =>
    row.map((value) => value?.replace(/[|\\\n\r]/gu, "\\$&") ?? "NUL!").join("|"),
  "CSV NULL AS 'NUL!'": (row: readonly (string | null)[]) =>
    row
      .map((value) => {
        if (value === null) return "NUL!";
        return /[,"\n\r]/u.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
      })
      .join(","),
  JSON: ([id, t]: readonly (string | null)[]) => `{"id":${id},"t":${JSON.stringify(t)}}`,
} as const;

const COMPRESSIONS = { "": "none", GZIP: "gzip", BZIP2: "bzip2", ZSTD: "zstd" } as const;

const ENCRYPTIONS: Readonly<Record<string, string>> = {
  none: "",
  master: `ENCRYPTED MASTER_SYMMETRIC_KEY '${MASTER}'`,
  passphrase: "WITH encryption_passphrase = 'correct horse'",
};

describe("hostile values come back byte for byte", () => {
  for (const [format, print] of Object.entries(FORMATS)) {
    for (const [keyword, compression] of Object.entries(COMPRESSIONS)) {
      for (const [encryption, clause] of Object.entries(ENCRYPTIONS)) {
        it(`${format} ${keyword} ${encryption}`, async () => {
          const query = "SELECT id, t FROM hostile ORDER BY id";
          await session.ok(
            `UNLOAD ($$${query} -- all$$) TO 'file://${folder}/h_' ${format} ${keyword} PARALLEL OFF ${clause}`,
          );
          const files = await filesBelow(folder);
          const reading: { -readonly [K in keyof Reading]: Reading[K] } = { compression };
          if (encryption === "master") reading.master = masterKey();
          if (encryption === "passphrase") {
            const info = files.get("h_ENCRYPTION_INFO") ?? assert.fail("no ENCRYPTION_INFO");
            reading.master = await passphraseKey(info, "correct horse");
          }
          assert.ok((await contentOf(files, reading)) === (await expected(query, print)));
        });
      }
    }
  }
});

describe("values are printed as Redshift does", () => {
  it("whatever the session's settings are", async () => {
    await session.ok("SET datestyle = 'German'; SET timezone = 'Asia/Tokyo'; SET bytea_output = 'escape'");
    await session.ok(
      `UNLOAD ($$SELECT true, false, 1.50::numeric(5,2), 0.1::float8, '2026-01-02'::date, '2026-01-02 03:04:05.5'::timestamp,
        '2026-01-02 03:04:05+00'::timestamptz, 'ab'::char(5), '\\x00ff'::bytea, interval '1 day'$$)
       TO 'file://${folder}/v_' PARALLEL OFF ESCAPE`,
    );
    const { rows } = await session.ok("SELECT current_setting('datestyle'), current_setting('timezone')");
    await session.ok("RESET ALL");
    assert.equal(
      await contentOf(await filesBelow(folder), { compression: "none" }),
      "t|f|1.50|0.1|2026-01-02|2026-01-02 03:04:05.5|2026-01-02 03:04:05+00|ab|00ff|1 day\n",
    );
    assert.deepEqual(rows, [["German, DMY", "Asia/Tokyo"]]);
  });
});

describe("files", () => {
  it("are cut between records by MAXFILESIZE, in order", async () => {
    await session.ok(
      `UNLOAD ('SELECT id, t FROM many ORDER BY id') TO 'file://${folder}/m_' CSV HEADER PARALLEL OFF MAXFILESIZE 5 MB MANIFEST VERBOSE`,
    );
    const files = await filesBelow(folder);
    assert.deepEqual([...files.keys()], ["m_000", "m_001", "m_002", "m_manifest"]);
    const contents = [...files.values()].slice(0, 3).map(String);
    const rows = contents.map((text) => text.replace("id,t\n", "")).join("");
    assert.ok(rows === (await expected("SELECT id, t FROM many ORDER BY id", (row) => row.join(","))));
    const limit = 5 * 1024 * 1024;
    for (const { length } of contents.slice(0, 2)) assert.ok(length <= limit && length > limit - 100, `${length}`);
    const manifest = parseManifest(String(files.get("m_manifest")), "m");
    assert.deepEqual(
      manifest.entries.map(({ url, contentLength }) => [url, contentLength]),
      contents.map((text, index) => [`file://${folder}/m_00${index}`, text.length]),
    );
    const records = manifest.entries.reduce((sum, { recordCount = 0 }) => sum + recordCount, 0);
    assert.equal(records, 150_003);
  });

  it("stay below MAXFILESIZE when they are compressed", async () => {
    await session.ok(`UNLOAD ('SELECT t FROM many') TO 'file://${folder}/' CSV ZSTD PARALLEL OFF MAXFILESIZE 5 MB`);
    const files = await filesBelow(folder);
    assert.equal((await contentOf(files, { compression: "zstd" })).split("\n").length, 150_001);
    for (const [name, { length }] of files) assert.ok(length <= 5 * 1024 * 1024, `${name} ${length}`);
  });

  it("of several slices hold every row once", async () => {
    const { notices, rows } = await session.ok(`UNLOAD ('SELECT id FROM many') TO 'file://${folder}/x' GZIP MANIFEST`);
    assert.deepEqual(await names(), ["x0000_part_00.gz", "x0001_part_00.gz", "xmanifest"]);
    const ids = (await contentOf(await filesBelow(folder), { compression: "gzip" })).trimEnd().split("\n");
    assert.deepEqual(
      ids.map(Number).toSorted((a, b) => a - b),
      Array.from({ length: 150_000 }, (_, index) => index + 1),
    );
    assert.ok(notices.includes("INFO: UNLOAD completed, 150000 record(s) unloaded successfully."), notices.join());
    assert.deepEqual([rows[0]?.[0], rows[0]?.[1], rows[0]?.[4]], ["150000", "2", `file://${folder}/xmanifest`]);
  });

  it("take EXTENSION instead of the compression's own", async () => {
    await session.ok(`UNLOAD ('SELECT 1') TO 'file://${folder}/x_' GZIP EXTENSION '.csv.gz'`);
    await session.ok(`UNLOAD ('SELECT 1 AS a') TO 'file://${folder}/p/' PARQUET PARALLEL OFF`);
    assert.deepEqual(await names(), ["p/000.parquet", "x_0000_part_00.csv.gz"]);
  });

  it("lie in a folder a partition, without its columns unless INCLUDE", async () => {
    const query = "SELECT k, id, nullif(k, 1)::text || '/=%' AS s FROM many WHERE id <= 6";
    await session.ok(
      `UNLOAD ($$${query} ORDER BY id DESC$$) TO 'file://${folder}/p' CSV PARTITION BY (s, k) MANIFEST PARALLEL OFF`,
    );
    const files = await filesBelow(folder);
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
      contents.map(([name]) => `file://${folder}/${name}`),
    );
    await session.ok(`UNLOAD ($$${query}$$) TO 'file://${folder}/i/' CSV PARTITION BY (k) INCLUDE PARALLEL OFF`);
    assert.equal(String((await filesBelow(folder)).get("i/k=1/000")), "1,1,\n1,4,\n");
  });

  it("are none without rows, nor is anything else", async () => {
    const { notices } = await session.ok(
      `UNLOAD ('SELECT 1 WHERE false') TO 'file://${folder}/x' MANIFEST HEADER WITH kms = 'local-kms:///one'`,
    );
    assert.deepEqual(await names(), []);
    assert.ok(notices.includes("INFO: no rows, so no files were written"));
  });
});

describe("a destination that is taken", () => {
  it("is refused in Redshift's words, by prefix", async () => {
    await mkdir(folder);
    await writeFile(join(folder, "t2_old"), "old");
    const error = await session.fails(`UNLOAD ('SELECT 1') TO 'file://${folder}/t'`, "storage/exists");
    assert.match(error.message, /^Specified unload destination on S3 is not empty\. Consider using/);
    assert.match(error.hint ?? "", /ALLOWOVERWRITE.*CLEANPATH/);
    assert.deepEqual(await names(), ["t2_old"]);
    await session.ok(`UNLOAD ('SELECT 1') TO 'file://${folder}/t2_old/x'`).catch(() => undefined);
    await session.ok(`UNLOAD ('SELECT 1') TO 'file://${folder}/u'`);
  });

  it("is overwritten, or cleaned, and what is beside it stays", async () => {
    await mkdir(folder);
    for (const name of ["t000", "t007", "other"]) await writeFile(join(folder, name), "old");
    await session.ok(`UNLOAD ('SELECT 1') TO 'file://${folder}/t' PARALLEL OFF ALLOWOVERWRITE`);
    assert.deepEqual(
      [...(await filesBelow(folder))].map(([name, bytes]) => `${name} ${String(bytes).trim()}`),
      ["other old", "t000 1", "t007 old"],
    );
    const { notices } = await session.ok(`UNLOAD ('SELECT 2') TO 'file://${folder}/t' PARALLEL OFF CLEANPATH`);
    assert.ok(notices.includes("INFO: CLEANPATH deleted 2 object(s) first"));
    assert.deepEqual(
      [...(await filesBelow(folder))].map(([name, bytes]) => `${name} ${String(bytes).trim()}`),
      ["other old", "t000 2"],
    );
    await session.fails(`UNLOAD ('SELECT 1/0') TO 'file://${folder}/t' CLEANPATH`, "engine/failed");
    assert.deepEqual(await names(), ["other", "t000"]);
  });

  it("is cleaned only in the folders that get files", async () => {
    await mkdir(join(folder, "k=1"), { recursive: true });
    await mkdir(join(folder, "k=9"));
    for (const name of ["k=1/old", "k=9/old"]) await writeFile(join(folder, name), "old");
    await session.ok(
      `UNLOAD ('SELECT 1 AS k, 2 AS v') TO 'file://${folder}/' CSV PARTITION BY (k) PARALLEL OFF CLEANPATH`,
    );
    assert.deepEqual(await names(), ["k=1/000", "k=9/old"]);
  });

  it("keeps the key of files that stay", async () => {
    const sql = `UNLOAD ('SELECT 1') TO 'file://${folder}/t' PARALLEL OFF ALLOWOVERWRITE`;
    await session.ok(`${sql} WITH kms = 'local-kms:///one'`);
    await session.ok(`${sql} WITH kms = 'local-kms:///two'`);
    assert.deepEqual(await names(), ["t000", "t000.instruction", "tENCRYPTION_INFO", "tENCRYPTION_INFO-2"]);
  });
});

describe("encryption", () => {
  it("binds every file and the list of them", async () => {
    await session.ok(
      `UNLOAD ('SELECT id FROM many') TO 'file://${folder}/x' MANIFEST ENCRYPTED MASTER_SYMMETRIC_KEY '${MASTER}'`,
    );
    const files = await filesBelow(folder);
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
    world.hooks = {
      store: (store) => {
        const counting = new FaultyStore(store);
        Object.defineProperty(counting, "operations", { value: operations });
        return counting;
      },
    };
    const kms = "('local-kms:///one', 'local-kms:///two')";
    await session.ok(`UNLOAD ('SELECT 1') TO 'file://${folder}/x' MANIFEST PARALLEL OFF WITH kms = ${kms}`);
    const puts = operations.filter((operation) => operation.startsWith("put "));
    assert.deepEqual(puts, ["put xENCRYPTION_INFO", "put x000.instruction", "put x000", "put xmanifest"]);
  });

  it("writes nothing when one key cannot wrap", async () => {
    const kms = "('local-kms:///one', 'local-kms:///missing')";
    const { error } = await session.run(`UNLOAD ('SELECT 1') TO 'file://${folder}/x' WITH kms = ${kms}`);
    assert.match(error?.code ?? "", /^key\//);
    assert.deepEqual(await names(), []);
  });
});

describe("failure", () => {
  it("at any operation of the store leaves nothing", async () => {
    const sql = (at: number): string =>
      `UNLOAD ('SELECT id FROM many') TO 'file://${folder}/${at}/x' GZIP MANIFEST WITH kms = 'local-kms:///one'`;
    let count = 0;
    world.hooks = {
      store: (store) => {
        const counting = new FaultyStore(store);
        return Object.assign(counting, {
          [Symbol.asyncDispose]: async () => void (count = counting.operations.length),
        });
      },
    };
    await session.ok(sql(0));
    assert.ok(count >= 8, `${count}`);
    for (let at = 1; at <= count; at += 1) {
      for (const when of ["before", "midway", "after"] as const) {
        await rm(join(folder, String(at)), { recursive: true, force: true });
        const error = new ShellError("storage/unavailable", "the disk is on fire");
        world.hooks = { store: (store) => new FaultyStore(store, { atOperation: at, when, error }) };
        const outcome = await session.run(sql(at));
        assert.equal(outcome.error?.code, "storage/unavailable", `${at} ${when}`);
        assert.deepEqual([...(await filesBelow(join(folder, String(at)))).keys()], [], `${at} ${when}`);
      }
    }
    world.hooks = {};
    await session.ok("SELECT 1");
  });

  it("of the query while files are written leaves nothing and says so", async () => {
    const error = await session.fails(
      `UNLOAD ('SELECT 1 / (140000 - id) FROM many') TO 'file://${folder}/x' GZIP`,
      "engine/failed",
    );
    assert.equal(error.note, "no file of this UNLOAD stays");
    assert.deepEqual(await names(), []);
    assert.equal(session.live.transaction, "idle");
  });

  it("by an abort stops the query and leaves nothing", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    const sql = `UNLOAD ('SELECT a.t FROM many a, many b') TO 'file://${folder}/x' ZSTD`;
    const { error } = await session.run(sql, stop.signal);
    assert.equal(error?.code, "job/interrupted");
    assert.deepEqual(await names(), []);
    await session.ok("SELECT 1");
  });
});

describe("the session", () => {
  it("shows its temporary tables and its open transaction's changes, and keeps both", async () => {
    await session.ok("CREATE TEMPORARY TABLE mine AS SELECT 7 AS seven");
    await session.ok("BEGIN; UPDATE mine SET seven = 8");
    await session.ok(`UNLOAD ('SELECT * FROM mine') TO 'file://${folder}/a' PARALLEL OFF`);
    await session.fails(`UNLOAD ('SELECT * FROM nowhere') TO 'file://${folder}/b'`, "engine/failed");
    assert.equal(session.live.transaction, "open");
    await session.ok("COMMIT");
    assert.equal(String((await filesBelow(folder)).get("a000")), "8\n");
    assert.deepEqual((await session.ok("SELECT * FROM mine")).rows, [["8"]]);
  });

  it("is not written to by the query", async () => {
    await session.ok("CREATE SEQUENCE counter");
    const error = await session.fails(
      `UNLOAD ('SELECT nextval(''counter'')') TO 'file://${folder}/x'`,
      "engine/failed",
    );
    assert.match(error.message, /read-only transaction/);
  });

  it("hears of columns that do not go with the clauses before anything is written", async () => {
    await session.fails(`UNLOAD ('SELECT 1 AS a, 2 AS a') TO 'file://${folder}/x' JSON`, "option/conflict");
    await session.fails(`UNLOAD ('SELECT 1 AS a, 2 AS a') TO 'file://${folder}/x' PARQUET`, "option/conflict");
    await session.fails(`UNLOAD ('SELECT 1') TO 'file://${folder}/x' FIXEDWIDTH 'a:1,b:1'`, "option/value");
    await session.fails(`UNLOAD ('SELECT ''a''::bytea') TO 'file://${folder}/x' JSON`, "option/conflict");
    await session.fails(`UNLOAD ('SELECT 1 AS a') TO 'file://${folder}/x' CSV PARTITION BY (a)`, "option/value");
    assert.deepEqual(await names(), []);
  });

  it("hears beforehand what will be lost, and only then", async () => {
    const warned = async (query: string, clauses: string): Promise<readonly string[]> => {
      const { notices } = await session.ok(`UNLOAD ('${query}') TO 'file://${folder}/x' ALLOWOVERWRITE ${clauses}`);
      return notices.filter((notice) => notice.startsWith("WARNING"));
    };
    assert.equal((await warned("SELECT t FROM hostile", "")).length, 2);
    assert.deepEqual(await warned("SELECT id FROM hostile", ""), []);
    assert.deepEqual(
      await warned("SELECT t FROM hostile WHERE id < 3", "ESCAPE NULL AS ''@''".replaceAll("''", "'")),
      [],
    );
    assert.deepEqual(await warned("SELECT t FROM hostile", "JSON"), []);
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
    const embedded = world.embedded(directory.database);
    await embedded.ok("CREATE TABLE e AS SELECT i, repeat('x', 100) AS t FROM generate_series(1, 20000) i");
    await embedded.ok(
      `UNLOAD ('SELECT * FROM e ORDER BY i') TO 'file://${folder}/e' CSV GZIP PARALLEL OFF MANIFEST WITH encryption_passphrase = 'pass phrase'`,
    );
    const files = await filesBelow(folder);
    const master = await passphraseKey(
      files.get("eENCRYPTION_INFO") ?? assert.fail("no ENCRYPTION_INFO"),
      "pass phrase",
    );
    const wanted = Array.from({ length: 20_000 }, (_, index) => `${index + 1},${"x".repeat(100)}\n`).join("");
    assert.ok((await contentOf(files, { compression: "gzip", master })) === wanted);
    await embedded.fails(`UNLOAD ('SELECT 1/0') TO 'file://${folder}/f'`, "engine/failed");
    assert.deepEqual((await embedded.ok("SELECT count(*) FROM e")).rows, [["20000"]]);
    await embedded.close();
  });
});
