// A master key in a file: for laptops, sites without a network, and the embedded engine. The file `<name>.key` in the
// keyring directory holds the 256 bits in base64 on one line. What it wraps:
//
//   0   1           13                 45                     77        93
//   01  nonce (12)  commitment (32)    AES-256-GCM ciphertext  tag (16)
//
// GCM key and commitment key come of the master key by HKDF-SHA-256, labels "sealift local-kms wrap" and "sealift
// local-kms commitment"; commitment = HMAC-SHA-256(commitment key, nonce); the first 45 bytes are additional data. GCM
// alone does not tell a wrong key from a changed blob; the commitment does.
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { DATA_KEY_BYTES, DataKey } from "../crypto/data-key.ts";
import { ShellError } from "../errors.ts";
import { concatBytes } from "../std/bytes.ts";
import { KeyError } from "./key-error.ts";
import type { KeyManagementService, MasterKeyId, WrappedKey } from "./kms.ts";
import { readKeyFile } from "./local-key-file.ts";

const VERSION = 1;
const NONCE_BYTES = 12;
const HEAD_BYTES = 45;
const TAG_BYTES = 16;
const BLOB_BYTES = HEAD_BYTES + DATA_KEY_BYTES + TAG_BYTES;
const CIPHER = "aes-256-gcm";

export interface LocalKmsOptions {
  /** The key's name, which is also its master key id. */
  readonly name: string;
  /** The directory of key files. */
  readonly keyring: string;
}

/** A master key in a key file. The file is read at every use, so that nothing secret stays in memory between them. */
export class LocalKms implements KeyManagementService {
  readonly label: string;
  readonly masterKeyId: MasterKeyId;
  readonly #options: LocalKmsOptions;

  constructor(options: LocalKmsOptions) {
    this.#options = options;
    this.label = `local-kms:///${options.name}`;
    this.masterKeyId = options.name as MasterKeyId;
  }

  async wrap(key: DataKey, signal?: AbortSignal): Promise<WrappedKey> {
    signal?.throwIfAborted();
    using master = await readKeyFile(this.#options.keyring, this.#options.name);
    const head = blobHead(master, randomBytes(NONCE_BYTES));
    const cipher = createCipheriv(CIPHER, master.derive("sealift local-kms wrap"), nonceOf(head));
    cipher.setAAD(head);
    const sealed = key.reveal((bytes) => cipher.update(bytes));
    cipher.final();
    return concatBytes([head, sealed, cipher.getAuthTag()]);
  }

  async unwrap(wrapped: WrappedKey, signal?: AbortSignal): Promise<DataKey> {
    signal?.throwIfAborted();
    if (wrapped.length !== BLOB_BYTES || wrapped[0] !== VERSION)
      throw this.#mismatch("it is no local-kms key of version 1");
    using master = await readKeyFile(this.#options.keyring, this.#options.name);
    const head = wrapped.subarray(0, HEAD_BYTES);
    if (!timingSafeEqual(head, blobHead(master, nonceOf(head))))
      throw this.#mismatch("another key of this name wrapped it");
    const decipher = createDecipheriv(CIPHER, master.derive("sealift local-kms wrap"), nonceOf(head));
    decipher.setAAD(head);
    decipher.setAuthTag(wrapped.subarray(-TAG_BYTES));
    const bytes = decipher.update(wrapped.subarray(HEAD_BYTES, -TAG_BYTES));
    try {
      decipher.final();
    } catch (cause) {
      bytes.fill(0);
      throw new ShellError("integrity/tampered", `the data key that ${this.label} wrapped was changed`, { cause });
    }
    return DataKey.take(bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is held between calls.
  }

  #mismatch(reason: string): KeyError {
    return new KeyError("key/mismatch", "not a match", `${this.label} does not open this data key`, {
      detail: [reason],
    });
  }
}

function nonceOf(head: Uint8Array): Uint8Array {
  return head.subarray(1, 1 + NONCE_BYTES);
}

/** Version, nonce and commitment. */
function blobHead(master: DataKey, nonce: Uint8Array): Uint8Array {
  const commitment = createHmac("sha256", master.derive("sealift local-kms commitment")).update(nonce).digest();
  return concatBytes([Uint8Array.of(VERSION), nonce, commitment]);
}
