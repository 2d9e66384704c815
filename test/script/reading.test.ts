import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ShellError } from "../../src/errors.ts";
import { Reading } from "../../src/script/reading.ts";

const STOPPED = { type: "failed", error: new ShellError("job/interrupted", "interrupted") } as const;

function readingOf(text: string, parts: { isAlone?: boolean; signal?: AbortSignal } = {}): Reading {
  return new Reading(text, {
    mayBeLeft: true,
    isAlone: parts.isAlone ?? true,
    signal: parts.signal,
    dialect: "postgres",
  });
}

suite("a result that nobody reads any more", () => {
  test("has its query stopped, which is no failure", () => {
    const reading = readingOf("select * from t");
    reading.leave();
    assert.equal(reading.signal?.aborted, true);
    assert.equal(reading.observe(STOPPED).type, "finished");
  });

  test("is skipped where stopping would undo something", () => {
    for (const reading of [readingOf("delete from t returning *"), readingOf("select 1", { isAlone: false })]) {
      reading.leave();
      assert.equal(reading.signal?.aborted, false);
      assert.equal(reading.observe(STOPPED), STOPPED);
    }
  });

  test("is a failure when somebody stopped the whole input, before or after", () => {
    const input = new AbortController();
    const reading = readingOf("select * from t", { signal: input.signal });
    input.abort();
    assert.equal(reading.signal?.aborted, true);
    reading.leave();
    assert.equal(reading.observe(STOPPED), STOPPED);
  });

  test("tells any other error as it came, unless it was left", () => {
    const failed = { type: "failed", error: new ShellError("engine/failed", "division by zero") } as const;
    assert.equal(readingOf("select 1").observe(failed), failed);
  });
});
