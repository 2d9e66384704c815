import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { ROOT } from "../harness/root.ts";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { embeddedTestDirectory } from "../harness/embedded-directory.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";

const MASTER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER = "//////////////////////////////////////////8=";

let server: TestPostgres;
let world: BackupWorld;
let session: TestSession;
let folder: string;
let number = 0;

before(async () => {
  world = await BackupWorld.open();
  server = await startPostgres();
  session = world.postgres(server.settings);
  await session.ok("CREATE KMS KEY 'local-kms:///one'");
  await session.ok("CREATE KMS KEY 'local-kms:///two'");
});

beforeEach(async () => {
  folder = join(world.directory, `in-${(number += 1)}`);
  await mkdir(folder, { recursive: true });
  await session.ok("DROP TABLE IF EXISTS t; CREATE TABLE t (id int, name text)");
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await server.stop();
});

async function put(name: string, content: string | Uint8Array): Promise<void> {
  await writeFile(join(folder, name), content);
}

const uri = (name: string): string => `file://${folder}/${name}`;

async function table(order = "id"): Promise<readonly (readonly (string | null)[])[]> {
  return (await session.ok(`SELECT * FROM t ORDER BY ${order}`)).rows;
}

describe("files", () => {
  it("are all that begin with the prefix, but for what lies beside data", async () => {
    await put("p_1", "1|a\n");
    await put("p_2", "2|b\n");
    await put("p_manifest", "{}");
    await put("p_1.instruction.not", "3|c\n");
    await put("q_1", "9|z\n");
    const { notices, events } = await session.ok(`COPY t FROM '${uri("p_")}'`);
    assert.deepEqual(await table(), [
      ["1", "a"],
      ["2", "b"],
      ["3", "c"],
    ]);
    assert.ok(notices.includes("INFO: Load into table 't' completed, 3 record(s) loaded successfully."));
    assert.ok(notices.includes("NOTICE: manifests among the files were not loaded"));
    assert.ok(events.some((event) => event.type === "finished" && event.tag === "COPY 3"));
    const error = await session.fails(`COPY t FROM '${uri("nothing")}'`, "storage/not-found");
    assert.equal(error.message, "The specified S3 prefix 'nothing' does not exist");
  });

  it("are those of a manifest, as often as it lists them", async () => {
    await put("a", "1|a\n");
    await put("b", "2|b\n");
    const list = (entries: unknown): Promise<void> => put("m", JSON.stringify({ entries }));
    await list([{ url: uri("a") }, { url: uri("b"), mandatory: true }, { url: uri("a") }, { url: uri("gone") }]);
    const { notices } = await session.ok(`COPY t FROM '${uri("m")}' MANIFEST`);
    assert.deepEqual(await table(), [
      ["1", "a"],
      ["1", "a"],
      ["2", "b"],
    ]);
    assert.ok(notices.includes("WARNING: 1 files of the manifest are missing"));
    await list([{ url: uri("a") }, { url: uri("gone"), mandatory: true }]);
    await session.fails(`COPY t FROM '${uri("m")}' MANIFEST`, "storage/not-found");
    await list([{ url: uri("gone") }]);
    await session.fails(`COPY t FROM '${uri("m")}' MANIFEST`, "storage/not-found");
    await list([{ url: uri("a"), meta: { content_length: 5 } }]);
    await session.fails(`COPY t FROM '${uri("m")}' MANIFEST`, "integrity/truncated");
    await list([]);
    await session.ok(`COPY t FROM '${uri("m")}' MANIFEST`);
    await put("m", "no json");
    const error = await session.fails(`COPY t FROM '${uri("m")}' MANIFEST`, "option/value");
    assert.equal(error.message, "Manifest file is not in correct json format");
    assert.equal((await table()).length, 3);
  });
});

