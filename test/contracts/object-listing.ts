import assert from "node:assert/strict";
import { it } from "node:test";
import { readAll, streamOf, textOf, utf8 } from "../../src/std/bytes.ts";
import type { ObjectStore } from "../../src/storage/store.ts";

/** Names with characters outside of the basic plane sort otherwise in UTF-16 than in UTF-8. */
export type ListingOrder = "bytes" | "UTF-16";

export async function putText(store: ObjectStore, key: string, text: string): Promise<void> {
  await store.put(key, streamOf(utf8(text)));
}

export async function getText(store: ObjectStore, key: string): Promise<string> {
  return textOf(await readAll(await store.get(key)));
}

export async function keysOf(store: ObjectStore, prefix = ""): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

/** Cases about listing. */
export function listing(store: () => ObjectStore, order: ListingOrder): void {
  const KEYS = [
    "a",
    "a b/c",
    "a-b",
    "a.txt",
    "a/b",
    "a/b/c",
    "a0",
    "z/ü/日本",
    "z/\u{1F600}",
    "z/\uFFFD",
    "%2e",
    "data/1",
    "data/10",
    "data/2",
  ];
  const sorted = (keys: readonly string[]): string[] =>
    order === "bytes"
      ? [...keys].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
      : keys.toSorted((left, right) => (left < right ? -1 : 1));
  // A file system cannot hold `a` and `a/b` both.
  const usable = KEYS.filter((key) => key !== "a" && key !== "a/b");

  it("lists in byte order of the keys, whatever characters they have", async () => {
    for (const key of usable) await putText(store(), key, key);
    assert.deepEqual(await keysOf(store()), sorted(usable));
    for (const key of usable) assert.equal(await getText(store(), key), key);
  });

  it("lists by any prefix, also one that ends inside a name", async () => {
    for (const key of usable) await putText(store(), key, key);
    for (const prefix of ["a", "a/", "a/b", "data/1", "data", "z/", "nothing", "nothing/at/all"])
      assert.deepEqual(await keysOf(store(), prefix), sorted(usable.filter((key) => key.startsWith(prefix))), prefix);
  });

  it("lists sizes, and many objects", async () => {
    const keys = Array.from({ length: 130 }, (_, index) => `many/${index}`);
    for (const [index, key] of keys.entries()) await store().put(key, streamOf(new Uint8Array(index)));
    const sizes = new Map<string, number>();
    for await (const info of store().list("many/")) sizes.set(info.key, info.bytes);
    assert.equal(sizes.size, 130);
    for (const [index, key] of keys.entries()) assert.equal(sizes.get(key), index);
  });

  it("lists nothing where nothing is", async () => {
    assert.deepEqual(await keysOf(store()), []);
  });
}
