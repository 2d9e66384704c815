import { DataKey } from "../../src/crypto/data-key.ts";
import { ShellError } from "../../src/errors.ts";
import { KeyError } from "../../src/kms/key-error.ts";
import type { KeyManagementService, MasterKeyId, WrappedKey } from "../../src/kms/kms.ts";

export interface FakeKmsOptions {
  readonly id: string;
  /** Keys with one secret open each other's, whatever their names: an alias and its key. Default: the id. */
  readonly secret?: string;
  /** Thrown by every call. */
  readonly failure?: ShellError;
}

/** A key service in memory that remembers what it was asked. Its wrapping hides nothing. */
export class FakeKms implements KeyManagementService {
  readonly label: string;
  readonly masterKeyId: MasterKeyId;
  readonly calls: string[] = [];
  failure: ShellError | undefined;
  readonly #secret: string;

  constructor(options: FakeKmsOptions) {
    this.label = `fake-kms:///${options.id}`;
    this.masterKeyId = options.id as MasterKeyId;
    this.failure = options.failure;
    this.#secret = `${options.secret ?? options.id}:`;
  }

  async wrap(key: DataKey): Promise<WrappedKey> {
    this.calls.push("wrap");
    if (this.failure !== undefined) throw this.failure;
    return key.reveal((bytes) => Buffer.concat([Buffer.from(this.#secret), bytes]));
  }

  async unwrap(wrapped: WrappedKey): Promise<DataKey> {
    this.calls.push("unwrap");
    if (this.failure !== undefined) throw this.failure;
    const [head, body] = [
      wrapped.subarray(0, this.#secret.length),
      new Uint8Array(wrapped.subarray(this.#secret.length)),
    ];
    if (Buffer.from(head).toString() !== this.#secret)
      throw new KeyError("key/mismatch", "not a match", `${this.label} does not open this data key`);
    return DataKey.take(body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.calls.push("dispose");
  }
}
