import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { test } from "node:test";
import * as fc from "fast-check";
import { CopyFrames } from "../../../src/engines/postgres/copy-frames.ts";
import { Wire } from "../../../src/engines/postgres/wire.ts";
import { ShellError } from "../../../src/errors.ts";
import { BINARY_HEADER, BINARY_TRAILER } from "../../../src/formats/rows.ts";
import { concatBytes, utf8 } from "../../../src/std/bytes.ts";

interface Sent {
  readonly type: string;
  readonly body: Uint8Array;
}

function encode(messages: readonly Sent[]): Buffer {
  return Buffer.concat(
    messages.flatMap(({ type, body }) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(body.length + 4);
      return [Buffer.from(type, "latin1"), length, body];
    }),
  );
}

/** A wire whose server has nothing to say but what the test hands to `receive`. */
function silentWire(): { wire: Wire; stream: Duplex } {
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  return { wire: new Wire(stream, { pace: false }), stream };
}

/** Cuts at the given sizes, over and over; every chunk is overwritten after it was dealt with, as a read buffer is. */
function* chunksOf(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  const reused = Buffer.alloc(Math.max(...sizes));
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    const length = bytes.copy(reused, 0, at, at + size);
    yield reused.subarray(0, length);
    reused.fill(0xee);
    at += length;
  }
}

const someSizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });
const someMessages = fc.array(
  fc.record({ type: fc.constantFrom("D", "N", "d", "Z"), body: fc.uint8Array({ maxLength: 90 }) }),
);

void test("messages are the same however their bytes are cut", () => {
  fc.assert(
    fc.property(someMessages, someSizes, (messages, sizes) => {
      const { wire } = silentWire();
      const seen: Sent[] = [];
      for (const chunk of chunksOf(encode(messages), sizes)) {
        assert.equal(wire.receive(chunk), false);
        for (let message = wire.next(); message !== undefined; message = wire.next()) {
          seen.push({ type: message.type, body: new Uint8Array(message.body) });
        }
      }
      assert.deepEqual(
        seen,
        messages.map(({ type, body }) => ({ type, body: new Uint8Array(body) })),
      );
    }),
  );
});

/** Rows and the other messages among them, as a wire with a tap on gives them. */
function tapped(bytes: Buffer, sizes: readonly number[], rowFormat: "binary" | "text"): [Uint8Array[], string[]] {
  const { wire } = silentWire();
  const frames = new CopyFrames(rowFormat);
  wire.tap = frames;
  const [rows, others]: [Uint8Array[], string[]] = [[], []];
  const take = (): void => {
    const block = frames.take();
    let start = 0;
    for (const end of block.ends.subarray(0, block.rows)) {
      rows.push(block.bytes.slice(start, end));
      start = end;
    }
  };
  for (const chunk of chunksOf(bytes, sizes)) {
    wire.receive(chunk);
    for (let message = wire.next(); message !== undefined || frames.full; message = wire.next()) {
      if (message !== undefined) others.push(message.type);
      else take();
    }
  }
  if (frames.rows > 0) take();
  return [rows, others];
}

const someRows = fc.array(fc.uint8Array({ minLength: 3, maxLength: 200 }), { maxLength: 60 });

void test("rows are stripped of their frames however these are cut, with notices among them", () => {
  fc.assert(
    fc.property(someRows, someSizes, fc.nat(5), (rows, sizes, every) => {
      const messages = rows.flatMap((body, index): Sent[] => [
        { type: "d", body },
        ...(index % 6 === every ? [{ type: "N", body: utf8("SNOTICE\0\0") }] : []),
      ]);
      const [seen, others] = tapped(encode([...messages, { type: "c", body: new Uint8Array() }]), sizes, "text");
      assert.deepEqual(
        seen,
        rows.map((row) => new Uint8Array(row)),
      );
      assert.deepEqual(others.at(-1), "c");
      assert.equal(others.length, messages.length - rows.length + 1);
    }),
  );
});

void test("binary: header and trailer are stripped, with rows and without", () => {
  for (const rows of [[], [utf8("one row")], [utf8("one"), utf8("two"), Uint8Array.of(0, 0)]]) {
    const [first, ...rest] = rows;
    const bodies =
      first === undefined
        ? [concatBytes([BINARY_HEADER, BINARY_TRAILER])]
        : [concatBytes([BINARY_HEADER, first]), ...rest, BINARY_TRAILER];
    for (const size of [1, 3, 64, 1000]) {
      const [seen] = tapped(encode(bodies.map((body) => ({ type: "d", body }))), [size], "binary");
      assert.deepEqual(seen, rows);
    }
  }
});

void test("many rows fill many blocks, and a row larger than a block has one of its own", () => {
  const rows = Array.from({ length: 40_000 }, (_, index) => utf8(`row ${index}\n`));
  rows.splice(20_000, 0, new Uint8Array(600_000).fill(7), new Uint8Array(300_000).fill(8));
  const [seen] = tapped(encode(rows.map((body) => ({ type: "d", body }))), [65_536, 1000], "text");
  assert.equal(seen.length, rows.length);
  assert.ok(Buffer.from(concatBytes(seen)).equals(concatBytes(rows)));
});

void test("a connection that ends is lost, after what had come before it was read", async () => {
  const { wire, stream } = silentWire();
  wire.receive(encode([{ type: "Z", body: utf8("I") }]));
  stream.destroy(new Error("the cable was cut"));
  await new Promise((resolve) => setImmediate(resolve));
  await wire.more();
  assert.equal(wire.next()?.type, "Z");
  await assert.rejects(wire.more(), (error) => {
    assert.ok(error instanceof ShellError);
    assert.deepEqual([error.code, error.detail], ["engine/lost", ["the cable was cut"]]);
    return true;
  });
});
