import assert from "node:assert/strict";
import { test } from "node:test";
import { remember } from "../../grammar/remember.ts";

test("a text is read once while it is among the last, and a long one every time", () => {
  const read: string[] = [];
  const lengthOf = remember((text) => {
    read.push(text.slice(0, 1));
    return text.length;
  });
  for (const text of ["a", "b", "a", "c", "d", "e", "e", "a"]) assert.equal(lengthOf(text), 1);
  assert.deepEqual(read, ["a", "b", "c", "d", "e", "a"]);
  const long = "x".repeat(200_000);
  assert.equal(lengthOf(long) + lengthOf(long), 400_000);
  assert.deepEqual(read.slice(-2), ["x", "x"]);
});
