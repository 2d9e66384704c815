// What COPY reads: which files, how compressed, in which encoding, encrypted with what.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { DataKey } from "../../src/crypto/data-key.ts";
import { sealEnvelope } from "../../src/crypto/s3-client-side.ts";
import { printInstruction } from "../../src/crypto/s3-envelope.ts";
import { readAll, streamOf } from "../../src/std/bytes.ts";
import { copyStage } from "../harness/copy-stage.ts";
import { ROOT } from "../harness/root.ts";

const MASTER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER = "//////////////////////////////////////////8=";

const stage = copyStage();

describe("files", () => {
  it("that begin as text are text, and UTF-16 is called so", async () => {
    for (const text of ["BZh9|a\n", "PAR1|a\n"]) {
      await stage.session.ok("DROP TABLE t; CREATE TABLE t (id text, name text)");
      await stage.put("f", text);
      await stage.session.ok(`COPY t FROM '${stage.uri("f")}'`);
      assert.deepEqual(await stage.rows(), [[text.slice(0, 4), "a"]]);
    }
    for (const mark of [Buffer.of(0xff, 0xfe), Buffer.of(0xfe, 0xff)]) {
      await stage.put("f", Buffer.concat([mark, Buffer.from("1|a\n", "utf16le")]));
      const error = await stage.session.fails(`COPY t FROM '${stage.uri("f")}' MAXERROR 5`, "load/file");
      assert.deepEqual([error.message, error.hint], [`${stage.uri("f")} looks like UTF-16`, "add ENCODING UTF16"]);
    }
  });

  it("are all that begin with the prefix, but for what lies beside data", async () => {
    await stage.put("p_1", "1|a\n");
    await stage.put("p_2", "2|b\n");
    await stage.put("p_manifest", "{}");
    await stage.put("p_1.instruction.not", "3|c\n");
    await stage.put("q_1", "9|z\n");
    const { notices, events } = await stage.session.ok(`COPY t FROM '${stage.uri("p_")}'`);
    assert.deepEqual(await stage.rows(), [
      ["1", "a"],
      ["2", "b"],
      ["3", "c"],
    ]);
    assert.ok(notices.includes("INFO: Load into table 't' completed, 3 record(s) loaded successfully."));
    assert.ok(notices.includes("NOTICE: manifests among the files were not loaded"));
    assert.ok(events.some((event) => event.type === "finished" && event.tag === "COPY 3"));
    const error = await stage.session.fails(`COPY t FROM '${stage.uri("nothing")}'`, "storage/not-found");
    assert.equal(error.message, "The specified S3 prefix 'nothing' does not exist");
  });

  it("are those of a manifest, as often as it lists them", async () => {
    await stage.put("a", "1|a\n");
    await stage.put("b", "2|b\n");
    const list = (entries: unknown): Promise<void> => stage.put("m", JSON.stringify({ entries }));
    await list([
      { url: stage.uri("a") },
      { url: stage.uri("b"), mandatory: true },
      { url: stage.uri("a") },
      { url: stage.uri("gone") },
    ]);
    const { notices } = await stage.session.ok(`COPY t FROM '${stage.uri("m")}' MANIFEST`);
    assert.deepEqual(await stage.rows(), [
      ["1", "a"],
      ["1", "a"],
      ["2", "b"],
    ]);
    assert.ok(notices.includes("WARNING: 1 files of the manifest are missing"));
    await list([{ url: stage.uri("a") }, { url: stage.uri("gone"), mandatory: true }]);
    await stage.session.fails(`COPY t FROM '${stage.uri("m")}' MANIFEST`, "storage/not-found");
    await list([{ url: stage.uri("gone") }]);
    await stage.session.fails(`COPY t FROM '${stage.uri("m")}' MANIFEST`, "storage/not-found");
    await list([{ url: stage.uri("a"), meta: { content_length: 5 } }]);
    await stage.session.fails(`COPY t FROM '${stage.uri("m")}' MANIFEST`, "integrity/truncated");
    await list([]);
    await stage.session.ok(`COPY t FROM '${stage.uri("m")}' MANIFEST`);
    await stage.put("m", "no json");
    const error = await stage.session.fails(`COPY t FROM '${stage.uri("m")}' MANIFEST`, "option/value");
    assert.equal(error.message, "Manifest file is not in correct json format");
    assert.equal((await stage.rows()).length, 3);
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
      await stage.put("c", whole);
      await stage.session.ok(`COPY t FROM '${stage.uri("c")}' ${clause}`);
      const { rows } = await stage.session.ok("SELECT id || '|' || name || E'\\n' FROM t ORDER BY id");
      assert.ok(rows.flat().join("") === ROWS.join(""));
      await stage.put("c", whole.subarray(0, -30));
      await stage.session.fails(`COPY t FROM '${stage.uri("c")}' ${clause}`, "load/file");
      await stage.put("c", "1|plain\n");
      await stage.session.fails(`COPY t FROM '${stage.uri("c")}' ${clause}`, "load/file");
      assert.deepEqual((await stage.session.ok("SELECT count(*) FROM t")).rows, [["60000"]]);
    });
  }

  it("are named when the clause is missing", async () => {
    await stage.put("c", gzipSync("1|a\n"));
    const error = await stage.session.fails(`COPY t FROM '${stage.uri("c")}'`, "load/file");
    assert.equal(error.hint, "add GZIP");
  });

  it("LZOP, as lzop wrote them", async () => {
    const file = await readFile(join(ROOT, "fixtures/copy/rows.lzo"));
    await stage.put("c", Buffer.concat([file, file]));
    await stage.session.ok(`COPY t FROM '${stage.uri("c")}' LZOP`);
    const { rows } = await stage.session.ok("SELECT id, name, count(*) FROM t GROUP BY id, name ORDER BY id");
    const expected = Array.from({ length: 10_000 }, (_, at) => [
      String(at),
      `value ${at} ${"x".repeat(at % 97)} ${at * 7919}`,
      "2",
    ]);
    assert.deepEqual(rows, expected);
    for (const at of [40, 2000, file.length - 10]) {
      const damaged = Buffer.from(file);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      await stage.put("c", damaged);
      await stage.session.fails(`COPY t FROM '${stage.uri("c")}' LZOP`, "load/file");
    }
    await stage.put("c", file.subarray(0, 5000));
    await stage.session.fails(`COPY t FROM '${stage.uri("c")}' LZOP`, "load/file");
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
      await stage.session.ok("TRUNCATE t");
      await stage.put("e", bytes);
      await stage.session.ok(`COPY t FROM '${stage.uri("e")}' ENCODING ${encoding}`);
      assert.deepEqual(await stage.rows(), [["1", encoding === "ISO88591" ? "zoë \u0080" : "zoë 🪁"]]);
    }
    await stage.put("e", utf16);
    await stage.session.fails(`COPY t FROM '${stage.uri("e")}' ENCODING UTF16`, "load/file");
    await stage.put("e", utf16.subarray(0, -1));
    await stage.session.fails(`COPY t FROM '${stage.uri("e")}' ENCODING UTF16LE`, "load/file");
  });
});

