import { createSecretKey, hkdfSync, randomBytes, type KeyObject } from "node:crypto";
import { inspect } from "node:util";

/** Length of every data key: AES-256. */
export const DATA_KEY_BYTES = 32;

/** 256 bits in the clear. Never prints, never serialises, zeroed on dispose. */
export class DataKey implements Disposable {
  readonly #bytes: Buffer;
  #disposed = false;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  static generate(): DataKey {
    return new DataKey(randomBytes(DATA_KEY_BYTES));
  }

  /**
   * Takes over the bytes: copies them and wipes the source.
   * @param bytes exactly 32 bytes.
   * @throws RangeError for another length.
   */
  static take(bytes: Uint8Array): DataKey {
    if (bytes.length !== DATA_KEY_BYTES)
      throw new RangeError(`a data key has ${DATA_KEY_BYTES} bytes, not ${bytes.length}`);
    const own = Buffer.from(bytes);
    bytes.fill(0);
    return new DataKey(own);
  }

  /** Lends the bytes for the length of the call; the borrower keeps no copy. */
  reveal<T>(work: (bytes: Uint8Array) => T): T {
    if (this.#disposed) throw new Error("this data key was already wiped");
    return work(this.#bytes);
  }

  /** A handle for node:crypto, which can also be sent to a worker thread. */
  keyObject(): KeyObject {
    return this.reveal((bytes) => createSecretKey(bytes));
  }

  /**
   * A key for another purpose, by HKDF-SHA-256 with an empty salt.
   * @param label what the key is for, as written in the format's document.
   */
  derive(label: string): KeyObject {
    return this.reveal((bytes) =>
      createSecretKey(Buffer.from(hkdfSync("sha256", bytes, new Uint8Array(0), label, DATA_KEY_BYTES))),
    );
  }

  [Symbol.dispose](): void {
    this.#bytes.fill(0);
    this.#disposed = true;
  }

  toString(): string {
    return "[DataKey]";
  }

  toJSON(): string {
    return "[DataKey]";
  }

  [inspect.custom](): string {
    return "[DataKey]";
  }
}
