// The key that opens the files of one COPY: the statement's own, or the one that ENCRYPTION_INFO beside the files keeps.
import { damageOf, readEncryptionInfosNamed, type EncryptionInfoFile } from "../backups/encryption-info-files.ts";
import { damageNotices, keyNotices, OpenServices } from "../backups/unlocking.ts";
import { dataKeyByPassphrase, unwrapWithAny, type KeyWords, type Unwrapped } from "../backups/unwrap-with-any.ts";
import type { DataKey } from "../crypto/data-key.ts";
import { opensEnvelope, parseMasterKey } from "../crypto/s3-client-side.ts";
import type { Envelope } from "../crypto/s3-envelope.ts";
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

const OF_FILES: KeyWords = {
  what: "these files",
  rightKey: "give the key that UNLOAD was given, named as it was then",
};

/** What opens files that begin alike. */
interface OpenedBase {
  readonly keys: DataKey[];
  /** ENCRYPTION_INFO files that were not asked one by one, newest first. */
  readonly others: EncryptionInfoFile[];
}

/** Keys by the files they open; wiped together. */
export class FileKeys implements AsyncDisposable {
  readonly #encryption: FileEncryption;
  readonly #environment: Pick<Environment, "openKms">;
  readonly #signal: AbortSignal;
  readonly #bases = new Map<string, OpenedBase>();
  #services: OpenServices | undefined;
  /** Of given keys that failed although another opened the files, and of damaged ENCRYPTION_INFO beside whole ones. */
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
   * The master key of files with this beginning; `undefined` for files in the clear. Each UNLOAD has a key and an
   * ENCRYPTION_INFO of its own: files of an earlier one that ALLOWOVERWRITE left are opened by theirs.
   * @param envelope of the file that is to be opened; without it the newest key is given.
   * @throws ShellError `key/*` as `unwrapWithAny`, `key/not-encrypted` when there is no ENCRYPTION_INFO.
   */
  async keyFor(base: KeyBase, envelope?: Envelope): Promise<DataKey | undefined> {
    if (this.#encryption.type === "none") return undefined;
    const opened = await this.#baseOf(this.#encryption, base);
    const [newest] = opened.keys;
    if (envelope === undefined) return newest;
    const fitting = opened.keys.find((key) => opensEnvelope(envelope, key));
    return fitting ?? (await this.#openOthers(this.#encryption, opened, envelope)) ?? newest;
  }

  async #baseOf(encryption: ClientSideEncryption, base: KeyBase): Promise<OpenedBase> {
    const name = encryption.type === "master-key" ? "" : `${base.store.label}\n${base.prefix}`;
    const known = this.#bases.get(name);
    if (known !== undefined) return known;
    const opened = await this.#openBase(encryption, base);
    this.#bases.set(name, opened);
    return opened;
  }

  async #openBase(encryption: ClientSideEncryption, base: KeyBase): Promise<OpenedBase> {
    if (encryption.type === "master-key") {
      const parsed = parseMasterKey(encryption.masterKey.reveal());
      if (parsed.ok) return { keys: [parsed.value], others: [] };
      throw new ShellError("option/value", parsed.error);
    }
    const files = await this.#readInfos(base);
    const { key, attempts } = await this.#openInfos(encryption, files);
    this.notices.push(...keyNotices(attempts, base.store.label));
    return { keys: [key], others: files.length > 1 ? files.filter(({ damage }) => damage === undefined) : [] };
  }

  async #openInfos(
    encryption: Exclude<ClientSideEncryption, { type: "master-key" }>,
    files: readonly EncryptionInfoFile[],
  ): Promise<Pick<Unwrapped, "key" | "attempts">> {
    if (encryption.type === "passphrase")
      return { key: await dataKeyByPassphrase(files, encryption.passphrase, OF_FILES), attempts: [] };
    this.#services ??= await OpenServices.open(encryption.kms, this.#environment);
    return unwrapWithAny(files, this.#services.all, this.#signal, { words: OF_FILES });
  }

  /** The key of an earlier UNLOAD, if it is the one that opens this file. */
  async #openOthers(
    encryption: ClientSideEncryption,
    { keys, others }: OpenedBase,
    envelope: Envelope,
  ): Promise<DataKey | undefined> {
    if (encryption.type === "master-key") return undefined;
    for (let file = others.shift(); file !== undefined; file = others.shift()) {
      const key = await this.#openInfos(encryption, [file]).then(
        (opened) => opened.key,
        (thrown: unknown) => refusedKey(thrown),
      );
      if (key === undefined) continue;
      keys.push(key);
      if (opensEnvelope(envelope, key)) return key;
    }
    return undefined;
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
    for (const { keys } of this.#bases.values()) for (const key of keys) key[Symbol.dispose]();
    await this.#services?.[Symbol.asyncDispose]();
  }
}

/** An ENCRYPTION_INFO that the given keys do not open is another one's; whatever else went wrong is told. */
function refusedKey(thrown: unknown): undefined {
  if (thrown instanceof ShellError && thrown.code.startsWith("key/")) return undefined;
  throw thrown;
}