describe("compressed files", () => {
  const ROWS = Array.from({ length: 60_000 }, (_, at) => `${at}|value ${at * 7919}\n`);
  const [FIRST, SECOND] = [ROWS.slice(0, 100).join(""), ROWS.slice(100).join("")];
  const bzip2 = (text: string): Buffer => execFileSync("bzip2", ["-c"], { input: text });
  const COMPRESS = { GZIP: gzipSync, ZSTD: zstdCompressSync, BZIP2: bzip2 } as const;

  for (const [clause, compress] of Object.entries(COMPRESS)) {
    it(`${clause} of two members`, async () => {
      const whole = Buffer.concat([compress(FIRST), compress(SECOND)]);
      await put("c", whole);
      await session.ok(`COPY t FROM '${uri("c")}' ${clause}`);
      const { rows } = await session.ok("SELECT id || '|' || name || E'\\n' FROM t ORDER BY id");
      assert.ok(rows.flat().join("") === ROWS.join(""));
      await put("c", whole.subarray(0, -30));
      await session.fails(`COPY t FROM '${uri("c")}' ${clause}`, "load/file");
      await put("c", "1|plain\n");
      await session.fails(`COPY t FROM '${uri("c")}' ${clause}`, "load/file");
      assert.deepEqual((await session.ok("SELECT count(*) FROM t")).rows, [["60000"]]);
    });
  }

  it("are named when the clause is missing", async () => {
    await put("c", gzipSync("1|a\n"));
    const error = await session.fails(`COPY t FROM '${uri("c")}'`, "load/file");
    assert.equal(error.hint, "add GZIP");
  });

  it("LZOP, as lzop wrote them", async () => {
    const file = await readFile(join(ROOT, "fixtures/copy/rows.lzo"));
    await put("c", Buffer.concat([file, file]));
    await session.ok(`COPY t FROM '${uri("c")}' LZOP`);
    const { rows } = await session.ok("SELECT id, name, count(*) FROM t GROUP BY id, name ORDER BY id");
    const expected = Array.from({ length: 10_000 }, (_, at) => [
      String(at),
      `value ${at} ${"x".repeat(at % 97)} ${at * 7919}`,
      "2",
    ]);
    assert.deepEqual(rows, expected);
    for (const at of [40, 2000, file.length - 10]) {
      const damaged = Buffer.from(file);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      await put("c", damaged);
      await session.fails(`COPY t FROM '${uri("c")}' LZOP`, "load/file");
    }
    await put("c", file.subarray(0, 5000));
    await session.fails(`COPY t FROM '${uri("c")}' LZOP`, "load/file");
  });
});

describe("encodings", () => {
  it("become UTF-8", async () => {
    const utf16 = Buffer.from("1|zoë 🪁\n", "utf16le");
    const swapped = Buffer.from(utf16).swap16();
    const files: Readonly<Record<string, Uint8Array>> = {
      UTF16: Buffer.concat([Buffer.of(0xff, 0xfe), utf16]),
      UTF16LE: utf16,
      UTF16BE: swapped,
      ISO88591: Buffer.from("1|zoë \x80\n", "latin1"),
    };
    for (const [encoding, bytes] of Object.entries(files)) {
      await session.ok("TRUNCATE t");
      await put("e", bytes);
      await session.ok(`COPY t FROM '${uri("e")}' ENCODING ${encoding}`);
      assert.deepEqual(await table(), [["1", encoding === "ISO88591" ? "zoë \u0080" : "zoë 🪁"]]);
    }
    await put("e", utf16);
    await session.fails(`COPY t FROM '${uri("e")}' ENCODING UTF16`, "load/file");
    await put("e", utf16.subarray(0, -1));
    await session.fails(`COPY t FROM '${uri("e")}' ENCODING UTF16LE`, "load/file");
  });
});

