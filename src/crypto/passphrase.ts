import { pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { Secret } from "../std/secret.ts";
import { DATA_KEY_BYTES, DataKey } from "./data-key.ts";

/** Length of the salt beside a backup that a passphrase opens. */
export const SALT_BYTES = 16;
/** CockroachDB's count (storageccl, encryption key from passphrase); part of the format: another count is another key. */
const ITERATIONS = 64_000;

const derive = promisify(pbkdf2);

/** A fresh salt, to be kept in ENCRYPTION_INFO. */
export function createSalt(): Uint8Array {
  return randomBytes(SALT_BYTES);
}

/**
 * The data key of a passphrase: PBKDF2-HMAC-SHA-256 over its UTF-8 bytes. Any passphrase gives a key: whether it is
 * the right one shows only when the first file is opened. Takes some tens of milliseconds on a thread of the pool.
 */
export async function dataKeyOfPassphrase(passphrase: Secret, salt: Uint8Array): Promise<DataKey> {
  return DataKey.take(await derive(passphrase.reveal(), salt, ITERATIONS, DATA_KEY_BYTES, "sha256"));
}
