import { DataKey } from "../crypto/data-key.ts";
import { createSalt, dataKeyOfPassphrase } from "../crypto/passphrase.ts";
import type { KeyManagementService } from "../kms/kms.ts";
import type { Secret } from "../std/secret.ts";
import { printEncryptionInfo } from "./encryption-info.ts";
import { wrapForAll } from "./wrap-for-all.ts";

/** A new backup's data key and the bytes of its ENCRYPTION_INFO. Disposing wipes the key. */
export interface Encryption extends Disposable {
  readonly key: DataKey;
  readonly info: Uint8Array;
}

/**
 * A random data key wrapped by every service, or the key of a passphrase under a fresh salt; undefined with neither.
 * @throws ShellError the table of all keys when one of them cannot wrap: nothing may be written then.
 */
export async function createEncryption(
  services: readonly KeyManagementService[],
  passphrase: Secret | undefined,
  signal?: AbortSignal,
): Promise<Encryption | undefined> {
  if (passphrase !== undefined) {
    const salt = createSalt();
    const key = await dataKeyOfPassphrase(passphrase, salt);
    return ownedBy(key, printEncryptionInfo({ salt, wrappedKeys: new Map() }));
  }
  if (services.length === 0) return undefined;
  const key = DataKey.generate();
  try {
    return ownedBy(key, printEncryptionInfo(await wrapForAll(key, services, signal)));
  } catch (thrown) {
    key[Symbol.dispose]();
    throw thrown;
  }
}

function ownedBy(key: DataKey, info: Uint8Array): Encryption {
  return { key, info, [Symbol.dispose]: () => key[Symbol.dispose]() };
}
