// The S3 client-side envelope of Redshift's UNLOAD and COPY with MASTER_SYMMETRIC_KEY: "EncryptionOnly" of the AWS
// SDK for Java, version 1.
//
//   object    AES-256-CBC( content key, iv, PKCS#7( file as UNLOAD wrote it, after compression ) )
//   metadata  x-amz-key  base64( AES-256-ECB( master key, PKCS#7( content key ) ) )    48 bytes
//             x-amz-iv   base64( 16 bytes )
//             x-amz-matdesc  "{}"      x-amz-unencrypted-content-length  decimal, if known beforehand
//
// There is no MAC: whoever can write to the bucket can change the file unseen. Only `x-amz-key` and `x-amz-iv` are
// needed for reading; writers give all four, because some AWS clients ask for `x-amz-matdesc`.
import { createCipheriv, createDecipheriv, randomBytes, type Decipheriv } from "node:crypto";
import { ShellError } from "../errors.ts";
import { concatBytes, type ByteStream } from "../std/bytes.ts";
import { no, ok, type Result } from "../std/result.ts";
import { DATA_KEY_BYTES, DataKey } from "./data-key.ts";
import type { Envelope } from "./s3-envelope.ts";

const BLOCK_BYTES = 16;

/** Fixed inputs, for known answers only: a content key or iv used twice gives the plaintext's equalities away. */
export interface SealEnvelopeOptions {
  readonly contentKey?: DataKey;
  readonly iv?: Uint8Array;
  /** Written to the envelope if known before the first byte. */
  readonly plainBytes?: number;
}

/** An object's body to store and the envelope that opens it. */
export interface SealedEnvelope {
  readonly envelope: Envelope;
  readonly body: ByteStream;
}

/**
 * Reads a MASTER_SYMMETRIC_KEY: standard base64 of 32 bytes, 44 characters, or 43 without the `=`.
 * @returns the key, or a complaint that does not repeat the text.
 */
export function parseMasterKey(text: string): Result<DataKey, string> {
  if (/[-_]/u.test(text))
    return no("the master symmetric key is in the url-safe base64 alphabet, not the standard one");
  if (!/^[A-Za-z0-9+/]*={0,2}$/u.test(text)) return no("the master symmetric key is not base64");
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== DATA_KEY_BYTES)
    return no(`the master symmetric key has ${bytes.length} bytes, and AES-256 takes ${DATA_KEY_BYTES}`);
  return ok(DataKey.take(bytes));
}

/** Encrypts one object under a content key of its own. The body can be read once. */
export function sealEnvelope(source: ByteStream, master: DataKey, options: SealEnvelopeOptions = {}): SealedEnvelope {
  const iv = options.iv ?? randomBytes(BLOCK_BYTES);
  const contentKey = options.contentKey ?? DataKey.generate();
  const cipher = createCipheriv("aes-256-cbc", contentKey.keyObject(), iv);
  const envelope = {
    wrappedKey: wrapContentKey(contentKey, master),
    iv,
    ...(options.plainBytes === undefined ? {} : { plainBytes: options.plainBytes }),
  };
  if (options.contentKey === undefined) contentKey[Symbol.dispose]();
  return { envelope, body: throughCipher(source, cipher) };
}

async function* throughCipher(source: ByteStream, cipher: ReturnType<typeof createCipheriv>): ByteStream {
  for await (const piece of source) {
    const sealed = cipher.update(piece);
    if (sealed.length > 0) yield sealed;
  }
  yield cipher.final();
}

/**
 * Decrypts one object. The format authenticates nothing: the pieces are only as good as the storage they came from,
 * unless a manifest's HMAC is checked beside this.
 * @param label what to call the object in errors.
 * @throws ShellError `key/mismatch` before the first piece when the master key is another one; `integrity/truncated`
 * and `integrity/tampered` at the end, when length or padding are wrong.
 */
export async function* openEnvelope(body: ByteStream, envelope: Envelope, master: DataKey, label: string): ByteStream {
  using contentKey = unwrapContentKey(envelope, master, label);
  const decipher = createDecipheriv("aes-256-cbc", contentKey.keyObject(), envelope.iv);
  let storedBytes = 0;
  let plainBytes = 0;
  for await (const piece of body) {
    storedBytes += piece.length;
    const plain = decipher.update(piece);
    plainBytes += plain.length;
    if (plain.length > 0) yield plain;
  }
  refuseBrokenLength(storedBytes, envelope, label);
  const last = finish(decipher, label);
  if (envelope.plainBytes !== undefined && plainBytes + last.length !== envelope.plainBytes) {
    throw new ShellError("integrity/tampered", `${label} has another length than its envelope says`, {
      detail: [`it holds ${plainBytes + last.length} bytes, and the envelope says ${envelope.plainBytes}`],
    });
  }
  if (last.length > 0) yield last;
}

function wrapContentKey(contentKey: DataKey, master: DataKey): Uint8Array {
  const cipher = createCipheriv("aes-256-ecb", master.keyObject(), null);
  return contentKey.reveal((bytes) => concatBytes([cipher.update(bytes), cipher.final()]));
}

/** Whether this master key is the object's: 16 bytes of padding say so, and a wrong key gives those once in 2^128. */
export function opensEnvelope(envelope: Envelope, master: DataKey): boolean {
  const opened = tryContentKey(envelope, master);
  opened.key?.[Symbol.dispose]();
  return opened.key !== undefined;
}

/** Opens an object's content key. @param keyName what to call the master key. @throws ShellError `key/mismatch` */
export function unwrapContentKey(
  envelope: Envelope,
  master: DataKey,
  label: string,
  keyName = "the master symmetric key",
): DataKey {
  const { key, cause } = tryContentKey(envelope, master);
  if (key !== undefined) return key;
  throw new ShellError("key/mismatch", `${keyName} does not open ${label}`, {
    detail: ["another master key encrypted this object, or its x-amz-key metadata was changed"],
    cause,
  });
}

function tryContentKey(envelope: Envelope, master: DataKey): { readonly key?: DataKey; readonly cause?: unknown } {
  const decipher = createDecipheriv("aes-256-ecb", master.keyObject(), null);
  try {
    const bytes = concatBytes([decipher.update(envelope.wrappedKey), decipher.final()]);
    // A wrong master key passes the padding check once in 256 times, and then yields some other length.
    return bytes.length === DATA_KEY_BYTES ? { key: DataKey.take(bytes) } : {};
  } catch (cause) {
    return { cause };
  }
}

function refuseBrokenLength(storedBytes: number, envelope: Envelope, label: string): void {
  const wanted =
    envelope.plainBytes === undefined ? undefined : (Math.floor(envelope.plainBytes / BLOCK_BYTES) + 1) * BLOCK_BYTES;
  if (storedBytes > 0 && storedBytes % BLOCK_BYTES === 0 && (wanted === undefined || storedBytes >= wanted)) return;
  const rule = wanted === undefined ? "a whole object is a multiple of 16, at least 16" : `${wanted} were written`;
  throw new ShellError("integrity/truncated", `${label} ends too soon`, {
    detail: [`it has ${storedBytes} encrypted bytes, and ${rule}`],
  });
}

function finish(decipher: Decipheriv, label: string): Uint8Array {
  try {
    return decipher.final();
  } catch (cause) {
    throw new ShellError("integrity/tampered", `the end of ${label} does not decrypt`, {
      detail: [
        "the key is right, for it opened the content key: the object was cut off or changed after it was written",
      ],
      cause,
    });
  }
}
