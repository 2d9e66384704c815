// A single value encrypted for master keys: base64 of
//   4 bytes  length of the ENCRYPTION_INFO message, big-endian
//   …        the message: the value's data key, wrapped by every master key
//   …        the value as UTF-8 in a sealed file
import { openBytes, sealBytes } from "../crypto/cockroach-file.ts";
import { DataKey } from "../crypto/data-key.ts";
import { ShellError } from "../errors.ts";
import type { KeyManagementService } from "../kms/kms.ts";
import { concatBytes, textOf, utf8 } from "../std/bytes.ts";
import { Secret } from "../std/secret.ts";
import { parseEncryptionInfo, printEncryptionInfo } from "./encryption-info.ts";
import type { KeyAttempt } from "./key-table.ts";
import { unwrapWithAny, type KeyWords } from "./unwrap-with-any.ts";
import { wrapForAll } from "./wrap-for-all.ts";

const LENGTH_BYTES = 4;

/** Throws the table of all keys when one of them cannot wrap. */
export async function sealValue(
  value: Secret,
  services: readonly KeyManagementService[],
  signal?: AbortSignal,
): Promise<string> {
  using key = DataKey.generate();
  const info = printEncryptionInfo(await wrapForAll(key, services, signal));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(info.length);
  const sealed = sealBytes(utf8(value.reveal()), key.keyObject());
  return Buffer.from(concatBytes([length, info, sealed])).toString("base64");
}

export interface OpenedValue {
  readonly value: Secret;
  /** How each of the given keys answered. */
  readonly attempts: readonly KeyAttempt[];
}

const OF_A_VALUE: KeyWords = {
  what: "this value",
  rightKey: "give the key that ENCRYPT VALUE was given, named as it was then",
};

/**
 * @param text what `sealValue` gave.
 * @throws ShellError `option/value` for other text, `key/*` when no key opens it, `integrity/*` when it was changed.
 */
export async function openValue(
  text: string,
  services: readonly KeyManagementService[],
  signal?: AbortSignal,
): Promise<OpenedValue> {
  const bytes = Buffer.from(text, "base64");
  const end = bytes.length < LENGTH_BYTES ? Infinity : LENGTH_BYTES + bytes.readUInt32BE();
  if (end > bytes.length) {
    throw new ShellError("option/value", "the text is not what ENCRYPT VALUE gives", {
      hint: "paste the whole text: it is base64 on one line",
    });
  }
  const info = parseEncryptionInfo(bytes.subarray(LENGTH_BYTES, end), "the encrypted value");
  const { key, attempts } = await unwrapWithAny([{ name: "ENCRYPTION_INFO", info }], services, signal, {
    words: OF_A_VALUE,
  });
  using owned = key;
  const value = new Secret(textOf(openBytes(bytes.subarray(end), owned.keyObject(), "the encrypted value")));
  return { value, attempts };
}
