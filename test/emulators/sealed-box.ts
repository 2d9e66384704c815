// What the emulated key services wrap with: AES-256-GCM under a key of their own, after the id of that key.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export class SealedBox {
  readonly id: string;
  readonly #key = randomBytes(32);

  constructor(id: string) {
    this.id = id;
  }

  seal(plaintext: Uint8Array): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce);
    const sealed = [cipher.update(plaintext), cipher.final()];
    return Buffer.concat([Buffer.from(`${this.id}\n`), nonce, ...sealed, cipher.getAuthTag()]);
  }

  /** `undefined` for what was changed, or sealed by another. */
  open(blob: Uint8Array): Buffer | undefined {
    if (sealerOf(blob) !== this.id) return undefined;
    const body = Buffer.from(blob).subarray(Buffer.byteLength(this.id) + 1);
    if (body.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv("aes-256-gcm", this.#key, body.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(body.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}

/** The id of the box that sealed a blob, as it claims. */
export function sealerOf(blob: Uint8Array): string {
  return Buffer.from(blob).toString("latin1").split("\n", 1)[0] ?? "";
}
