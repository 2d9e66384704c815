import assert from "node:assert/strict";
import { test } from "node:test";
import { FrontendFramer, type Frame } from "../../../src/engines/pg-dump/frontend-framer.ts";
import { concatBytes, hexOf, utf8 } from "../../../src/std/bytes.ts";

function counted(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setInt32(0, bytes.length + 4);
  return concatBytes([length, bytes]);
}

function message(type: string, body: string): Uint8Array {
  return concatBytes([utf8(type), counted(utf8(body))]);
}

const SSL = counted(Uint8Array.of(0x04, 0xd2, 0x16, 0x2f));
const GSS = counted(Uint8Array.of(0x04, 0xd2, 0x16, 0x30));
const STARTUP = counted(concatBytes([Uint8Array.of(0, 3, 0, 0), utf8("user\0postgres\0\0")]));
const QUERIES = [message("Q", "SELECT 1\0"), message("Q", `${"x".repeat(9000)}\0`), message("S", "")];
const ALL = concatBytes([GSS, SSL, STARTUP, ...QUERIES, message("X", "")]);

function framed(pieceBytes: number): readonly Frame[] {
  const framer = new FrontendFramer();
  const frames: Frame[] = [];
  for (let at = 0; at < ALL.length; at += pieceBytes) frames.push(...framer.push(ALL.subarray(at, at + pieceBytes)));
  return frames;
}

for (const pieceBytes of [1, 2, 3, 7, 64, 8192, ALL.length]) {
  test(`pieces of ${pieceBytes} bytes give whole messages in order`, () => {
    const frames = framed(pieceBytes);
    const kinds = frames.map(({ kind }) => kind).filter((kind) => kind !== "messages");
    assert.deepEqual(kinds, ["encryption-request", "encryption-request", "startup", "terminate"]);
    const passed = frames.flatMap((frame) => (frame.kind === "messages" ? [frame.bytes] : []));
    assert.equal(hexOf(concatBytes(passed)), hexOf(concatBytes(QUERIES)));
    for (const bytes of passed) assert.ok(QUERIES.some((query) => hexOf(bytes).endsWith(hexOf(query))));
  });
}
