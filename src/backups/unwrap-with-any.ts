import type { DataKey } from "../crypto/data-key.ts";
import { dataKeyOfPassphrase } from "../crypto/passphrase.ts";
import { ShellError, type Code } from "../errors.ts";
import type { KeyManagementService, MasterKeyId, WrappedKey } from "../kms/kms.ts";
import type { Secret } from "../std/secret.ts";
import type { EncryptionInfoFile } from "./encryption-info-files.ts";
import { hashMasterKeyId } from "./encryption-info.ts";
import { RACE_TIMES, raceKeys, type Contender, type RaceTimes } from "./key-race.ts";
import { causeOf, printAttempts, type KeyAttempt } from "./key-table.ts";

export interface Unwrapped {
  /** The caller disposes it. */
  readonly key: DataKey;
  /** Label of the master key that opened it. */
  readonly openedBy: string;
  /** How each of the given keys answered: a key that rots is told while another is left. */
  readonly attempts: readonly KeyAttempt[];
}

/** What the keys are of, in the words of complaints. */
export interface KeyWords {
  readonly what: string;
  readonly rightKey: string;
}

const OF_A_BACKUP: KeyWords = {
  what: "this backup",
  rightKey: "give the key the backup was made with, named as it was then, or one that ALTER BACKUP added",
};

/**
 * Opens a backup's data key with whichever master key answers first; all are asked together, each within a deadline.
 * A key that a file names tries the entries of its names, of the newest file first. One whose names are in no file
 * tries every entry, a little later: one key has several names (an alias and an ARN).
 * @throws ShellError `key/mismatch`, `key/denied` or `key/unavailable` with the table of all keys in `detail`.
 */
export async function unwrapWithAny(
  files: readonly EncryptionInfoFile[],
  services: readonly KeyManagementService[],
  signal?: AbortSignal,
  { words = OF_A_BACKUP, ...times }: Partial<RaceTimes> & { readonly words?: KeyWords } = {},
): Promise<Unwrapped> {
  refuseOtherMode(files, words);
  signal?.throwIfAborted();
  const contenders = services.map((service) => contenderOf(service, files));
  const { winner, attempts } = await raceKeys(contenders, { ...RACE_TIMES, ...times }, signal);
  if (winner === undefined) throw unwrapFailure(attempts, files, words);
  return { key: winner.key, openedBy: winner.service.label, attempts };
}

function contenderOf(service: KeyManagementService, files: readonly EncryptionInfoFile[]): Contender {
  const own = entriesOf([service.masterKeyId, ...(service.otherIds ?? [])], files);
  const entries = async (signal: AbortSignal): Promise<readonly WrappedKey[]> =>
    own.length > 0 ? own : allEntries(service, files, signal);
  return { service, isNamed: own.length > 0, entries };
}

/** The entries that bear one of these names. */
function entriesOf(ids: readonly MasterKeyId[], files: readonly EncryptionInfoFile[]): readonly WrappedKey[] {
  const hashes = ids.map((id) => hashMasterKeyId(id));
  return files.flatMap(({ info }) =>
    hashes.map((hash) => info.wrappedKeys.get(hash)).filter((wrapped) => wrapped !== undefined),
  );
}

/** Every entry; of several, first those that bear a name which the key's service tells. */
async function allEntries(
  service: KeyManagementService,
  files: readonly EncryptionInfoFile[],
  signal: AbortSignal,
): Promise<readonly WrappedKey[]> {
  const all = files.flatMap(({ info }) => [...info.wrappedKeys.values()]);
  if (all.length < 2 || service.findOtherIds === undefined) return all;
  const likely = entriesOf(await service.findOtherIds(signal), files);
  return [...likely, ...all.filter((wrapped) => !likely.includes(wrapped))];
}

/** A key that fits but is denied or out of reach is nearer to opening the backup than one that does not fit. */
const NEAREST_FIRST: readonly Code[] = ["key/denied", "location/credentials", "key/unavailable"];

function unwrapFailure(
  attempts: readonly KeyAttempt[],
  files: readonly EncryptionInfoFile[],
  { what, rightKey }: KeyWords,
): ShellError {
  const errors = attempts.map(({ error }) => error).filter((error) => error !== undefined);
  const nearest = NEAREST_FIRST.flatMap((code) => errors.filter((error) => error.code === code))[0];
  const which =
    attempts.length === 1 ? "the master key does not open" : `none of the ${attempts.length} master keys opens`;
  const recorded = files.map(({ name, info, damage }) => {
    if (damage !== undefined) return damage.message;
    const names = [...info.wrappedKeys.keys()].map((hash) => `${hash.slice(0, 12)}…`);
    return `${name} holds ${names.length === 0 ? "no key" : names.join(", ")} (SHA-256 of the keys' names)`;
  });
  return new ShellError(nearest?.code ?? "key/mismatch", `${which} ${what}`, {
    detail: [...printAttempts(attempts), ...recorded],
    hint: nearest?.hint ?? rightKey,
    note: "nothing was changed",
    cause: causeOf(attempts),
  });
}

function refuseOtherMode(files: readonly EncryptionInfoFile[], { what }: KeyWords): void {
  if (files.length === 0) throw notEncrypted();
  if (files.some(({ info }) => info.wrappedKeys.size > 0)) return;
  throw new ShellError("key/mismatch", `no master key opens ${what}: it was encrypted with a passphrase`, {
    hint: "give encryption_passphrase instead of kms",
    note: "nothing was changed",
  });
}

/**
 * The data key of a backup that was encrypted with a passphrase, by the salt of the newest file that has one. Whether
 * the passphrase is right shows only when a file of the backup is opened.
 * @throws ShellError `key/passphrase` when the backup was encrypted with master keys, `key/not-encrypted` without files.
 */
export async function dataKeyByPassphrase(
  files: readonly EncryptionInfoFile[],
  passphrase: Secret,
  { what }: KeyWords = OF_A_BACKUP,
): Promise<DataKey> {
  if (files.length === 0) throw notEncrypted();
  const salt = files.map(({ info }) => info.salt).find((one) => one !== undefined);
  if (salt !== undefined) return dataKeyOfPassphrase(passphrase, salt);
  throw new ShellError("key/passphrase", `no passphrase opens ${what}: it was encrypted with master keys`, {
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
