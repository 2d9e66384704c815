import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  isEncryptionInfoName,
  nextEncryptionInfoName,
  readEncryptionInfos,
  sortEncryptionInfoNames,
  writeEncryptionInfo,
} from "../../src/backups/encryption-info-files.ts";
import { hashMasterKeyId, parseEncryptionInfo, printEncryptionInfo } from "../../src/backups/encryption-info.ts";
import type { MasterKeyId } from "../../src/kms/kms.ts";
import { MemoryStore } from "../../src/storage/memory.ts";
import { concatBytes, hexOf, streamOf } from "../../src/std/bytes.ts";
import { readVectors } from "../harness/byte-vectors.ts";

describe("known answers", () => {
  for (const vector of readVectors("crypto/encryption-info.txt")) {
    it(vector.name, () => {
      if (vector.has("master-key-id"))
        assert.equal(hashMasterKeyId(vector.text("master-key-id") as MasterKeyId), vector.text("hash"));
      if (!vector.has("file")) return;
      const info = parseEncryptionInfo(vector.hex("file"));
      if (vector.has("salt")) assert.equal(hexOf(info.salt ?? new Uint8Array(0)), vector.text("salt"));
      else assert.equal(hexOf(info.wrappedKeys.get(vector.text("hash")) ?? new Uint8Array(0)), vector.text("wrapped"));
      assert.equal(hexOf(printEncryptionInfo(info)), vector.text("file"));
    });
  }
});

describe("the message", () => {
  const one = { wrappedKeys: new Map([["ff".repeat(32), Uint8Array.of(1, 2)]]) };

  it("keeps hashes that are no UTF-8, many keys, and fields it does not know", () => {
    const wrappedKeys = new Map(["00", "80", "c3", "ff"].map((byte) => [byte.repeat(32), Buffer.alloc(300, byte)]));
    const unknown = Uint8Array.of(0x78, 0x01, 0x82, 0x01, 0x02, 0x68, 0x69);
    const bytes = concatBytes([printEncryptionInfo({ wrappedKeys }), unknown]);
    const info = parseEncryptionInfo(bytes);
    assert.deepEqual([...info.wrappedKeys.keys()], [...wrappedKeys.keys()]);
    assert.deepEqual(info.unknownFields, unknown);
    assert.deepEqual(printEncryptionInfo(info), bytes);
  });

  it("refuses what is cut, empty, foreign, or of another scheme", () => {
    const bytes = printEncryptionInfo(one);
    for (let length = 0; length < bytes.length; length += 1)
      assert.throws(() => parseEncryptionInfo(bytes.subarray(0, length)), { code: "integrity/tampered" }, `${length}`);
    assert.throws(() => parseEncryptionInfo(Buffer.from("not a message at all")), { code: "integrity/tampered" });
    assert.throws(() => parseEncryptionInfo(Buffer.from("1a0408021200", "hex")), { code: "integrity/tampered" });
    assert.throws(() => parseEncryptionInfo(concatBytes([bytes, Uint8Array.of(0x08, 0x01)])), {
      code: "backup/version",
      message: "ENCRYPTION_INFO names encryption scheme 1",
    });
    assert.equal(parseEncryptionInfo(concatBytes([Uint8Array.of(0x08, 0x00), bytes])).wrappedKeys.size, 1);
  });
});

describe("file names", () => {
  it("are read in both spellings, newest first, by value", () => {
    const names = [
      "ENCRYPTION-INFO",
      "ENCRYPTION-INFO-10",
      "ENCRYPTION-INFO-2",
      "ENCRYPTION-INFO-9",
      "x",
      "ENCRYPTION_INFO-02",
    ];
    assert.deepEqual(sortEncryptionInfoNames(names), [
      "ENCRYPTION-INFO-10",
      "ENCRYPTION-INFO-9",
      "ENCRYPTION-INFO-2",
      "ENCRYPTION-INFO",
    ]);
    for (const name of ["ENCRYPTION_INFO", "ENCRYPTION-INFO-2"]) assert.ok(isEncryptionInfoName(name));
    for (const name of [
      "ENCRYPTION_INFO-",
      "ENCRYPTION_INFO_2",
      "ENCRYPTION_INFO-0",
      "xENCRYPTION_INFO",
      "ENCRYPTION-INFO-CHECKSUM",
    ])
      assert.equal(isEncryptionInfoName(name), false, name);
  });

  it("go on in the spelling there is, past every number", () => {
    assert.equal(nextEncryptionInfoName([]), "ENCRYPTION_INFO");
    assert.equal(nextEncryptionInfoName(["ENCRYPTION_INFO"]), "ENCRYPTION_INFO-2");
    assert.equal(nextEncryptionInfoName(["ENCRYPTION-INFO", "BACKUP_MANIFEST"]), "ENCRYPTION-INFO-2");
    assert.equal(nextEncryptionInfoName(["ENCRYPTION-INFO", "ENCRYPTION-INFO-7"]), "ENCRYPTION-INFO-8");
    assert.equal(nextEncryptionInfoName(["ENCRYPTION_INFO-3"]), "ENCRYPTION_INFO-4");
  });

  it("are written one after another, each once, by writers at the same time too", async () => {
    const store = new MemoryStore();
    const info = { wrappedKeys: new Map([["ab".repeat(32), Uint8Array.of(1)]]) };
    const names = await Promise.all(
      Array.from({ length: 5 }, () => writeEncryptionInfo(store, "2026/11/26-000000.00", info)),
    );
    assert.deepEqual(
      new Set(names),
      new Set(["ENCRYPTION_INFO", "ENCRYPTION_INFO-2", "ENCRYPTION_INFO-3", "ENCRYPTION_INFO-4", "ENCRYPTION_INFO-5"]),
    );
    const files = await readEncryptionInfos(store, "2026/11/26-000000.00");
    assert.deepEqual(
      files.map(({ name }) => name),
      ["ENCRYPTION_INFO-5", "ENCRYPTION_INFO-4", "ENCRYPTION_INFO-3", "ENCRYPTION_INFO-2", "ENCRYPTION_INFO"],
    );
    assert.deepEqual(await readEncryptionInfos(store, ""), []);
  });

  it("a damaged file is named", async () => {
    const store = new MemoryStore("file:///b");
    await store.put("full/ENCRYPTION-INFO", streamOf(Uint8Array.of(1)));
    await assert.rejects(readEncryptionInfos(store, "full"), {
      code: "integrity/tampered",
      message: "file:///b/full/ENCRYPTION-INFO is damaged",
    });
  });
});
