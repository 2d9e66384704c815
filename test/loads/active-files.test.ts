import assert from "node:assert/strict";
import { test } from "node:test";
import { ActiveFiles } from "../../src/loads/active-files.ts";
import type { LoadFile } from "../../src/loads/files.ts";

test("thousands of files: those under way are told of, no more than six", () => {
  const files = Array.from({ length: 5000 }, (_, at) => ({ file: { key: `f${at}`, bytes: 100 } as LoadFile }));
  const active = new ActiveFiles();
  for (let at = 0; at < 5000; at++) {
    active.read(at, 100);
    active.took(at, 7);
    if (at < 4990) active.end(at);
  }
  const parts = active.parts(files);
  assert.deepEqual(
    parts.map(({ name }) => name),
    ["f4990", "f4991", "f4992", "f4993", "f4994", "f4995"],
  );
  assert.deepEqual(parts[0], {
    kind: "file",
    name: "f4990",
    done: { rows: 7n, storedBytes: 100n },
    total: { storedBytes: 100n },
  });
});
