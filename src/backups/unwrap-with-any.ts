import type { DataKey } from "../crypto/data-key.ts";
import { dataKeyOfPassphrase } from "../crypto/passphrase.ts";
import { ShellError, type Code } from "../errors.ts";
import { KeyError } from "../kms/key-error.ts";
import type { KeyManagementService, WrappedKey } from "../kms/kms.ts";
import type { Secret } from "../std/secret.ts";
import type { EncryptionInfoFile } from "./encryption-info-files.ts";
import { hashMasterKeyId } from "./encryption-info.ts";
import { failedAttempt, printAttempts, type KeyAttempt } from "./key-table.ts";

export interface Unwrapped {
  /** The caller disposes it. */
  readonly key: DataKey;
  /** Label of the master key that opened it. */
  readonly openedBy: string;
  /** The given keys that are known not to work, though one did: a key that rots is told while another is left. */
  readonly failed: readonly KeyAttempt[];
}

/**
 * Opens a backup's data key with whichever master key answers: every file, newest first, with every service, in the
 * statement's order. Keys whose name is in no file are tried on every entry at last, for one key has several names (an
 * alias and an ARN).
 * @throws ShellError `key/mismatch`, `key/denied` or `key/unavailable` with the table of all keys in `detail`.
 */
export async function unwrapWithAny(
  files: readonly EncryptionInfoFile[],
  services: readonly KeyManagementService[],
  signal?: AbortSignal,
): Promise<Unwrapped> {
  refuseOtherMode(files);
  const failures = new Map<KeyManagementService, KeyAttempt>();
  for (const { service, wrapped } of pairsToTry(files, services)) {
    signal?.throwIfAborted();
    try {
      const key = await service.unwrap(wrapped, signal);
      failures.delete(service);
      for (const other of services) {
        const isStranger = other !== service && !failures.has(other) && !isNamed(files, other);
        if (isStranger) failures.set(other, attemptOf(services, other, neverWrapped(other)));
      }
      return { key, openedBy: service.label, failed: inOrder(failures) };
    } catch (thrown) {
      signal?.throwIfAborted();
      // Of several entries the answer that says more stays: a key that was denied may still be the right one.
      const before = failures.get(service);
      if (before === undefined || before.outcome === "not a match")
        failures.set(service, attemptOf(services, service, thrown));
    }
  }
  throw unwrapFailure(inOrder(failures), files);
}

interface Pair {
  readonly service: KeyManagementService;
  readonly wrapped: WrappedKey;
}

/** First the entries that bear a service's name, then every entry for the services whose name is nowhere. */
function pairsToTry(files: readonly EncryptionInfoFile[], services: readonly KeyManagementService[]): readonly Pair[] {
  const named = files.flatMap(({ info }) =>
    services.flatMap((service) => {
      const wrapped = info.wrappedKeys.get(hashMasterKeyId(service.masterKeyId));
      return wrapped === undefined ? [] : [{ service, wrapped }];
    }),
  );
  const unnamed = services.filter((service) => !isNamed(files, service));
  const entries = files.flatMap(({ info }) => [...info.wrappedKeys.values()]);
  return [...named, ...entries.flatMap((wrapped) => unnamed.map((service) => ({ service, wrapped })))];
}

function isNamed(files: readonly EncryptionInfoFile[], service: KeyManagementService): boolean {
  const hash = hashMasterKeyId(service.masterKeyId);
  return files.some(({ info }) => info.wrappedKeys.has(hash));
}

function neverWrapped(service: KeyManagementService): KeyError {
  return new KeyError("key/mismatch", "not a match", `${service.label} is named in no ENCRYPTION_INFO of this backup`);
}

function attemptOf(
  services: readonly KeyManagementService[],
  service: KeyManagementService,
  thrown: unknown,
): KeyAttempt {
  return failedAttempt(services.indexOf(service) + 1, service, thrown);
}

function inOrder(attempts: ReadonlyMap<KeyManagementService, KeyAttempt>): readonly KeyAttempt[] {
  return [...attempts.values()].sort((a, b) => a.position - b.position);
}

/** A key that fits but is denied or out of reach is nearer to opening the backup than one that does not fit. */
const NEAREST_FIRST: readonly Code[] = ["key/denied", "location/credentials", "key/unavailable"];

function unwrapFailure(attempts: readonly KeyAttempt[], files: readonly EncryptionInfoFile[]): ShellError {
  const errors = attempts.map(({ error }) => error).filter((error) => error !== undefined);
  const nearest = NEAREST_FIRST.flatMap((code) => errors.filter((error) => error.code === code))[0];
  const which =
    attempts.length === 1 ? "the master key does not open" : `none of the ${attempts.length} master keys opens`;
  const recorded = files.map(({ name, info }) => {
    const names = [...info.wrappedKeys.keys()].map((hash) => `${hash.slice(0, 12)}…`);
    return `${name} holds ${names.length === 0 ? "no key" : names.join(", ")} (SHA-256 of the keys' names)`;
  });
  return new ShellError(nearest?.code ?? "key/mismatch", `${which} this backup`, {
    detail: [...printAttempts(attempts), ...recorded],
    hint:
      nearest?.hint ?? "give the key the backup was made with, named as it was then, or one that ALTER BACKUP added",
    note: "nothing was changed",
    cause: nearest ?? errors[0],
  });
}

function refuseOtherMode(files: readonly EncryptionInfoFile[]): void {
  if (files.length === 0) throw notEncrypted();
  if (files.some(({ info }) => info.wrappedKeys.size > 0)) return;
  throw new ShellError("key/mismatch", "no master key opens this backup: it was encrypted with a passphrase", {
    hint: "give encryption_passphrase instead of kms",
    note: "nothing was changed",
  });
}

/**
 * The data key of a backup that was encrypted with a passphrase, by the salt of the newest file that has one. Whether
 * the passphrase is right shows only when a file of the backup is opened.
 * @throws ShellError `key/passphrase` when the backup was encrypted with master keys, `key/not-encrypted` without files.
 */
export async function dataKeyByPassphrase(files: readonly EncryptionInfoFile[], passphrase: Secret): Promise<DataKey> {
  if (files.length === 0) throw notEncrypted();
  const salt = files.map(({ info }) => info.salt).find((one) => one !== undefined);
  if (salt !== undefined) return dataKeyOfPassphrase(passphrase, salt);
  throw new ShellError("key/passphrase", "no passphrase opens this backup: it was encrypted with master keys", {
    hint: "give kms = 'uri' instead of encryption_passphrase",
    note: "nothing was changed",
  });
}

function notEncrypted(): ShellError {
  return new ShellError("key/not-encrypted", "the backup has no ENCRYPTION_INFO", {
    detail: ["it is not encrypted, or the file was removed"],
    hint: "leave out kms and encryption_passphrase to read it as it is",
    note: "nothing was changed",
  });
}
