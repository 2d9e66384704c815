import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSalt, dataKeyOfPassphrase, SALT_BYTES } from "../../src/crypto/passphrase.ts";
import { hexOf } from "../../src/std/bytes.ts";
import { Secret } from "../../src/std/secret.ts";
import { readVectors } from "../harness/byte-vectors.ts";

describe("passphrase", () => {
  for (const vector of readVectors("crypto/passphrase.txt")) {
    it(vector.name, async () => {
      using key = await dataKeyOfPassphrase(new Secret(vector.text("passphrase")), vector.hex("salt"));
      assert.equal(key.reveal(hexOf), vector.text("data-key"));
    });
  }

  it("salts are 16 bytes and never the same", () => {
    assert.equal(createSalt().length, SALT_BYTES);
    assert.notDeepEqual(createSalt(), createSalt());
  });

  it("another salt, or a space more, gives another key", async () => {
    const salt = Buffer.alloc(16, 7);
    using one = await dataKeyOfPassphrase(new Secret("correct horse"), salt);
    using two = await dataKeyOfPassphrase(new Secret("correct horse "), salt);
    using three = await dataKeyOfPassphrase(new Secret("correct horse"), Buffer.alloc(16, 8));
    assert.equal(new Set([one, two, three].map((key) => key.reveal(hexOf))).size, 3);
  });
});
