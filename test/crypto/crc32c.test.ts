import assert from "node:assert/strict";
import { it } from "node:test";
import { crc32c } from "../../src/crypto/crc32c.ts";

// RFC 3720, B.4, and the check value of the catalogue of parametrised CRC algorithms.
const VECTORS: readonly (readonly [Uint8Array, number])[] = [
  [new Uint8Array(32), 0x8a9136aa],
  [new Uint8Array(32).fill(0xff), 0x62a8ab43],
  [Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd794e],
  [Uint8Array.from({ length: 32 }, (_, at) => 31 - at), 0x113fdb5c],
  [Buffer.from("123456789"), 0xe3069283],
  [new Uint8Array(0), 0],
];

it("CRC-32C gives the published values", () => {
  for (const [bytes, checksum] of VECTORS) assert.equal(crc32c(bytes), checksum);
});
