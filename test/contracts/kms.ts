import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { DataKey } from "../../src/crypto/data-key.ts";
import type { KeyManagementService } from "../../src/kms/kms.ts";
import { hexOf } from "../../src/std/bytes.ts";

export interface KmsContract {
  /** A service whose master key exists and may be used. */
  open(): Promise<KeyManagementService>;
  /** A service with another master key. */
  openOther(): Promise<KeyManagementService>;
  /** What unwrapping another key's ciphertext fails with, for emulators that say it otherwise than their model. */
  readonly mismatch?: string;
  /** How many bytes of a wrapped key an emulator reads and does not authenticate: it may open it, to the same key. */
  readonly uncheckedBytes?: number;
}

/** What every key service does, as tests. */
export function kmsContract(name: string, contract: KmsContract): void {
  describe(`key service contract: ${name}`, () => {
    let kms: KeyManagementService;
    beforeEach(async () => {
      kms = await contract.open();
    });
    afterEach(async () => kms[Symbol.asyncDispose]());

    it("unwraps what it wrapped", async () => {
      using key = DataKey.generate();
      const wrapped = await kms.wrap(key);
      using back = await kms.unwrap(wrapped);
      assert.equal(back.reveal(hexOf), key.reveal(hexOf));
      const again = await contract.open();
      using later = await again.unwrap(wrapped);
      assert.equal(later.reveal(hexOf), key.reveal(hexOf));
      await again[Symbol.asyncDispose]();
    });

    it("gives a wrapped key that holds nothing of the key, another each time", async () => {
      using key = DataKey.generate();
      const [one, two] = [await kms.wrap(key), await kms.wrap(key)];
      assert.equal(Buffer.from(one).includes(key.reveal((bytes) => Buffer.from(bytes))), false);
      assert.notDeepEqual(one, two);
    });

    it("refuses what another master key wrapped", async () => {
      await using other = await contract.openOther();
      using key = DataKey.generate();
      const wrapped = await other.wrap(key);
      await assert.rejects(kms.unwrap(wrapped), { code: contract.mismatch ?? "key/mismatch" });
    });

    it("refuses a wrapped key with any bit changed, cut or lengthened", async () => {
      using key = DataKey.generate();
      const wrapped = await kms.wrap(key);
      for (let at = 0; at < wrapped.length; at += 1) {
        const changed = Uint8Array.from(wrapped);
        changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
        if (at < (contract.uncheckedBytes ?? 0)) await assertSameOrRefused(kms, changed, key.reveal(hexOf));
        else await assert.rejects(kms.unwrap(changed), `byte ${at}`);
      }
      await assert.rejects(kms.unwrap(wrapped.slice(0, -1)));
      await assert.rejects(kms.unwrap(Buffer.concat([wrapped, Uint8Array.of(0)])));
      await assert.rejects(kms.unwrap(new Uint8Array(0)));
    });

    it("has a name and a label, the same every time, without asking anybody", async () => {
      const again = await contract.open();
      assert.equal(again.masterKeyId, kms.masterKeyId);
      assert.equal(again.label, kms.label);
      assert.match(kms.label, /^[a-z]+-kms:\/\/\/[^?]+$/u);
      await again[Symbol.asyncDispose]();
    });

    it("does nothing once it is aborted", async () => {
      using key = DataKey.generate();
      const wrapped = await kms.wrap(key);
      const signal = AbortSignal.abort(new Error("stopped"));
      await assert.rejects(kms.wrap(key, signal));
      await assert.rejects(kms.unwrap(wrapped, signal));
    });
  });
}

async function assertSameOrRefused(kms: KeyManagementService, changed: Uint8Array, expected: string): Promise<void> {
  const opened = await kms.unwrap(changed).catch(() => undefined);
  if (opened !== undefined) assert.equal(opened.reveal(hexOf), expected);
  opened?.[Symbol.dispose]();
}
