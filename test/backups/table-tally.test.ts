import assert from "node:assert/strict";
import { test } from "node:test";
import { TableTally } from "../../src/backups/table-tally.ts";

test("the tables that moved last come first; those that are done make room", () => {
  const tally = new TableTally();
  tally.add("a", { rows: 1, bytes: 10 }, 100n);
  tally.add("b", { rows: 2, bytes: 20 }, 20n);
  tally.add("c", { rows: 3, bytes: 30 }, 0n);
  tally.add("a", { rows: 4, bytes: 40 }, 100n);
  assert.deepEqual(tally.shares, [
    { name: "a", done: { rows: 5n, bytes: 50n }, total: { bytes: 100n } },
    { name: "c", done: { rows: 3n, bytes: 30n } },
  ]);
});

test("when all are done, all are told of", () => {
  const tally = new TableTally();
  tally.add("a", { rows: 1, bytes: 10 }, 10n);
  assert.deepEqual(tally.shares, [{ name: "a", done: { rows: 1n, bytes: 10n }, total: { bytes: 10n } }]);
});
