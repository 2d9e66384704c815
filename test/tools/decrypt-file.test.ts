import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { writeEncryptionInfo } from "../../src/backups/encryption-info-files.ts";
import { printEncryptionInfo } from "../../src/backups/encryption-info.ts";
import type { KeyAttempt } from "../../src/backups/key-table.ts";
import { wrapForAll } from "../../src/backups/wrap-for-all.ts";
import { sealBytes } from "../../src/crypto/cockroach-file.ts";
import { DataKey } from "../../src/crypto/data-key.ts";
import { createSalt, dataKeyOfPassphrase } from "../../src/crypto/passphrase.ts";
import { sealEnvelope } from "../../src/crypto/s3-client-side.ts";
import { instructionKey, printEnvelope, printInstruction } from "../../src/crypto/s3-envelope.ts";
import { parseStorageLocation } from "../../src/location-parse.ts";
import { MemoryStore } from "../../src/storage/memory.ts";
import { readAll, streamOf, textOf, utf8 } from "../../src/std/bytes.ts";
import { Secret } from "../../src/std/secret.ts";
import { decryptObject, type DecryptOptions } from "../../src/tools/decrypt-file.ts";
import { splitObjectLocation } from "../../src/tools/object-location.ts";
import { FakeKms } from "../harness/fake-kms.ts";

const FULL = "shop/2026/11/26-000000.00";
const LAYER = "shop/incrementals/2026/11/26-000000.00/20261127/000000.00-20261126-000000.00";
const kms = new FakeKms({ id: "k" });

/** A full backup and an incremental one under one key. */
async function encryptedChain(): Promise<MemoryStore> {
  const store = new MemoryStore("file:///b");
  using key = DataKey.generate();
  await writeEncryptionInfo(store, FULL, await wrapForAll(key, [kms]));
  for (const [folder, text] of [
    [FULL, "full rows"],
    [LAYER, "layer rows"],
  ] as const) {
    await store.put(`${folder}/BACKUP_MANIFEST`, streamOf(sealBytes(utf8("manifest"), key.keyObject())));
    await store.put(`${folder}/data/ab12`, streamOf(sealBytes(utf8(text), key.keyObject())));
  }
  return store;
}

async function decrypt(store: MemoryStore, key: string, options: DecryptOptions): Promise<string> {
  return textOf(await readAll(await decryptObject(store, key, options)));
}

describe("files of a backup", () => {
  it("open with the ENCRYPTION_INFO of their folder, of the one above, or of the full backup", async () => {
    const store = await encryptedChain();
    const options = { services: [kms] };
    assert.equal(await decrypt(store, `${FULL}/BACKUP_MANIFEST`, options), "manifest");
    assert.equal(await decrypt(store, `${FULL}/data/ab12`, options), "full rows");
    assert.equal(await decrypt(store, `${LAYER}/BACKUP_MANIFEST`, options), "manifest");
    assert.equal(await decrypt(store, `${LAYER}/data/ab12`, options), "layer rows");
  });

  it("open with an ENCRYPTION_INFO named by file or folder, in another store", async () => {
    const store = await encryptedChain();
    const lone = new MemoryStore("file:///lone");
    await lone.put("ab12", await store.get(`${FULL}/data/ab12`));
    await assert.rejects(decrypt(lone, "ab12", { services: [kms] }), {
      code: "integrity/missing",
      message: "no ENCRYPTION_INFO was found for file:///lone/ab12",
      detail: ["looked in file:///lone"],
    });
    for (const key of [FULL, `${FULL}/`, `${FULL}/ENCRYPTION_INFO`])
      assert.equal(await decrypt(lone, "ab12", { services: [kms], info: { store, key } }), "full rows");
  });

  it("tell of keys that did not work although one did", async () => {
    const told: KeyAttempt[] = [];
    const services = [new FakeKms({ id: "other" }), kms];
    const options = { services, onUnusableKeys: (attempts: readonly KeyAttempt[]) => told.push(...attempts) };
    assert.equal(await decrypt(await encryptedChain(), `${FULL}/data/ab12`, options), "full rows");
    assert.deepEqual(
      told.map(({ position, outcome }) => [position, outcome]),
      [
        [1, "not a match"],
        [2, "ok"],
      ],
    );
  });

  it("open with the passphrase, and a wrong one is said to be wrong", async () => {
    const store = new MemoryStore("file:///b");
    const salt = createSalt();
    using key = await dataKeyOfPassphrase(new Secret("correct horse"), salt);
    await store.put("full/ENCRYPTION_INFO", streamOf(printEncryptionInfo({ salt, wrappedKeys: new Map() })));
    await store.put("full/BACKUP_MANIFEST", streamOf(sealBytes(utf8("manifest"), key.keyObject())));
    const name = "full/BACKUP_MANIFEST";
    assert.equal(await decrypt(store, name, { passphrase: new Secret("correct horse") }), "manifest");
    await assert.rejects(decrypt(store, name, { passphrase: new Secret("battery staple") }), {
      code: "key/passphrase",
    });
  });

  it("without a key, the kind that is needed is told", async () => {
    await assert.rejects(decrypt(await encryptedChain(), `${FULL}/data/ab12`, {}), {
      code: "key/required",
      detail: ["ENCRYPTION_INFO holds 1 master keys"],
    });
  });

  it("release nothing of a piece that was changed", async () => {
    const store = await encryptedChain();
    const stored = await readAll(await store.get(`${FULL}/data/ab12`));
    const changed = Uint8Array.from(stored);
    changed[25] = (changed[25] ?? 0) ^ 1;
    await store.put(`${FULL}/data/ab12`, streamOf(changed));
    const pieces = await decryptObject(store, `${FULL}/data/ab12`, { services: [kms] });
    await assert.rejects(
      async () => {
        for await (const piece of pieces) assert.fail(`${piece.length} bytes came out`);
      },
      { code: "integrity/tampered" },
    );
  });

  it("that are plain are said to be plain", async () => {
    const store = new MemoryStore("file:///b");
    await store.put("plain", streamOf(utf8("1|Ada")));
    await assert.rejects(decrypt(store, "plain", { services: [kms] }), { code: "key/not-encrypted" });
    await assert.rejects(decrypt(store, "none", {}), { code: "storage/not-found" });
  });
});

