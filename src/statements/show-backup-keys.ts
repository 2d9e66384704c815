// SHOW BACKUP KEYS IN uri: which key opens which backup. Without keys it says what ENCRYPTION_INFO says of itself: hashes
// of the keys' names. With keys it says which of them are recorded; WITH test also asks each key service to unwrap, and
// proves what came back on the manifest. A key that fails is an answer, not an error.
import type { ShowBackupKeysStatement } from "../../grammar/index.ts";
import { hashMasterKeyId } from "../backups/encryption-info.ts";
import { failedAttempt } from "../backups/key-table.ts";
import { openBackup } from "../backups/open-backup.ts";
import { proveKey } from "../backups/prove-key.ts";
import { listStoredBackups, readStoredKeys, type StoredKeys } from "../backups/stored-backups.ts";
import { OpenServices, type KeyChoice } from "../backups/unlocking.ts";
import { unwrapWithAny } from "../backups/unwrap-with-any.ts";
import type { DataKey } from "../crypto/data-key.ts";
import type { Environment } from "../environment.ts";
import { asShellError, ShellError } from "../errors.ts";
import type { Column, Events, Row } from "../events.ts";
import type { KeyManagementService } from "../kms/kms.ts";
import type { Location } from "../location.ts";
import { planKeys } from "../plan/reference.ts";
import type { Reading } from "../plan/reading.ts";
import type { Secret } from "../std/secret.ts";
import type { ObjectStore } from "../storage/store.ts";

export interface ShowBackupKeysPlan extends KeyChoice {
  readonly collection: Location;
  readonly test: boolean;
}

/** Makes every complaint about the statement's text. */
export function planShowBackupKeys(statement: ShowBackupKeysStatement, reading: Reading): ShowBackupKeysPlan {
  const test = statement.options.find(({ name }) => name === "test");
  const keys = planKeys(statement.options, reading);
  if (test !== undefined && keys.kms.length === 0 && keys.passphrase === undefined) {
    throw new ShellError("option/missing", "test needs keys to test", {
      hint: "add kms = ('…', '…') or encryption_passphrase = '…'",
      span: test.span,
    });
  }
  return { collection: reading.oneStorage(statement.collection, "read"), ...keys, test: test !== undefined };
}

const COLUMNS: readonly Column[] = [
  { name: "path", kind: "text" },
  { name: "key", kind: "text" },
  { name: "status", kind: "text" },
  { name: "file", kind: "text" },
  { name: "reason", kind: "text" },
];

export async function* performShowBackupKeys(
  plan: ShowBackupKeysPlan,
  environment: Environment,
  signal?: AbortSignal,
): Events {
  const started = performance.now();
  await using store = await environment.openStore(plan.collection);
  await using services = await OpenServices.open(plan.kms, environment);
  const fulls = (await listStoredBackups(store, signal)).filter(({ kind }) => kind === "full");
  let count = 0;
  yield { type: "columns", columns: COLUMNS };
  for (const { folder } of fulls) {
    signal?.throwIfAborted();
    const backup = { store, folder, stored: await readStoredKeys(store, folder, signal), signal };
    const rows = await rowsOf(backup, services.all, plan);
    count += rows.length;
    yield { type: "rows", rows };
  }
  yield { type: "finished", tag: `SHOW BACKUP KEYS ${count}`, elapsedMs: performance.now() - started };
}

interface Backup {
  readonly store: ObjectStore;
  readonly folder: string;
  readonly stored: StoredKeys;
  readonly signal: AbortSignal | undefined;
}

interface Answer {
  readonly status: string;
  readonly file?: string;
  readonly reason?: string;
}

async function rowsOf(
  backup: Backup,
  services: readonly KeyManagementService[],
  { passphrase, test }: ShowBackupKeysPlan,
): Promise<readonly Row[]> {
  const row = (key: string | null, { status, file, reason }: Answer): Row => [
    `/${backup.folder}`,
    key,
    status,
    file ?? null,
    reason ?? null,
  ];
  const { encryption } = backup.stored;
  if (encryption === "none") return [row(null, { status: "not encrypted" })];
  if (passphrase !== undefined) return [row("passphrase", await passphraseAnswer(backup, passphrase, test))];
  const damaged = backup.stored.files.flatMap(({ name, damage }) =>
    damage === undefined ? [] : [row(null, { status: "damaged", file: name, reason: damage.message })],
  );
  if (services.length === 0)
    return [...recorded(backup).map(([key, file]) => row(key, { status: "recorded", file })), ...damaged];
  const rows = damaged;
  for (const [index, service] of services.entries()) {
    rows.push(row(service.label, test ? await tested(backup, service, index) : named(backup, service)));
  }
  return rows;
}

/** Every entry there is: the hash of the key's name, or the passphrase. */
function recorded({ stored }: Backup): readonly (readonly [key: string, file: string])[] {
  if (stored.encryption === "passphrase") return stored.files.slice(0, 1).map(({ name }) => ["passphrase", name]);
  return stored.files.flatMap(({ name, info }) =>
    [...info.wrappedKeys.keys()].map((hash) => [`sha256:${hash.slice(0, 12)}`, name] as const),
  );
}

function fileOf({ stored }: Backup, service: KeyManagementService): string | undefined {
  const hash = hashMasterKeyId(service.masterKeyId);
  return stored.files.find(({ info }) => info.wrappedKeys.has(hash))?.name;
}

function named(backup: Backup, service: KeyManagementService): Answer {
  const file = fileOf(backup, service);
  return file === undefined ? { status: "not recorded" } : { status: "recorded", file };
}

async function tested(backup: Backup, service: KeyManagementService, index: number): Promise<Answer> {
  const { store, folder, stored, signal } = backup;
  const file = fileOf(backup, service);
  const place = file === undefined ? {} : { file };
  let key: DataKey;
  try {
    ({ key } = await unwrapWithAny(stored.files, [service], signal));
  } catch (thrown) {
    signal?.throwIfAborted();
    const error = asShellError(thrown);
    const { outcome, reason } = failedAttempt(index + 1, service, error.cause ?? error);
    return { status: outcome, reason, ...place };
  }
  using owned = key;
  try {
    await proveKey(store, folder, owned, signal);
    return { status: "opens", ...place };
  } catch (thrown) {
    signal?.throwIfAborted();
    // What came back does not open the manifest, or the manifest is not what was written.
    return { status: "damaged", reason: asShellError(thrown).message, ...place };
  }
}

async function passphraseAnswer(backup: Backup, passphrase: Secret, test: boolean): Promise<Answer> {
  const { store, folder, stored, signal } = backup;
  const [first] = stored.files;
  if (stored.encryption !== "passphrase") return { status: "not recorded" };
  const place = first === undefined ? {} : { file: first.name };
  if (!test) return { status: "recorded", ...place };
  try {
    using _ = await openBackup(store, folder, { kind: "passphrase", passphrase }, signal);
    return { status: "opens", ...place };
  } catch (thrown) {
    signal?.throwIfAborted();
    const error = asShellError(thrown);
    return { status: error.code === "key/passphrase" ? "not a match" : "damaged", reason: error.message, ...place };
  }
}
