import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DataKey } from "../../src/crypto/data-key.ts";
import { segmentIdOf, segmentKeysOf } from "../../src/transfer/segment-id.ts";
import { readVectors } from "../harness/byte-vectors.ts";

describe("segment ids", () => {
  for (const vector of readVectors("crypto/segment-id.txt")) {
    it(vector.name, () => {
      using key = DataKey.take(Uint8Array.from(vector.hex("data-key")));
      const rows = vector.hex("rows");
      assert.equal(segmentIdOf(rows, segmentKeysOf(key)), vector.text("gmac"));
      assert.equal(segmentIdOf(rows, segmentKeysOf(key, "hmac")), vector.text("hmac"));
      assert.equal(segmentIdOf(rows, undefined), vector.text("clear"));
    });
  }

  it("every bit of the rows, and every key, gives another id", () => {
    using one = DataKey.generate();
    using two = DataKey.generate();
    const rows = new Uint8Array(1000).fill(0xa5);
    const ids = new Set([segmentIdOf(rows, segmentKeysOf(two))]);
    for (let bit = -1; bit < 8000; bit += 7) {
      const changed = rows.slice();
      if (bit >= 0) changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      ids.add(segmentIdOf(changed, segmentKeysOf(one)));
    }
    ids.add(segmentIdOf(rows.subarray(1), segmentKeysOf(one)));
    ids.add(segmentIdOf(new Uint8Array(1001).fill(0xa5), segmentKeysOf(one)));
    assert.equal(ids.size, 1 + 1143 + 2);
  });
});
