import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ShellError } from "../../src/errors.ts";
import { readAll, streamOf } from "../../src/std/bytes.ts";
import { LocalStore } from "../../src/storage/local.ts";
import { MemoryStore } from "../../src/storage/memory.ts";
import type { ObjectStore } from "../../src/storage/store.ts";
import { FaultyStore, type Fault } from "../harness/faulty-store.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";

const root = await temporaryFolder();
const error = new ShellError("storage/full", "no space is left");
const BODY = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);

async function work(store: ObjectStore): Promise<void> {
  await store.put("data/1", streamOf(BODY.subarray(0, 100_000), BODY.subarray(100_000)));
  await store.head("data/1");
  await readAll(await store.get("data/1"));
  await Array.fromAsync(store.list("data/"));
  await store.put("manifest", streamOf(BODY), { ifAbsent: true });
  await store.delete("data/1");
}

const OPERATIONS = ["put data/1", "head data/1", "get data/1", "list data/", "put manifest", "delete data/1"];

describe("failing every operation in turn", () => {
  const stores: Record<string, (name: string) => ObjectStore> = {
    memory: () => new MemoryStore(),
    local: (name) => new LocalStore({ root: join(root, name), label: "file:///x" }),
  };
  for (const [name, open] of Object.entries(stores)) {
    it(`${name}: an object is whole or absent`, async () => {
      const counted = new FaultyStore(open("counted"));
      await work(counted);
      assert.deepEqual(counted.operations, OPERATIONS);
      for (const when of ["before", "midway", "after"] as const) {
        for (let atOperation = 1; atOperation <= OPERATIONS.length; atOperation += 1) {
          const inner = open(`${when} ${atOperation}`);
          const fault: Fault = { atOperation, when, error, stays: true };
          const faulty = new FaultyStore(inner, fault);
          await assert.rejects(work(faulty), error);
          await assert.rejects(faulty.head("data/1"), error, "it stays broken");
          for await (const { key, bytes } of inner.list(""))
            assert.equal(bytes, BODY.length, `${when} ${atOperation} ${key}`);
          const hasManifest = (await inner.head("manifest")) !== undefined;
          assert.equal(hasManifest, atOperation > 5 || (atOperation === 5 && when === "after"));
        }
      }
    });
  }

  it("a fault that does not stay lets later calls through", async () => {
    const faulty = new FaultyStore(new MemoryStore(), { atOperation: 1, when: "before", error });
    await assert.rejects(faulty.put("a", streamOf(BODY)), error);
    await faulty.put("a", streamOf(BODY));
    assert.equal((await faulty.head("a"))?.bytes, BODY.length);
  });
});
