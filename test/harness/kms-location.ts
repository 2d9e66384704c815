import assert from "node:assert/strict";
import { DataKey } from "../../src/crypto/data-key.ts";
import { KeyError, type KeyOutcome } from "../../src/kms/key-error.ts";
import type { KeyManagementService, WrappedKey } from "../../src/kms/kms.ts";
import { parseKmsLocation } from "../../src/location-parse.ts";
import type { Location } from "../../src/location.ts";

export function kmsLocation(uri: string): Location {
  const parsed = parseKmsLocation(uri);
  assert.ok(parsed.ok, uri);
  return parsed.value;
}

/** What unwrapping, or without a wrapped key wrapping, fails with. */
export async function keyFailureOf(kms: KeyManagementService, wrapped?: WrappedKey): Promise<KeyError> {
  using key = DataKey.generate();
  try {
    if (wrapped === undefined) await kms.wrap(key);
    else (await kms.unwrap(wrapped))[Symbol.dispose]();
  } catch (thrown) {
    assert.ok(thrown instanceof KeyError, `not a KeyError: ${String(thrown)}`);
    return thrown;
  } finally {
    await kms[Symbol.asyncDispose]();
  }
  assert.fail("nothing was thrown");
}

export async function assertOutcome(
  kms: KeyManagementService,
  outcome: KeyOutcome,
  wrapped?: WrappedKey,
): Promise<void> {
  assert.equal((await keyFailureOf(kms, wrapped)).outcome, outcome);
}
