import assert from "node:assert/strict";
import { test } from "node:test";
import { printTiming } from "../../repl/timing.ts";

test("a time is said as psql says it", () => {
  assert.equal(printTiming(0.1841), "Time: 0.184 ms");
  assert.equal(printTiming(65_432.1), "Time: 65432.100 ms (01:05.432)");
  assert.equal(printTiming(3_665_432.1), "Time: 3665432.100 ms (01:01:05.432)");
});

test("a person is told where it went, unless it is nothing to speak of", () => {
  const parts = { serverMs: 20.04, transferMs: 7.343, drawingMs: 12.94 };
  assert.equal(printTiming(27.383, parts), "Time: 27.383 ms (server 20.0, transfer 7.3, drawing 12.9)");
  assert.equal(printTiming(1234.5, parts), "Time: 1234.500 ms (00:01.234; server 20.0, transfer 7.3, drawing 12.9)");
  assert.equal(printTiming(2, { serverMs: 1, transferMs: 1, drawingMs: 1 }), "Time: 2.000 ms");
});
