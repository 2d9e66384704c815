import assert from "node:assert/strict";
import { it } from "node:test";
import type { ObjectStore } from "../../src/storage/store.ts";
import { streamOf, utf8 } from "../../src/std/bytes.ts";

/** What every object store says of its folders, as tests of the contract. */
export function folders(store: () => ObjectStore): void {
  async function namesIn(prefix: string): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const name of store().folder(prefix)) names.push(name);
    return names.toSorted();
  }

  it("tells what lies directly in a folder", async () => {
    for (const key of ["a", "b c/d", "b c/e/f", "b c/e/g", "ü/x"]) await store().put(key, streamOf(utf8(key)));
    assert.deepEqual(await namesIn(""), ["a", "b c/", "ü/"]);
    assert.deepEqual(await namesIn("b c/"), ["b c/d", "b c/e/"]);
    assert.deepEqual(await namesIn("nothing/"), []);
  });

  it("tells it of large folders, and does not look into those below", async () => {
    const keys = Array.from({ length: 130 }, (_, index) => `many/${index}${index % 2 === 0 ? "" : "/deep/file"}`);
    for (const key of keys) await store().put(key, streamOf(utf8("x")));
    const names = keys.map((key) => key.replace("/deep/file", "/"));
    assert.deepEqual(await namesIn("many/"), names.toSorted());
  });
}