describe("files of an UNLOAD", () => {
  const master = DataKey.take(new Uint8Array(32).fill(9));

  async function unloaded(): Promise<MemoryStore> {
    const store = new MemoryStore("s3://b");
    const { envelope, body } = sealEnvelope(streamOf(utf8("1|Ada\n")), master);
    await store.put("out/items_0000_part_00", body, { metadata: printEnvelope(envelope) });
    return store;
  }

  it("open with the master symmetric key, envelope in metadata or beside", async () => {
    const store = await unloaded();
    assert.equal(await decrypt(store, "out/items_0000_part_00", { masterKey: master }), "1|Ada\n");
    const { envelope, body } = sealEnvelope(streamOf(utf8("2|Grace\n")), master);
    await store.put("local", body);
    await store.put(instructionKey("local"), streamOf(utf8(printInstruction(envelope))));
    assert.equal(await decrypt(store, "local", { masterKey: master }), "2|Grace\n");
  });

  it("open with a master key through the ENCRYPTION_INFO of their prefix, the longest one", async () => {
    const store = await unloaded();
    using other = DataKey.generate();
    await store.put("out/ENCRYPTION_INFO", streamOf(printEncryptionInfo(await wrapForAll(other, [kms]))));
    await store.put("out/items_ENCRYPTION_INFO", streamOf(printEncryptionInfo(await wrapForAll(master, [kms]))));
    await store.put("out/orders_ENCRYPTION_INFO", streamOf(printEncryptionInfo(await wrapForAll(other, [kms]))));
    assert.equal(await decrypt(store, "out/items_0000_part_00", { services: [kms] }), "1|Ada\n");
    const info = { store, key: "out/items_ENCRYPTION_INFO" };
    assert.equal(await decrypt(store, "out/items_0000_part_00", { services: [kms], info }), "1|Ada\n");
    await store.delete("out/items_ENCRYPTION_INFO");
    await assert.rejects(decrypt(store, "out/items_0000_part_00", { services: [kms] }), { code: "key/mismatch" });
  });
});

describe("an object's URI", () => {
  it("parts into a root from which the folders above can be reached, and a key", () => {
    const cases = [
      ["s3://b/shop/2026/x?AUTH=implicit", "s3://b", "", "shop/2026/x"],
      ["file:///var/backups/x", "file://", "/", "var/backups/x"],
      ["nodelocal://1/a/x", "nodelocal://1", "", "a/x"],
    ] as const;
    for (const [uri, label, path, key] of cases) {
      const location = parseStorageLocation(uri);
      assert.ok(location.ok);
      const place = splitObjectLocation(location.value);
      assert.deepEqual([place.root.label, place.root.path, place.key], [label, path, key]);
    }
  });

  it("that names a folder is refused", () => {
    for (const uri of ["file:///var/backups/", "nodelocal://1/"]) {
      const location = parseStorageLocation(uri);
      assert.ok(location.ok);
      assert.throws(() => splitObjectLocation(location.value), { code: "location/invalid" });
    }
  });
});
