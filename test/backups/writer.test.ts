import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BackupWriter } from "../../src/backups/writer.ts";
import { ShellError } from "../../src/errors.ts";
import { streamOf, utf8 } from "../../src/std/bytes.ts";
import { MemoryStore } from "../../src/storage/memory.ts";
import type { ObjectStore } from "../../src/storage/store.ts";
import { FaultyStore } from "../harness/faulty-store.ts";

const FOLDER = "2026/11/21-071826.12";

async function keysOf(store: ObjectStore): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list("")) keys.push(key);
  return keys;
}

async function storeWith(...keys: readonly string[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const key of keys) await store.put(`${FOLDER}/${key}`, streamOf(utf8("x")));
  return store;
}

describe("a folder is claimed by one job", () => {
  it("not when it holds a backup", async () => {
    const store = await storeWith("BACKUP_MANIFEST");
    const claim = new BackupWriter(store, FOLDER, undefined).claim("mine");
    await assert.rejects(claim, { code: "backup/exists", note: "nothing was written" });
    assert.deepEqual(await keysOf(store), [`${FOLDER}/BACKUP_MANIFEST`]);
  });

  it("not when another job has locked it, whose lock stays", async () => {
    const store = await storeWith("BACKUP-LOCK-theirs");
    const writer = new BackupWriter(store, FOLDER, undefined);
    await assert.rejects(writer.claim("mine"), { code: "backup/locked", message: /claimed by job theirs$/ });
    assert.deepEqual(await writer.discard(), []);
    assert.deepEqual(await keysOf(store), [`${FOLDER}/BACKUP-LOCK-theirs`]);
  });
});

describe("taking a backup back", () => {
  it("never deletes what another writer put there", async () => {
    const store = await storeWith("ENCRYPTION_INFO");
    const writer = new BackupWriter(store, FOLDER, undefined);
    await writer.claim("mine");
    await assert.rejects(writer.writeEncryptionInfo(utf8("mine")), { code: "storage/exists" });
    assert.deepEqual(await writer.discard(), []);
    assert.deepEqual(await keysOf(store), [`${FOLDER}/ENCRYPTION_INFO`]);
  });

  it("deletes what was written although its answer was lost", async () => {
    const inner = new MemoryStore();
    const error = new ShellError("storage/unavailable", "the answer is lost");
    const writer = new BackupWriter(
      new FaultyStore(inner, { atOperation: 4, when: "after", error }),
      FOLDER,
      undefined,
    );
    await writer.claim("mine");
    await assert.rejects(writer.writeSegment("a", utf8("rows")), { code: "storage/unavailable" });
    assert.equal((await keysOf(inner)).length, 2);
    assert.deepEqual(await writer.discard(), []);
    assert.deepEqual(await keysOf(inner), []);
  });
});