describe("encrypted files", () => {
  const unload = async (keys: string, more = "", rows = 500): Promise<void> => {
    await stage.session.ok(`INSERT INTO t SELECT i, repeat('v' || i, 20) FROM generate_series(1, ${rows}) i`);
    await stage.session.ok(`UNLOAD ($$SELECT * FROM t$$) TO '${stage.uri("x_")}' PARALLEL OFF ${more} ${keys}`);
    await stage.session.ok("TRUNCATE t");
  };
  const count = async (): Promise<unknown> => (await stage.session.ok("SELECT count(*) FROM t")).rows[0]?.[0];
  const master = (key: string): string => `ENCRYPTED MASTER_SYMMETRIC_KEY '${key}'`;

  it("open with the master key, and with no other", async () => {
    await unload(master(MASTER), "GZIP MANIFEST");
    await stage.session.ok(`COPY t FROM '${stage.uri("x_")}' GZIP ${master(MASTER)}`);
    await stage.session.ok(`COPY t FROM '${stage.uri("x_manifest")}' MANIFEST GZIP ${master(MASTER)}`);
    assert.equal(await count(), "1000");
    await stage.session.fails(`COPY t FROM '${stage.uri("x_")}' GZIP ${master(OTHER)}`, "key/mismatch");
    await stage.session.fails(`COPY t FROM '${stage.uri("x_")}' GZIP`, "key/required");
    assert.equal(await count(), "1000");
  });

  it("open with whichever key service answers, and with the passphrase", async () => {
    await unload("WITH kms = ('local-kms:///one', 'local-kms:///two')", "MANIFEST");
    await stage.session.ok(`COPY t FROM '${stage.uri("x_")}' WITH kms = 'local-kms:///two'`);
    await stage.session.ok(`COPY t FROM '${stage.uri("x_manifest")}' MANIFEST WITH kms = 'local-kms:///one'`);
    assert.equal(await count(), "1000");
    await stage.session.fails(`COPY t FROM '${stage.uri("x_")}' WITH encryption_passphrase = 'p'`, "key/passphrase");
    await writeFile(join(stage.folder, "x_ENCRYPTION_INFO-2"), "\u00ff");
    const beside = await stage.session.ok(`COPY t FROM '${stage.uri("x_")}' WITH kms = 'local-kms:///two'`);
    const notices = beside.events.filter(({ type }) => type === "notice");
    assert.match(JSON.stringify(notices), /x_ENCRYPTION_INFO-2 is damaged/);
    await rm(join(stage.folder, "x_ENCRYPTION_INFO"));
    await stage.session.fails(`COPY t FROM '${stage.uri("x_")}' WITH kms = 'local-kms:///two'`, "integrity/tampered");
    await rm(join(stage.folder, "x_ENCRYPTION_INFO-2"));
    await stage.session.fails(`COPY t FROM '${stage.uri("x_")}' WITH kms = 'local-kms:///two'`, "key/not-encrypted");
  });

  it("of an earlier UNLOAD that ALLOWOVERWRITE left open with their own key", async () => {
    const keys = "WITH kms = 'local-kms:///one'";
    const target = `TO '${stage.uri("x_")}' PARALLEL OFF ALLOWOVERWRITE EXTENSION`;
    await stage.session.ok(`UNLOAD ($$SELECT 1, 'a'$$) ${target} 'a' ${keys}`);
    await stage.session.ok(`UNLOAD ($$SELECT 2, 'b'$$) ${target} 'b' ${keys}`);
    await stage.session.ok(`UNLOAD ($$SELECT 3, 'c'$$) ${target} 'c' WITH kms = 'local-kms:///two'`);
    await stage.session.fails(`COPY t FROM '${stage.uri("x_")}' ${keys}`, "key/mismatch");
    await stage.session.ok(`COPY t FROM '${stage.uri("x_")}' WITH kms = ('local-kms:///two', 'local-kms:///one')`);
    assert.equal(await count(), "3");
  });

  it("stay as they are when the UNLOAD that was to replace them fails", async () => {
    const keys = "WITH kms = 'local-kms:///one'";
    await unload(keys, "MANIFEST");
    const before = await readdir(stage.folder);
    const failing = "SELECT i, (1 / (i - 90000))::text FROM generate_series(1, 100000) i";
    const replacing = `UNLOAD ($$${failing}$$) TO '${stage.uri("x_")}' PARALLEL OFF MANIFEST ALLOWOVERWRITE ${keys}`;
    await stage.session.fails(replacing, "engine/failed");
    assert.deepEqual(await readdir(stage.folder), before);
    await stage.session.ok(`COPY t FROM '${stage.uri("x_manifest")}' MANIFEST ${keys}`);
    assert.equal(await count(), "500");
  });

  it("open with the passphrase only", async () => {
    await unload("WITH encryption_passphrase = 'correct horse'");
    await stage.session.ok(`COPY t FROM '${stage.uri("x_")}' WITH encryption_passphrase = 'correct horse'`);
    assert.equal(await count(), "500");
    const wrong = `COPY t FROM '${stage.uri("x_")}' WITH encryption_passphrase = 'wrong'`;
    const error = await stage.session.fails(wrong, "key/mismatch");
    assert.equal(error.message, `the passphrase does not open ${stage.uri("x_000")}`);
    await stage.session.fails(`COPY t FROM '${stage.uri("x_")}' WITH kms = 'local-kms:///one'`, "key/mismatch");
    assert.equal(await count(), "500");
  });

  it("say each in its own words what is wrong with them", async () => {
    await unload(master(MASTER), "MANIFEST");
    const [file, instruction] = [join(stage.folder, "x_000"), join(stage.folder, "x_000.instruction")];
    const [stored, envelope] = [await readFile(file), await readFile(instruction, "utf8")];
    const copy = `COPY t FROM '${stage.uri("x_")}' ${master(MASTER)}`;
    await rm(instruction);
    await stage.session.fails(copy, "key/not-encrypted");
    const { "x-amz-iv": _, ...half } = JSON.parse(envelope) as Record<string, string>;
    await writeFile(instruction, JSON.stringify(half));
    await stage.session.fails(copy, "integrity/missing");
    await writeFile(instruction, envelope);
    await writeFile(file, stored.subarray(0, -3));
    await stage.session.fails(copy, "integrity/truncated");
    // Nothing but the manifest's HMAC sees a change in the middle.
    const changed = Buffer.from(stored);
    changed[1000] = (changed[1000] ?? 0) ^ 1;
    await writeFile(file, changed);
    await stage.session.fails(
      `COPY t FROM '${stage.uri("x_manifest")}' MANIFEST ESCAPE ACCEPTINVCHARS FILLRECORD IGNOREALLERRORS ${master(MASTER)}`,
      "integrity/tampered",
    );
    await writeFile(file, stored);
    const manifest = await readFile(join(stage.folder, "x_manifest"), "utf8");
    const entries = manifest.replace(/("entries":\[\n)(.*\n)/, "$1$2,$2");
    await stage.put("x_manifest", entries);
    await stage.session.fails(
      `COPY t FROM '${stage.uri("x_manifest")}' MANIFEST ${master(MASTER)}`,
      "integrity/tampered",
    );
    assert.equal(await count(), "0");
  });

  it("tell another key from a changed file, and a changed file from one that is badly made", async () => {
    const from = (more: string, key: string): string =>
      `COPY t FROM '${stage.uri("x_manifest")}' MANIFEST ${more} ${master(key)}`;
    for (const [more, name, rows] of [
      ["GZIP", "x_000.gz", 500],
      // So many that threads read them.
      ["GZIP", "x_000.gz", 60_000],
      ["CSV", "x_000", 500],
    ] as const) {
      await unload(master(MASTER), `${more} ALLOWOVERWRITE MANIFEST`, rows);
      const other = await stage.session.fails(from(more, OTHER), "key/mismatch");
      assert.deepEqual(
        [other.message, other.note],
        [`the master symmetric key does not open ${stage.uri(name)}`, "nothing was loaded"],
      );
      const path = join(stage.folder, name);
      const changed = await readFile(path);
      changed[1000] = (changed[1000] ?? 0) ^ 1;
      await writeFile(path, changed);
      const error = await stage.session.fails(from(more, MASTER), "integrity/tampered");
      assert.match(error.message, /is not what its manifest's HMAC says/);
      assert.equal(await count(), "0");
    }
  });

  it("may be listed by a manifest that is encrypted too, as other tools write them", async () => {
    await stage.put("a", "1|a\n");
    const list = Buffer.from(JSON.stringify({ entries: [{ url: stage.uri("x_000"), mandatory: true }] }));
    await unload(master(MASTER));
    using key = DataKey.take(Buffer.from(MASTER, "base64"));
    const { envelope, body } = sealEnvelope(streamOf(list), key);
    await stage.put("m", await readAll(body));
    await stage.put("m.instruction", printInstruction(envelope));
    const copy = `COPY t FROM '${stage.uri("m")}' MANIFEST`;
    await stage.session.fails(copy, "key/required");
    await stage.session.fails(`${copy} ${master(OTHER)}`, "key/mismatch");
    await stage.session.ok(`${copy} ${master(MASTER)}`);
    assert.equal(await count(), "500");
  });

  it("PARQUET is read in parts", async () => {
    await unload("WITH kms = 'local-kms:///one'", "PARQUET");
    await stage.session.ok(`COPY t FROM '${stage.uri("x_")}' PARQUET WITH kms = 'local-kms:///one'`);
    assert.equal(await count(), "500");
  });
});
