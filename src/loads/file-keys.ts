// The key that opens the files of one COPY: the statement's own, or the one that ENCRYPTION_INFO beside the files keeps.
import { damageOf, readEncryptionInfosNamed, type EncryptionInfoFile } from "../backups/encryption-info-files.ts";
import { damageNotices, keyNotices, OpenServices } from "../backups/unlocking.ts";
import { dataKeyByPassphrase, unwrapWithAny } from "../backups/unwrap-with-any.ts";
import type { DataKey } from "../crypto/data-key.ts";
import { parseMasterKey } from "../crypto/s3-client-side.ts";
import type { Environment } from "../environment.ts";
import { ShellError } from "../errors.ts";
import type { Event } from "../events.ts";
import type { ClientSideEncryption } from "../plan/transfer-encryption.ts";
import type { KeyBase } from "./files.ts";

export type FileEncryption = { readonly type: "none" } | ClientSideEncryption;

const KEY_NAMES = {
  none: "no key",
  "master-key": "the master symmetric key",
  kms: "the key that ENCRYPTION_INFO keeps",
  passphrase: "the passphrase",
} as const;

/** Keys by the files they open; wiped together. */
export class FileKeys implements AsyncDisposable {
  readonly #encryption: FileEncryption;
  readonly #environment: Pick<Environment, "openKms">;
  readonly #signal: AbortSignal;
  readonly #keys = new Map<string, DataKey>();
  #services: OpenServices | undefined;
  /** Of given keys that failed although another opened the files. */
  readonly notices: Event[] = [];

  constructor(encryption: FileEncryption, environment: Pick<Environment, "openKms">, signal: AbortSignal) {
    this.#encryption = encryption;
    this.#environment = environment;
    this.#signal = signal;
  }

  /** What errors call the key that opens the files. */
  get keyName(): string {
    return KEY_NAMES[this.#encryption.type];
  }

  /**
   * The master key of files with this beginning; `undefined` for files in the clear.
   * @throws ShellError `key/*` as `unwrapWithAny`, `key/not-encrypted` when there is no ENCRYPTION_INFO.
   */
  async keyFor(base: KeyBase): Promise<DataKey | undefined> {
    if (this.#encryption.type === "none") return undefined;
    const name = this.#encryption.type === "master-key" ? "" : `${base.store.label}\n${base.prefix}`;
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const key = await this.#open(this.#encryption, base);
    this.#keys.set(name, key);
    return key;
  }

  async #open(encryption: ClientSideEncryption, base: KeyBase): Promise<DataKey> {
    if (encryption.type === "master-key") {
      const parsed = parseMasterKey(encryption.masterKey.reveal());
      if (parsed.ok) return parsed.value;
      throw new ShellError("option/value", parsed.error);
    }
    const files = await this.#readInfos(base);
    if (encryption.type === "passphrase") return dataKeyByPassphrase(files, encryption.passphrase);
    this.#services ??= await OpenServices.open(encryption.kms, this.#environment);
    const { key, attempts } = await unwrapWithAny(files, this.#services.all, this.#signal);
    this.notices.push(...keyNotices(attempts, base.store.label));
    return key;
  }

  async #readInfos({ store, prefix }: KeyBase): Promise<readonly EncryptionInfoFile[]> {
    const names: string[] = [];
    for await (const { key } of store.list(`${prefix}ENCRYPTION`, this.#signal)) names.push(key.slice(prefix.length));
    const files = await readEncryptionInfosNamed(store, prefix, names, this.#signal);
    this.notices.push(...damageNotices(damageOf(files)));
    if (files.length > 0) return files;
    throw new ShellError("key/not-encrypted", `${store.label}/${prefix}ENCRYPTION_INFO does not exist`, {
      detail: ["kms and encryption_passphrase open files through the ENCRYPTION_INFO that UNLOAD wrote beside them"],
      hint: "give COPY the prefix or the manifest of that UNLOAD, or MASTER_SYMMETRIC_KEY if Redshift wrote the files",
      note: "nothing was loaded",
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const key of this.#keys.values()) key[Symbol.dispose]();
    await this.#services?.[Symbol.asyncDispose]();
  }
}
