// ALTER BACKUP … ADD NEW_KMS = … WITH OLD_KMS = …: the data key, opened with an old master key, is wrapped by new ones.
// Nothing that exists is changed: the new entries are one more ENCRYPTION_INFO file. Works on Sealift's collections and
// on CockroachDB's, as both keep the same file.
import type { AlterBackupStatement } from "../../grammar/index.ts";
import { Collection } from "../backups/collection.ts";
import { damageOf, readEncryptionInfos, writeEncryptionInfo } from "../backups/encryption-info-files.ts";
import { proveKey } from "../backups/prove-key.ts";
import { damageNotices, keyNotices, OpenServices } from "../backups/unlocking.ts";
import { unwrapWithAny } from "../backups/unwrap-with-any.ts";
import { wrapForAll } from "../backups/wrap-for-all.ts";
import type { Environment } from "../environment.ts";
import { ShellError } from "../errors.ts";
import type { Column, Events } from "../events.ts";
import type { Location } from "../location.ts";
import type { Reading } from "../plan/reading.ts";

export interface AlterBackupPlan {
  readonly collection: Location;
  /** Absent when the URI names the full backup's own folder, as CockroachDB's form without IN does. */
  readonly subdirectory: string | undefined;
  readonly newKms: readonly Location[];
  readonly oldKms: readonly Location[];
}

/** Makes every complaint about the statement's text. */
export function planAlterBackup(statement: AlterBackupStatement, reading: Reading): AlterBackupPlan {
  const [addition, second] = statement.additions;
  if (addition === undefined) throw new ShellError("bug/invariant", "the grammar let ALTER BACKUP without ADD through");
  // CockroachDB would silently mind the last one only.
  if (second !== undefined) {
    throw new ShellError("option/conflict", "ADD NEW_KMS is given twice", {
      hint: "list all new keys in one: ADD NEW_KMS = ('…', '…') WITH OLD_KMS = '…'",
      note: "nothing was changed",
      span: second.span,
    });
  }
  return {
    collection: reading.oneStorage(statement.collection, "read"),
    subdirectory: statement.subdirectory === undefined ? undefined : reading.text(statement.subdirectory),
    newKms: reading.kms(addition.newKms),
    oldKms: reading.kms(addition.oldKms),
  };
}

const RESULT: readonly Column[] = [
  { name: "path", kind: "text" },
  { name: "file", kind: "text" },
  { name: "keys_added", kind: "number" },
  { name: "new_kms", kind: "text" },
  { name: "opened_by", kind: "text" },
];

/**
 * Adds master keys to one backup.
 * Throws `key/*` with the table of all keys when no old one opens it or a new one cannot wrap and unwrap,
 * `integrity/*` when the key that opens ENCRYPTION_INFO does not open the manifest.
 */
export async function* performAlterBackup(
  plan: AlterBackupPlan,
  environment: Environment,
  signal?: AbortSignal,
): Events {
  const started = performance.now();
  await using store = await environment.openStore(plan.collection);
  const collection = new Collection(store);
  const folder = plan.subdirectory === undefined ? "" : await collection.resolve(plan.subdirectory, signal);
  const files = await readEncryptionInfos(store, folder, signal);
  await using oldServices = await OpenServices.open(plan.oldKms, environment);
  await using newServices = await OpenServices.open(plan.newKms, environment);
  const { key, openedBy, attempts } = await unwrapWithAny(files, oldServices.all, signal);
  using owned = key;
  yield* [...keyNotices(attempts, "this backup"), ...damageNotices(damageOf(files))];
  await proveKey(store, folder, owned, signal);
  const file = await writeEncryptionInfo(store, folder, await wrapForAll(owned, newServices.all, signal), signal);
  yield { type: "columns", columns: RESULT };
  const added = newServices.all.map((service) => service.label).join(", ");
  yield { type: "rows", rows: [[`/${folder}`, file, String(newServices.all.length), added, openedBy]] };
  yield { type: "finished", tag: "ALTER BACKUP", elapsedMs: performance.now() - started };
}
