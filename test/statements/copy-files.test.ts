// What COPY reads: which files, how compressed, in which encoding.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { copyStage } from "../harness/copy-stage.ts";
import { ROOT } from "../harness/root.ts";

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
    assert.equal(error.message, `there is nothing to load at ${stage.uri("nothing")}`);
    assert.deepEqual(error.detail, [`no file begins with ${stage.uri("nothing")}`]);
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