describe("rows that are refused", () => {
  it("leave everything as it was, and are told", async () => {
    await put("r", "1|a\nx|b\n3|c|d\n4|e\n");
    const error = await session.fails(`COPY t FROM '${uri("r")}'`, "load/rows");
    assert.deepEqual(error.detail, [
      `${uri("r")}, line 2, column id (integer): "x": Invalid digit, Value 'x', Pos 0, Type: Integer (1207)`,
      `${uri("r")}, line 3: "3|c|d": Extra column(s) found (1202)`,
    ]);
    assert.equal(error.note, "nothing was loaded");
    assert.deepEqual(await table(), []);
    const { kept } = session.live.loadErrors;
    assert.deepEqual(
      kept.map(({ line, column, code, rawLine }) => [line, column, code, rawLine]),
      [
        [2, "id", 1207, "x|b"],
        [3, "", 1202, "3|c|d"],
      ],
    );
  });

  it("are left out below MAXERROR, and none is lost", async () => {
    await put("r", "1|a\nx|b\n3|c|d\n4|e\n");
    const { notices } = await session.ok(`COPY t FROM '${uri("r")}' MAXERROR 3`);
    assert.deepEqual(await table(), [
      ["1", "a"],
      ["4", "e"],
    ]);
    assert.ok(notices.some((notice) => notice.includes("completed, 2 record(s) could not be loaded.")));
    await session.fails(`COPY t FROM '${uri("r")}' MAXERROR 2`, "load/rows");
    assert.equal((await table()).length, 2);
    await session.ok(`COPY t FROM '${uri("r")}' IGNOREALLERRORS`);
    assert.equal((await table()).length, 4);
  });

  it("may be refused by the database, wherever they stand", async () => {
    await session.ok("DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY CHECK (id <> 7), name uuid)");
    const uuid = "00000000-0000-0000-0000-000000000000";
    const bad = new Set([0, 1, 2, 500, 501, 19_999]);
    const rows = Array.from({ length: 20_000 }, (_, at) => `${at}|${bad.has(at) ? "no uuid" : uuid}\n`);
    // A row twice, and one that a constraint refuses.
    await put("r", `${rows.join("")}12|${uuid}\n`);
    const { kept } = session.live.loadErrors;
    await session.ok(`COPY t FROM '${uri("r")}' MAXERROR 100`);
    const { rows: counted } = await session.ok("SELECT count(*), count(DISTINCT id) FROM t");
    assert.deepEqual(counted, [[String(20_000 - bad.size - 1), String(20_000 - bad.size - 1)]]);
    const lines = session.live.loadErrors.kept
      .map(({ line, code }) => [line, code])
      .toSorted(([a = 0], [b = 0]) => a - b);
    assert.deepEqual(lines, [
      ...[1, 2, 3].map((line) => [line, 1223]),
      [8, 1200],
      ...[501, 502, 20_000].map((line) => [line, 1223]),
      [20_001, 1200],
    ]);
    assert.notEqual(session.live.loadErrors.kept, kept);
    const error = await session.fails(`COPY t FROM '${uri("r")}'`, "load/rows");
    assert.match(error.detail[0] ?? "", /line 1, column name \(uuid\): "no uuid": invalid input syntax/);
  });

  it("are counted by reason", async () => {
    await put("r", Array.from({ length: 50 }, (_, at) => `${at % 2 === 0 ? `x${at}` : at}\n`).join(""));
    const error = await session.fails(`COPY t FROM '${uri("r")}' MAXERROR 10`, "load/rows");
    assert.equal(error.detail.length, 7);
    assert.deepEqual(error.detail.slice(-2), ["… 45 more", "50 × 1214 Delimiter not found"]);
  });

  it("hold no control characters when they are shown", async () => {
    await put("r", "\u202e\u001b[31mx\u0007|b\n\xff\n");
    const error = await session.fails(`COPY t FROM '${uri("r")}'`, "load/rows");
    assert.match(error.detail[0] ?? "", /"\\u202e\\u001b\[31mx\\u0007"/);
  });
});

describe("the transaction", () => {
  it("is the user's when one is open", async () => {
    await put("r", "1|a\n");
    await put("bad", "x|a\n");
    await session.ok("BEGIN; INSERT INTO t VALUES (0, 'mine')");
    await session.ok(`COPY t FROM '${uri("r")}'`);
    await session.fails(`COPY t FROM '${uri("bad")}'`, "load/rows");
    assert.deepEqual(await table(), [
      ["0", "mine"],
      ["1", "a"],
    ]);
    await session.ok("ROLLBACK");
    assert.deepEqual(await table(), []);
  });

  it("is not begun within a failed one", async () => {
    await put("r", "1|a\n");
    await session.ok("BEGIN");
    await session.run("SELECT 1/0");
    const { error } = await session.run(`COPY t FROM '${uri("r")}'`);
    assert.equal(error?.sqlState, "25P02");
    await session.ok("ROLLBACK");
  });

  it("loads nothing with NOLOAD, and checks with the database", async () => {
    await put("r", "1|a\n2|b\n");
    const { notices } = await session.ok(`COPY t FROM '${uri("r")}' NOLOAD`);
    assert.ok(notices.some((notice) => notice.includes("2 record(s) could be loaded")));
    assert.deepEqual(await table(), []);
  });

  it("ends with nothing loaded when it is stopped", async () => {
    const controller = new AbortController();
    controller.abort();
    await put("r", "1|a\n");
    const { error } = await session.run(`COPY t FROM '${uri("r")}'`, controller.signal);
    assert.equal(error?.code, "job/interrupted");
    assert.deepEqual(await table(), []);
  });

  it("gathers statistics for a table that was empty, or when asked", async () => {
    const analysed = async (): Promise<unknown> =>
      (await session.ok("SELECT reltuples::int FROM pg_class WHERE oid = 't'::regclass")).rows[0]?.[0];
    await put("r", "1|a\n2|b\n");
    await session.ok(`COPY t FROM '${uri("r")}' STATUPDATE OFF`);
    assert.equal(await analysed(), "-1");
    await session.ok(`COPY t FROM '${uri("r")}'`);
    assert.equal(await analysed(), "-1");
    await session.ok(`COPY t FROM '${uri("r")}' STATUPDATE ON COMPUPDATE OFF COMPROWS 200000`);
    assert.equal(await analysed(), "6");
    await session.ok("TRUNCATE t");
    await session.ok(`COPY t FROM '${uri("r")}'`);
    assert.equal(await analysed(), "2");
  });
});

