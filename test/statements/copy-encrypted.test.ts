// What COPY reads of files that are encrypted in the client: which keys open them, and what is said of each that does not.
import assert from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DataKey } from "../../src/crypto/data-key.ts";
import { sealEnvelope } from "../../src/crypto/s3-client-side.ts";
import { printInstruction } from "../../src/crypto/s3-envelope.ts";
import { readAll, streamOf } from "../../src/std/bytes.ts";
import { copyStage } from "../harness/copy-stage.ts";

const MASTER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER = "//////////////////////////////////////////8=";

const stage = copyStage();

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
    const passphrase = `COPY t FROM '${stage.uri("x_")}' WITH encryption_passphrase = 'p'`;
    assert.match(
      (await stage.session.fails(passphrase, "key/passphrase")).message,
      /^no passphrase opens these files:/,
    );
    const third = `COPY t FROM '${stage.uri("x_")}' WITH kms = 'local-kms:///three'`;
    await stage.session.ok("CREATE KMS KEY 'local-kms:///three'");
    const wrong = await stage.session.fails(third, "key/mismatch");
    assert.equal(wrong.message, "the master key does not open these files");
    assert.doesNotMatch(`${wrong.detail.join()} ${wrong.hint} ${wrong.note}`, /backup/i);
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
      if (more === "GZIP") {
        // Without the manifest nothing can tell, and that is said. In the first block stands how the file is packed.
        changed[0] = (changed[0] ?? 0) ^ 1;
        await writeFile(path, changed);
        const bare = `COPY t FROM '${stage.uri("x_000")}' GZIP ${master(MASTER)}`;
        const unproven = await stage.session.fails(bare, "load/file");
        assert.match(unproven.detail.join(), /without a manifest that has its HMAC, another key or a changed file/);
      }
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
