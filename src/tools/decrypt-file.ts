import { dataKeyByPassphrase, unwrapWithAny, type KeyWords } from "../backups/unwrap-with-any.ts";
import { explainFirstFile } from "../backups/wrong-key.ts";
import type { KeyAttempt } from "../backups/key-table.ts";
import { HEADER_BYTES, isSealed, openStream } from "../crypto/cockroach-file.ts";
import type { DataKey } from "../crypto/data-key.ts";
import { openEnvelope } from "../crypto/s3-client-side.ts";
import { ShellError } from "../errors.ts";
import type { KeyManagementService } from "../kms/kms.ts";
import type { ObjectInfo, ObjectStore } from "../storage/store.ts";
import { readAll, type ByteStream } from "../std/bytes.ts";
import type { Secret } from "../std/secret.ts";
import {
  findEncryptionInfo,
  findUnloadEncryptionInfo,
  readNamedEncryptionInfo,
  type FoundEncryptionInfo,
} from "./find-encryption-info.ts";
import { readEnvelopeOf } from "./read-envelope.ts";

const OF_A_FILE: KeyWords = {
  what: "this file",
  rightKey: "give the key it was written with, named as it was then, or one that ALTER BACKUP added",
};

export interface DecryptOptions {
  /** Master keys, any one of which is enough. */
  readonly services?: readonly KeyManagementService[];
  readonly passphrase?: Secret;
  /** The master symmetric key of an UNLOAD. Stays the caller's. */
  readonly masterKey?: DataKey;
  /** Where the ENCRYPTION_INFO is, file or folder, if it is not near the object. */
  readonly info?: { readonly store: ObjectStore; readonly key: string };
  /** Told how each of the given keys answered, when one worked and others did not. */
  readonly onUnusableKeys?: (attempts: readonly KeyAttempt[]) => void;
  readonly signal?: AbortSignal;
}

/**
 * The plaintext of one stored object: a file of an encrypted backup, or one that UNLOAD encrypted. Of a backup's file
 * every piece was authenticated before it comes out; the envelope of UNLOAD has nothing to authenticate by.
 * @throws ShellError `storage/not-found`, `key/not-encrypted`, `key/required` when no key of the right kind was given,
 * `integrity/missing` when no ENCRYPTION_INFO is found, and what the keys throw; all before the first piece. Damage is
 * `integrity/*` where it is met.
 */
export async function decryptObject(store: ObjectStore, key: string, options: DecryptOptions): Promise<ByteStream> {
  const get = options.signal === undefined ? {} : { signal: options.signal };
  const info = await store.head(key, options.signal);
  const label = `${store.label}/${key}`;
  if (info === undefined) throw new ShellError("storage/not-found", `${label} does not exist`);
  const first = await readAll(await store.get(key, { ...get, maxBytes: HEADER_BYTES }));
  if (isSealed(first)) {
    const found = await nearInfo(store, key, options, findEncryptionInfo);
    const dataKey = await dataKeyOf(found, label, options);
    return openSealed(await store.get(key, get), dataKey, info, label, options);
  }
  const envelope = await readEnvelopeOf(store, info, label, options.signal);
  if (options.masterKey !== undefined)
    return openEnvelope(await store.get(key, get), envelope, options.masterKey, label);
  const found = await nearInfo(store, key, options, findUnloadEncryptionInfo);
  const master = await dataKeyOf(found, label, options);
  return disposing(openEnvelope(await store.get(key, get), envelope, master, label), master);
}

type Find = (store: ObjectStore, key: string, signal?: AbortSignal) => Promise<FoundEncryptionInfo>;

function nearInfo(store: ObjectStore, key: string, options: DecryptOptions, find: Find): Promise<FoundEncryptionInfo> {
  const { info, signal } = options;
  return info === undefined ? find(store, key, signal) : readNamedEncryptionInfo(info.store, info.key, signal);
}

async function dataKeyOf(found: FoundEncryptionInfo, label: string, options: DecryptOptions): Promise<DataKey> {
  const { files, looked } = found;
  const { passphrase, services = [], signal } = options;
  if (passphrase === undefined && services.length === 0) {
    throw new ShellError("key/required", `${label} is encrypted, and no key was given that could open it`, {
      detail: files.map(({ name, info }) =>
        info.salt === undefined
          ? `${name} holds ${info.wrappedKeys.size} master keys`
          : `${name} holds a passphrase's salt`,
      ),
      hint: "give a master key's URI or the passphrase",
    });
  }
  if (files.length === 0) {
    throw new ShellError("integrity/missing", `no ENCRYPTION_INFO was found for ${label}`, {
      detail: looked.map((folder) => `looked in ${folder}`),
      hint: "name the file, or the full backup's folder, with --info",
    });
  }
  if (passphrase !== undefined) return dataKeyByPassphrase(files, passphrase, OF_A_FILE);
  const { key, attempts } = await unwrapWithAny(files, services, signal, { words: OF_A_FILE });
  if (attempts.some(({ outcome }) => outcome !== "ok")) options.onUnusableKeys?.(attempts);
  return key;
}

async function* openSealed(
  body: ByteStream,
  dataKey: DataKey,
  info: ObjectInfo,
  label: string,
  options: DecryptOptions,
): ByteStream {
  using key = dataKey;
  try {
    yield* openStream(body, key.keyObject(), { label, storedBytes: info.bytes });
  } catch (thrown) {
    throw explainFirstFile(thrown, options.passphrase === undefined ? "master key" : "passphrase");
  }
}

async function* disposing(body: ByteStream, key: DataKey): ByteStream {
  using _owned = key;
  yield* body;
}