describe("columns", () => {
  it("of a list are loaded, others get their defaults", async () => {
    await session.ok(`DROP TABLE t; CREATE DOMAIN short AS varchar(3) NOT NULL; CREATE TABLE t (
      id int GENERATED ALWAYS AS IDENTITY, "Odd ""name" short, c text DEFAULT 'd', twice int GENERATED ALWAYS AS (id * 2) STORED)`);
    await put("r", "abc|x\n");
    await session.ok(`COPY t FROM '${uri("r")}'`);
    await session.ok(`COPY t ("Odd ""name") FROM '${uri("r")}' IGNOREHEADER 1`);
    await put("i", "7|abc\n");
    await session.ok(`COPY t (id, "Odd ""name") FROM '${uri("i")}' EXPLICIT_IDS`);
    assert.deepEqual(await table(), [
      ["1", "abc", "x", "2"],
      ["7", "abc", "d", "14"],
    ]);
    await session.fails(`COPY t (id, "Odd ""name") FROM '${uri("i")}'`, "load/table");
    await session.fails(`COPY t (c) FROM '${uri("i")}' EXPLICIT_IDS`, "load/table");
    await session.fails(`COPY t (nope) FROM '${uri("i")}'`, "load/table");
    await session.fails(`COPY t (twice) FROM '${uri("i")}'`, "load/table");
    await put("r", "abcd|x\n|x\n\\N|x\n");
    const error = await session.fails(`COPY t FROM '${uri("r")}'`, "load/rows");
    assert.deepEqual(
      error.detail.map((line) => /\((\d+)\)$/.exec(line)?.[1]),
      ["1204", "1213"],
    );
    await session.ok("DROP TABLE t; DROP DOMAIN short; CREATE TABLE t (id int)");
  });

  it("are those of a table that exists and is one", async () => {
    await session.ok("CREATE OR REPLACE VIEW v AS SELECT 1 AS x");
    assert.equal(
      (await session.fails("COPY s.nothing FROM 'file:///x/y'", "load/table")).message,
      "Cannot COPY into nonexistent table s.nothing",
    );
    await session.fails("COPY v FROM 'file:///x/y'", "load/table");
    await session.fails("COPY elsewhere.public.t FROM 'file:///x/y'", "load/table");
  });
});

describe("what only Redshift does", () => {
  for (const [clauses, hint] of [
    ["FROM 's3://b/k' IAM_ROLE 'arn:aws:iam::123456789012:role/r' ORC", /PARQUET/],
    ["FROM 'file:///d/k' SHAPEFILE", /shp2pgsql/],
    ["FROM 'emr://j-1/p' IAM_ROLE DEFAULT", /s3-dist-cp/],
    ["FROM 'dynamodb://t' IAM_ROLE DEFAULT READRATIO 50", /export/],
    ["FROM 's3://b/k' IAM_ROLE DEFAULT SSH", /run the commands/],
    ["FROM 's3://b/k' IAM_ROLE 'arn:aws:iam::123456789012:role/r' JOB CREATE j", /scheduler/],
    ["FROM 'file:///d/k' USING TEMPLATE x", /clauses/],
  ] as const) {
    it(clauses, async () => {
      const error = await session.fails(`COPY t ${clauses}`, "engine/unsupported");
      assert.match(error.hint ?? "", hint);
    });
  }
});

