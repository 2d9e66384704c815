import { createEncryption } from "../backups/encryption.ts";
import { nextEncryptionInfoName } from "../backups/encryption-info-files.ts";
import { OpenServices } from "../backups/unlocking.ts";
import type { DataKey } from "../crypto/data-key.ts";
import { FileMacs } from "../crypto/file-mac.ts";
import { parseMasterKey } from "../crypto/s3-client-side.ts";
import type { Environment } from "../environment.ts";
import { ShellError } from "../errors.ts";
import type { UnloadEncryption } from "../plan/unload-plan.ts";
import { streamOf } from "../std/bytes.ts";
import type { OwnObjects } from "./own-objects.ts";
import type { FileSeal } from "./upload.ts";

/** A key for the files, and what has to lie beside them so that it can be had again. Disposing wipes it. */
export interface OpenSeal extends Disposable {
  readonly seal: FileSeal;
  /** The bytes of ENCRYPTION_INFO; none for a key that the statement brought. */
  readonly info: Uint8Array | undefined;
}

/**
 * Every master key has wrapped the data key when this comes back; `undefined` without encryption in the client.
 * @throws ShellError the table of all keys when one of them cannot wrap
 */
export async function openSeal(
  encryption: UnloadEncryption,
  environment: Pick<Environment, "openKms">,
  signal: AbortSignal,
): Promise<OpenSeal | undefined> {
  switch (encryption.type) {
    case "none":
    case "sse-s3":
    case "bucket-default":
    case "sse-kms":
      // Storage's own encryption is a matter of the location's parameters.
      return undefined;
    case "master-key": {
      const parsed = parseMasterKey(encryption.masterKey.reveal());
      if (!parsed.ok) throw new ShellError("option/value", parsed.error, { note: "nothing was written" });
      return sealOf(parsed.value, undefined);
    }
    case "kms":
    case "passphrase": {
      const passphrase = encryption.type === "passphrase" ? encryption.passphrase : undefined;
      await using services = await OpenServices.open(encryption.type === "kms" ? encryption.kms : [], environment);
      const made = await createEncryption(services.all, passphrase, signal);
      return made === undefined ? undefined : sealOf(made.key, made.info);
    }
  }
  return encryption satisfies never;
}

function sealOf(master: DataKey, info: Uint8Array | undefined): OpenSeal {
  return { seal: { master, macs: new FileMacs(master) }, info, [Symbol.dispose]: () => master[Symbol.dispose]() };
}

/**
 * Writes ENCRYPTION_INFO behind the prefix, and never over another one: files of an earlier UNLOAD that stay need
 * theirs.
 */
export async function writeUnloadInfo(
  objects: OwnObjects,
  root: string,
  info: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const names: string[] = [];
  for await (const { key } of objects.store.list(`${root}ENCRYPTION`, signal)) names.push(key.slice(root.length));
  await objects.put(root + nextEncryptionInfoName(names), streamOf(info), { ifAbsent: true, signal });
}
