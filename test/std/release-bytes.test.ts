import assert from "node:assert/strict";
import { test } from "node:test";
import { releaseBytes } from "../../src/std/bytes.ts";

void test("an array of its own is emptied, and so are other views of it", () => {
  for (const length of [0, 1, 65_536, 1_000_000]) {
    const whole = new Uint8Array(length);
    const view = whole.subarray(0, length);
    releaseBytes(whole);
    assert.deepEqual([whole.length, view.length, whole.buffer.detached], [0, 0, true]);
  }
  const large = Buffer.allocUnsafe(1_000_000);
  releaseBytes(large.subarray(0, 10));
  assert.equal(large.length, 0);
});

void test("a piece of the shared pool is left alone", () => {
  const [mine, other] = [Buffer.from("mine"), Buffer.from("other")];
  assert.equal(mine.buffer, other.buffer);
  releaseBytes(mine);
  assert.equal(other.toString(), "other");
});