describe("encrypted files", () => {
  const unload = async (keys: string, more = ""): Promise<void> => {
    await session.ok("INSERT INTO t SELECT i, repeat('v' || i, 20) FROM generate_series(1, 500) i");
    await session.ok(`UNLOAD ($$SELECT * FROM t$$) TO '${uri("x_")}' PARALLEL OFF ${more} ${keys}`);
    await session.ok("TRUNCATE t");
  };
  const count = async (): Promise<unknown> => (await session.ok("SELECT count(*) FROM t")).rows[0]?.[0];
  const master = (key: string): string => `ENCRYPTED MASTER_SYMMETRIC_KEY '${key}'`;

  it("open with the master key, and with no other", async () => {
    await unload(master(MASTER), "GZIP MANIFEST");
    await session.ok(`COPY t FROM '${uri("x_")}' GZIP ${master(MASTER)}`);
    await session.ok(`COPY t FROM '${uri("x_manifest")}' MANIFEST GZIP ${master(MASTER)}`);
    assert.equal(await count(), "1000");
    await session.fails(`COPY t FROM '${uri("x_")}' GZIP ${master(OTHER)}`, "key/mismatch");
    await session.fails(`COPY t FROM '${uri("x_")}' GZIP`, "key/required");
    assert.equal(await count(), "1000");
  });

  it("open with whichever key service answers, and with the passphrase", async () => {
    await unload("WITH kms = ('local-kms:///one', 'local-kms:///two')", "MANIFEST");
    await session.ok(`COPY t FROM '${uri("x_")}' WITH kms = 'local-kms:///two'`);
    await session.ok(`COPY t FROM '${uri("x_manifest")}' MANIFEST WITH kms = 'local-kms:///one'`);
    assert.equal(await count(), "1000");
    await session.fails(`COPY t FROM '${uri("x_")}' WITH encryption_passphrase = 'p'`, "key/passphrase");
    await rm(join(folder, "x_ENCRYPTION_INFO"));
    await session.fails(`COPY t FROM '${uri("x_")}' WITH kms = 'local-kms:///two'`, "key/not-encrypted");
  });

  it("open with the passphrase only", async () => {
    await unload("WITH encryption_passphrase = 'correct horse'");
    await session.ok(`COPY t FROM '${uri("x_")}' WITH encryption_passphrase = 'correct horse'`);
    assert.equal(await count(), "500");
    await session.fails(`COPY t FROM '${uri("x_")}' WITH encryption_passphrase = 'wrong'`, "key/mismatch");
    await session.fails(`COPY t FROM '${uri("x_")}' WITH kms = 'local-kms:///one'`, "key/mismatch");
    assert.equal(await count(), "500");
  });

  it("say each in its own words what is wrong with them", async () => {
    await unload(master(MASTER), "MANIFEST");
    const [file, instruction] = [join(folder, "x_000"), join(folder, "x_000.instruction")];
    const [stored, envelope] = [await readFile(file), await readFile(instruction, "utf8")];
    const copy = `COPY t FROM '${uri("x_")}' ${master(MASTER)}`;
    await rm(instruction);
    await session.fails(copy, "key/not-encrypted");
    const { "x-amz-iv": _, ...half } = JSON.parse(envelope) as Record<string, string>;
    await writeFile(instruction, JSON.stringify(half));
    await session.fails(copy, "integrity/missing");
    await writeFile(instruction, envelope);
    await writeFile(file, stored.subarray(0, -3));
    await session.fails(copy, "integrity/truncated");
    // Nothing but the manifest's HMAC sees a change in the middle.
    const changed = Buffer.from(stored);
    changed[1000] = (changed[1000] ?? 0) ^ 1;
    await writeFile(file, changed);
    await session.fails(
      `COPY t FROM '${uri("x_manifest")}' MANIFEST ESCAPE ACCEPTINVCHARS FILLRECORD IGNOREALLERRORS ${master(MASTER)}`,
      "integrity/tampered",
    );
    await writeFile(file, stored);
    const manifest = await readFile(join(folder, "x_manifest"), "utf8");
    const entries = manifest.replace(/("entries":\[\n)(.*\n)/, "$1$2,$2");
    await put("x_manifest", entries);
    await session.fails(`COPY t FROM '${uri("x_manifest")}' MANIFEST ${master(MASTER)}`, "integrity/tampered");
    assert.equal(await count(), "0");
  });

  it("PARQUET is read in parts", async () => {
    await unload("WITH kms = 'local-kms:///one'", "PARQUET");
    await session.ok(`COPY t FROM '${uri("x_")}' PARQUET WITH kms = 'local-kms:///one'`);
    assert.equal(await count(), "500");
  });
});

describe("the embedded engine", () => {
  it("loads, refuses and rolls back the same way", async () => {
    await using directory = await embeddedTestDirectory();
    const embedded = world.embedded(directory.database);
    await embedded.ok("CREATE TABLE t (id int PRIMARY KEY, name text)");
    await put("r", Array.from({ length: 5000 }, (_, at) => `${at === 4000 ? 1 : at}|${at}\n`).join(""));
    const error = await embedded.fails(`COPY t FROM '${uri("r")}'`, "load/rows");
    assert.match(error.detail[0] ?? "", /line 4001: .*duplicate key/);
    assert.deepEqual((await embedded.ok("SELECT count(*) FROM t")).rows, [["0"]]);
    await embedded.ok(`COPY t FROM '${uri("r")}' MAXERROR 5`);
    assert.deepEqual((await embedded.ok("SELECT count(*) FROM t")).rows, [["4999"]]);
    await embedded.close();
  });
});
