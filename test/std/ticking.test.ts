import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ticking } from "../../src/std/ticking.ts";

suite("ticking", () => {
  test("yields with the source, and while it is silent", { timeout: 60_000 }, async () => {
    const silence = Promise.withResolvers<void>();
    const source = async function* (): AsyncGenerator<void> {
      yield;
      await silence.promise;
      yield;
    };
    let yields = 0;
    for await (const _ of ticking(source(), 5)) if (++yields === 5) silence.resolve();
    assert.ok(yields >= 6);
    yields = 0;
    // There is no more silence.
    for await (const _ of ticking(source(), 60_000)) yields += 1;
    assert.equal(yields, 2);
  });

  test("a source that fails while it was silent fails it, and whoever leaves ends the source", async () => {
    let isEnded = false;
    const failing = async function* (): AsyncGenerator<void> {
      yield;
      await sleep(30);
      throw new Error("gone");
    };
    await assert.rejects(async () => {
      for await (const _ of ticking(failing(), 5)) continue;
    }, /gone/);
    const endless = async function* (): AsyncGenerator<void> {
      try {
        for (;;) {
          await sleep(20);
          yield;
        }
      } finally {
        isEnded = true;
      }
    };
    for await (const _ of ticking(endless(), 1)) break;
    assert.ok(isEnded);
  });
});
