import assert from "node:assert/strict";
import { test } from "node:test";
import { TableTally } from "../../src/backups/table-tally.ts";

test("the tables that moved last come first; those that ended make room", () => {
  const tally = new TableTally();
  tally.add("a", { rows: 1, bytes: 10 }, 100n);
  tally.add("b", { rows: 2, bytes: 20 }, 50n);
  tally.add("c", { rows: 3, bytes: 30 }, 0n);
  tally.end("b", 50n);
  tally.add("a", { rows: 4, bytes: 40 }, 100n);
  assert.deepEqual(tally.active, [
    { kind: "table", name: "a", done: { rows: 5n, bytes: 50n }, total: { bytes: 100n } },
    { kind: "table", name: "c", done: { rows: 3n, bytes: 30n } },
  ]);
});

test("between two tables the last ones are told of, whole, whatever was estimated", () => {
  const tally = new TableTally();
  for (let table = 0; table < 1000; table++) {
    tally.add(`t${table}`, { rows: 1, bytes: 10 }, 25n);
    tally.end(`t${table}`, 25n);
  }
  assert.equal(tally.active.length, 6);
  assert.deepEqual(tally.active[0], {
    kind: "table",
    name: "t999",
    done: { rows: 1n, bytes: 10n },
    total: { bytes: 10n },
  });
});

test("estimates are corrected when a table ends, or has more than was estimated", () => {
  const tally = new TableTally();
  tally.add("small", { rows: 1, bytes: 10 }, 25n);
  assert.equal(tally.correction, 0n);
  tally.end("small", 25n);
  assert.equal(tally.correction, -15n);
  tally.add("large", { rows: 1, bytes: 40 }, 30n);
  assert.equal(tally.correction, -5n);
  tally.end("empty", 8n);
  assert.equal(tally.correction, -13n);
});
