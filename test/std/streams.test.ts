import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { readAll, streamOf, type ByteStream } from "../../src/std/bytes.ts";
import { cut } from "../../src/std/cut.ts";
import { interruptible } from "../../src/std/interruptible.ts";

describe("cut", () => {
  it("never changes the concatenation; all pieces are whole but the last, which is short", async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 32 }), async (source, pieceBytes) => {
        const lengths: number[] = [];
        const copies: Uint8Array[] = [];
        for await (const piece of cut(streamOf(...source), pieceBytes)) {
          lengths.push(piece.length);
          copies.push(new Uint8Array(piece));
        }
        assert.deepEqual(Buffer.concat(copies), Buffer.concat(source));
        const last = lengths.pop();
        assert.ok(last !== undefined && last < pieceBytes);
        assert.ok(lengths.every((length) => length === pieceBytes));
      }),
    );
  });
});

describe("interruptible", () => {
  function watched(pieces: number, silent: boolean): { stream: ByteStream; closed: () => boolean } {
    let isClosed = false;
    async function* source(): ByteStream {
      try {
        for (let piece = 0; piece < pieces; piece += 1) yield Uint8Array.of(piece);
        if (silent) await new Promise(() => undefined);
      } finally {
        isClosed = true;
      }
    }
    return { stream: source(), closed: () => isClosed };
  }

  it("passes everything on and closes its source when the reader stops", async () => {
    const { signal } = new AbortController();
    const whole = watched(3, false);
    assert.deepEqual(await readAll(interruptible(whole.stream, signal)), Uint8Array.of(0, 1, 2));
    const partly = watched(3, false);
    for await (const piece of interruptible(partly.stream, signal)) {
      assert.equal(piece[0], 0);
      break;
    }
    assert.ok(partly.closed());
  });

  it("stops a silent source with the signal's own reason", async () => {
    const controller = new AbortController();
    const reason = new Error("stopped");
    setTimeout(() => controller.abort(reason), 5);
    await assert.rejects(readAll(interruptible(watched(2, true).stream, controller.signal)), reason);
  });

  it("stops between pieces, and gives an AbortError when the reason is none", async () => {
    const controller = new AbortController();
    const source = watched(10, false);
    let pieces = 0;
    await assert.rejects(
      async () => {
        for await (const piece of interruptible(source.stream, controller.signal)) {
          pieces += piece.length;
          controller.abort("a text");
        }
      },
      { name: "AbortError" },
    );
    assert.equal(pieces, 1);
  });

  it("keeps nothing of the pieces that went through", async () => {
    let total = 0;
    const { signal } = new AbortController();
    async function* many(): AsyncIterable<number> {
      for (let number = 0; number < 300_000; number += 1) yield number;
    }
    const before = process.memoryUsage().heapUsed;
    for await (const number of interruptible(many(), signal)) total += number > 0 ? 1 : 0;
    const grown = process.memoryUsage().heapUsed - before;
    assert.equal(total, 299_999);
    assert.ok(grown < 50_000_000, `the heap grew by ${grown} bytes`);
  });
});
