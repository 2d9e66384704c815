import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { sealBytes } from "../../src/crypto/cockroach-file.ts";
import { DataKey } from "../../src/crypto/data-key.ts";
import { sealEnvelope } from "../../src/crypto/s3-client-side.ts";
import { instructionKey, printEnvelope, printInstruction } from "../../src/crypto/s3-envelope.ts";
import { MemoryStore } from "../../src/storage/memory.ts";
import { streamOf, utf8 } from "../../src/std/bytes.ts";
import { inspectObject } from "../../src/tools/inspect-file.ts";

const key = DataKey.take(new Uint8Array(32).fill(3)).keyObject();
const iv = new Uint8Array(12).fill(0xab);

async function storeOf(objects: Record<string, Uint8Array | string>): Promise<MemoryStore> {
  const store = new MemoryStore("file:///b");
  for (const [name, body] of Object.entries(objects))
    await store.put(name, streamOf(typeof body === "string" ? utf8(body) : body));
  return store;
}

async function inspect(store: MemoryStore, name: string): Promise<Record<string, string>> {
  const facts = Object.fromEntries(await inspectObject(store, name)) as Record<string, string>;
  assert.equal(facts["object"], `file:///b/${name}`);
  assert.match(facts["modified"] ?? "", /^\d{4}-/u);
  delete facts["object"];
  delete facts["modified"];
  return facts;
}

describe("inspecting", () => {
  it("a sealed file and its checksum, right and wrong", async () => {
    const stored = sealBytes(new Uint8Array(70_000), key, iv);
    const checksum = createHash("sha256").update(stored).digest().subarray(0, 4);
    const store = await storeOf({ "full/BACKUP_MANIFEST": stored, "full/BACKUP_MANIFEST-CHECKSUM": checksum });
    assert.deepEqual(await inspect(store, "full/BACKUP_MANIFEST"), {
      "stored bytes": String(stored.length),
      encrypted: "yes, as a backup file (AES-256-GCM)",
      "encryption version": "2",
      iv: "ab".repeat(12),
      chunks: "2",
      "plain bytes": "70000",
      checksum: `${checksum.toString("hex")}, matches`,
    });
    assert.equal(
      (await inspect(store, "full/BACKUP_MANIFEST-CHECKSUM"))["checksum"],
      `${checksum.toString("hex")}, matches`,
    );
    await store.put("full/BACKUP_MANIFEST-CHECKSUM", streamOf(Uint8Array.of(1, 2, 3, 4)));
    assert.match(
      (await inspect(store, "full/BACKUP_MANIFEST"))["checksum"] ?? "",
      /^01020304 is recorded, but the file has /u,
    );
    await store.delete("full/BACKUP_MANIFEST");
    assert.match((await inspect(store, "full/BACKUP_MANIFEST-CHECKSUM"))["checksum"] ?? "", /is not there$/u);
  });

  it("sealed files that are cut, or of the first version", async () => {
    const stored = sealBytes(new Uint8Array(100), key, iv);
    const first = Uint8Array.from(stored);
    first[7] = 1;
    const store = await storeOf({ cut: stored.subarray(0, 30), header: stored.subarray(0, 12), first });
    assert.equal((await inspect(store, "cut"))["chunks"], "the size fits no whole file: something is cut off or added");
    assert.equal((await inspect(store, "header"))["encrypted"], "yes, but the header is cut off after 12 bytes");
    assert.equal((await inspect(store, "first"))["encryption version"], "1");
    assert.equal((await inspect(store, "first"))["chunks"], undefined);
  });

  it("plain content by its first bytes", async () => {
    const store = await storeOf({ a: gzipSync("x"), b: zstdCompressSync("x"), c: "", d: "1|Ada" });
    assert.equal((await inspect(store, "a"))["content"], "gzip");
    assert.equal((await inspect(store, "b"))["content"], "zstd");
    assert.equal((await inspect(store, "c"))["content"], "empty");
    assert.equal((await inspect(store, "d"))["content"], "unknown, begins with 317c416461");
  });

  it("key files of both kinds", async () => {
    const keys = Buffer.from(
      "1a270a20459d21833b43cc8371eeb0a2b3fac5c50f97dfaab8a41656871718a564f665631203c0ffee",
      "hex",
    );
    const salt = Buffer.from("1210000102030405060708090a0b0c0d0e0f", "hex");
    const store = await storeOf({ "full/ENCRYPTION-INFO-2": keys, "full/ENCRYPTION_INFO": salt });
    assert.match(
      (await inspect(store, "full/ENCRYPTION-INFO-2"))["opened by"] ?? "",
      /SHA-256 459d2183[0-9a-f]{56} \(3 bytes wrapped\)$/u,
    );
    assert.equal((await inspect(store, "full/ENCRYPTION_INFO"))["salt"], "000102030405060708090a0b0c0d0e0f");
  });

  it("pointers, also one that points nowhere", async () => {
    const store = await storeOf({ "metadata/latest/LATEST-13cd": "/2024/03/05-101112.12", LATEST: "\u0000\u001b[2J" });
    assert.equal((await inspect(store, "metadata/latest/LATEST-13cd"))["points to"], "/2024/03/05-101112.12");
    assert.equal((await inspect(store, "LATEST"))["points to"], String.raw`no path: "\u0000\u001b[2J"`);
  });

  it("client-side envelopes in metadata and beside, whole and broken", async () => {
    const store = new MemoryStore("file:///b");
    const { envelope, body } = sealEnvelope(streamOf(utf8("1|Ada\n")), DataKey.generate(), { plainBytes: 6 });
    await store.put("part", body, { metadata: printEnvelope(envelope) });
    const facts = await inspect(store, "part");
    assert.equal(facts["client-side envelope"], "S3 client-side encryption (AES-256-CBC), kept in metadata");
    assert.equal(facts["plain bytes"], "6");
    await store.put("local", streamOf(new Uint8Array(16)));
    await store.put(instructionKey("local"), streamOf(utf8(printInstruction(envelope))));
    assert.match((await inspect(store, "local"))["client-side envelope"] ?? "", /kept in local\.instruction$/u);
    await store.put("half", streamOf(new Uint8Array(16)), { metadata: { "x-amz-iv": "AAAA" } });
    assert.equal((await inspect(store, "half"))["envelope"], "the object has no x-amz-key metadata");
  });

  it("what is not there is not found", async () => {
    await assert.rejects(inspectObject(new MemoryStore(), "x"), { code: "storage/not-found" });
  });
});
