import type { DataKey } from "../crypto/data-key.ts";

/** What a master key is called in ENCRYPTION_INFO before hashing: exactly what the URI's path said. */
export type MasterKeyId = string & { readonly brand: "MasterKeyId" };

/** A data key encrypted under a master key: the service's ciphertext, opaque. */
export type WrappedKey = Uint8Array & { readonly brand?: "WrappedKey" };

/** A service that holds a master key which never leaves it. */
export interface KeyManagementService extends AsyncDisposable {
  /** Safe to print. */
  readonly label: string;
  /** The string whose SHA-256 names this key's entry in ENCRYPTION_INFO. No network call. */
  readonly masterKeyId: MasterKeyId;
  /** Other names that this key may have been wrapped under, as far as its own name tells them. */
  readonly otherIds?: readonly MasterKeyId[];
  /**
   * All other names of this key that its service tells; empty when it does not. Throws `key/unavailable` and
   * `location/credentials` when nobody answers, or not us.
   */
  findOtherIds?(signal?: AbortSignal): Promise<readonly MasterKeyId[]>;
  /** Throws `key/denied`, `key/unavailable`. */
  wrap(key: DataKey, signal?: AbortSignal): Promise<WrappedKey>;
  /** Throws `key/mismatch` if this master key did not wrap it, `key/denied`, `key/unavailable`. The caller disposes the key. */
  unwrap(wrapped: WrappedKey, signal?: AbortSignal): Promise<DataKey>;
}
