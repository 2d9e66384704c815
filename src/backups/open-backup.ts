import type { DataKey } from "../crypto/data-key.ts";
import { isSealed, openBytes, SealedFileError } from "../crypto/cockroach-file.ts";
import { asShellError, ShellError } from "../errors.ts";
import type { KeyManagementService } from "../kms/kms.ts";
import { bytesEqual, readAll } from "../std/bytes.ts";
import type { Secret } from "../std/secret.ts";
import type { ObjectStore } from "../storage/store.ts";
import { damageOf, readEncryptionInfos, type EncryptionInfoFile } from "./encryption-info-files.ts";
import type { KeyAttempt } from "./key-table.ts";
import { dataKeyByPassphrase, unwrapWithAny } from "./unwrap-with-any.ts";
import { CHECKSUM_SUFFIX, MANIFEST } from "./folders.ts";
import { parseManifest, type BackupManifest } from "./manifest.ts";
import { checksumOf } from "./writer.ts";

/** What a statement brings to open a backup with. */
export type Unlock =
  | { readonly kind: "none" }
  | { readonly kind: "passphrase"; readonly passphrase: Secret }
  | { readonly kind: "kms"; readonly services: readonly KeyManagementService[] };

/** A backup whose manifest was authenticated. Disposing wipes its data key. */
export interface OpenBackup extends Disposable {
  readonly folder: string;
  readonly label: string;
  readonly manifest: BackupManifest;
  /** Undefined for a backup in the clear. */
  readonly key: DataKey | undefined;
  /** The master key that opened it, as printed; undefined without KMS. */
  readonly openedBy: string | undefined;
  /** How each of the given master keys answered; empty without KMS. */
  readonly keys: readonly KeyAttempt[];
  /** Of ENCRYPTION_INFO files beside the one that was used. */
  readonly damage: readonly ShellError[];
}

/**
 * Reads and authenticates the manifest of one backup.
 * @throws ShellError `key/required`, `key/not-encrypted`, `key/passphrase`, `key/*` from unwrapping,
 *   `integrity/checksum` when the stored manifest is not the one that was written, `integrity/tampered`.
 */
export async function openBackup(
  store: ObjectStore,
  folder: string,
  unlock: Unlock,
  signal?: AbortSignal,
): Promise<OpenBackup> {
  const label = `backup ${folder} in ${store.label}`;
  const stored = await readManifestBytes(store, folder, label, signal);
  const infos = await readEncryptionInfos(store, folder, signal);
  const sealed = isSealed(stored);
  if (!sealed) refuseNeedlessKeys(unlock, label);
  const unlocked = sealed ? await unlockWith(unlock, infos, label, signal) : CLEAR;
  try {
    const plain = unlocked.key === undefined ? stored : openManifest(stored, unlocked.key, unlock, label);
    return {
      folder,
      label,
      manifest: parseManifest(plain, label),
      ...unlocked,
      damage: damageOf(infos),
      [Symbol.dispose]: () => unlocked.key?.[Symbol.dispose](),
    };
  } catch (thrown) {
    unlocked.key?.[Symbol.dispose]();
    throw thrown;
  }
}

type Unlocked = Pick<OpenBackup, "key" | "openedBy" | "keys">;
const CLEAR: Unlocked = { key: undefined, openedBy: undefined, keys: [] };

async function readManifestBytes(
  store: ObjectStore,
  folder: string,
  label: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const options = signal === undefined ? {} : { signal };
  const stored = await readAll(await store.get(`${folder}/${MANIFEST}`, options));
  const checksumKey = `${folder}/${MANIFEST}${CHECKSUM_SUFFIX}`;
  // CockroachDB tolerates a missing checksum file; authentication catches what it would have caught.
  if ((await store.head(checksumKey, signal)) === undefined) return stored;
  const expected = await readAll(await store.get(checksumKey, options));
  if (bytesEqual(expected, checksumOf(stored))) return stored;
  throw new ShellError("integrity/checksum", `the manifest of ${label} does not match its checksum`, {
    detail: ["the key was not tried: the stored bytes are not the ones that were written"],
    hint: "restore BACKUP_MANIFEST from a copy of the collection, or from the store's object versions",
    note: "nothing was changed",
  });
}

function refuseNeedlessKeys(unlock: Unlock, label: string): void {
  if (unlock.kind === "none") return;
  const option = unlock.kind === "kms" ? "kms" : "encryption_passphrase";
  throw new ShellError("key/not-encrypted", `${label} is not encrypted, but ${option} was given`, {
    hint: `leave out WITH ${option}`,
    note: "nothing was changed",
  });
}

async function unlockWith(
  unlock: Unlock,
  files: readonly EncryptionInfoFile[],
  label: string,
  signal: AbortSignal | undefined,
): Promise<Unlocked> {
  if (files.length === 0) {
    throw new ShellError("integrity/missing", `${label} is encrypted, but it has no ENCRYPTION_INFO`, {
      hint: "bring the file back from a copy of the collection: without it no key can open the backup",
      note: "nothing was changed",
    });
  }
  switch (unlock.kind) {
    case "none":
      throw keyRequired(label, files);
    case "kms": {
      const { key, openedBy, attempts } = await unwrapWithAny(files, unlock.services, signal);
      return { key, openedBy, keys: attempts };
    }
    case "passphrase":
      return { ...CLEAR, key: await dataKeyByPassphrase(files, unlock.passphrase) };
  }
}

function keyRequired(label: string, files: readonly EncryptionInfoFile[]): ShellError {
  const byPassphrase = files.some(({ info }) => info.salt !== undefined);
  const entries = files.reduce((sum, { info }) => sum + info.wrappedKeys.size, 0);
  const wrapped = `its data key is wrapped by ${entries} master ${entries === 1 ? "key" : "keys"}`;
  return new ShellError("key/required", `${label} is encrypted, and no key was given`, {
    detail: [byPassphrase ? "it is encrypted with a passphrase" : wrapped],
    hint: byPassphrase ? "add WITH encryption_passphrase = '…'" : "add WITH kms = '…' (any one of the keys is enough)",
    note: "nothing was changed",
  });
}

function openManifest(stored: Uint8Array, key: DataKey, unlock: Unlock, label: string): Uint8Array {
  try {
    return openBytes(stored, key.keyObject(), `the manifest of ${label}`);
  } catch (thrown) {
    // A passphrase is only proved by the first chunk; a master key was proved when it unwrapped the data key.
    const wrongPassphrase =
      unlock.kind === "passphrase" && thrown instanceof SealedFileError && thrown.chunksOpened === 0;
    if (!wrongPassphrase) throw asShellError(thrown).with({ note: "nothing was changed" });
    throw new ShellError("key/passphrase", `the passphrase does not open ${label}`, {
      detail: [passphraseShape(unlock.passphrase)],
      hint: "check for a trailing newline or blank, and that the passphrase belongs to this backup",
      note: "nothing was changed",
      cause: thrown,
    });
  }
}

/** Length class and stray white space only; never content. */
function passphraseShape(passphrase: Secret): string {
  const text = passphrase.reveal();
  const stray = text === text.trim() ? "" : ", begins or ends with white space";
  return `the passphrase given has ${text.length} characters${stray}`;
}
