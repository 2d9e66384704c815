import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { BACKEND, FrameReader } from "../../../src/engines/embedded/frames.ts";
import { pulledMessage } from "../../../src/engines/embedded/pulled-message.ts";
import { RowBlocks, type FilledBlock } from "../../../src/engines/embedded/row-blocks.ts";
import { BINARY_HEADER, BINARY_TRAILER } from "../../../src/formats/rows.ts";

function frame(type: number, body: Uint8Array): Buffer {
  const message = Buffer.alloc(5 + body.length);
  message[0] = type;
  message.writeUInt32BE(4 + body.length, 1);
  message.set(body, 5);
  return message;
}

void test("messages come out whole, however their bytes are cut", () => {
  const messages = fc.array(fc.tuple(fc.integer({ min: 65, max: 122 }), fc.uint8Array({ maxLength: 40 })));
  const cuts = fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 1 });
  fc.assert(
    fc.property(messages, cuts, (sent, lengths) => {
      const stream = Buffer.concat(sent.map(([type, body]) => frame(type, body)));
      const received: [number, Uint8Array][] = [];
      const reader = new FrameReader((type, bytes, start, end) => received.push([type, bytes.slice(start, end)]));
      for (let at = 0, turn = 0; at < stream.length; turn += 1) {
        const length = lengths[turn % lengths.length] ?? 1;
        // The reader may not keep a view: the server writes over its buffer.
        const piece = new Uint8Array(stream.subarray(at, at + length));
        reader.push(piece);
        piece.fill(0xee);
        at += length;
      }
      assert.deepEqual(received, sent);
    }),
  );
});

void test("blocks hold whole rows without signature and trailer, a long row alone", () => {
  const blocks: FilledBlock[] = [];
  const rows = [1, 2_000_000, 2, 700_000, 700_000].map((length, place) => new Uint8Array(length).fill(place + 1));
  const gather = new RowBlocks("binary", (block) => blocks.push(block));
  const [first = new Uint8Array(0), ...others] = rows;
  for (const payload of [Buffer.concat([BINARY_HEADER, first]), ...others, BINARY_TRAILER]) {
    const message = frame(BACKEND.copyData, payload);
    gather.add(message, 5, message.length);
  }
  gather.flush();
  const received = blocks.flatMap(({ bytes, ends, rows: count }) => {
    assert.equal(ends.length, count);
    return [...ends].map((end, place) => bytes.slice(place === 0 ? 0 : ends[place - 1], end));
  });
  assert.deepEqual(received, rows);
  assert.deepEqual(
    blocks.map((block) => block.rows),
    [1, 1, 2, 1],
  );
});

void test("a binary stream without rows, where signature and trailer come together, gives no block", () => {
  const gather = new RowBlocks("binary", () => assert.fail("a block"));
  const payload = Buffer.concat([BINARY_HEADER, BINARY_TRAILER]);
  gather.add(payload, 0, payload.length);
  gather.flush();
});

void test("a pulled message grows while it is read", () => {
  const more = [Uint8Array.of(3, 4, 5), new Uint8Array(0), Uint8Array.of(6)];
  const message = pulledMessage(Uint8Array.of(1, 2), () => more.shift());
  assert.equal(message[0], 1);
  const read: number[] = [];
  // As PGlite's read callback does with a buffer of two bytes.
  for (let at = 0; at < message.length;) {
    const piece = message.subarray(at, Math.min(at + 2, message.length));
    read.push(...piece);
    at += piece.length;
  }
  assert.deepEqual(read, [1, 2, 3, 4, 5, 6]);
});

void test("a reader that asks without reading is found dead", () => {
  const message = pulledMessage(Uint8Array.of(1, 2), () => undefined);
  assert.throws(() => {
    while (message.length > 0);
  }, /stopped reading/);
});
