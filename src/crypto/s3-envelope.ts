// Where the S3 client-side envelope is kept: in the object's user metadata, or, where a store has none, in a JSON
// object beside it, `<key>.instruction`, the AWS SDK's own form of the same names.
import { ShellError } from "../errors.ts";

const KEY = "x-amz-key";
const IV = "x-amz-iv";
const DESCRIPTION = "x-amz-matdesc";
const PLAIN_BYTES = "x-amz-unencrypted-content-length";
/**
 * What only later envelopes of AWS's clients have: AES-GCM's, and since version 4 of the S3 encryption client that of
 * committed keys, whose key may be in an instruction file while the algorithm stays in the metadata.
 */
const LATER = [
  { name: "x-amz-key-v2", which: "second" },
  { name: "x-amz-3", which: "third" },
  { name: "x-amz-c", which: "third" },
];
/** PKCS#7 adds a whole block to 32 bytes. */
const WRAPPED_KEY_BYTES = 48;
const IV_BYTES = 16;
const INSTRUCTION_SUFFIX = ".instruction";

/** What a master key needs to open one object. */
export interface Envelope {
  /** The content key under the master key: 48 bytes. */
  readonly wrappedKey: Uint8Array;
  /** 16 bytes. */
  readonly iv: Uint8Array;
  /** Length of the decrypted object, where the writer knew it. */
  readonly plainBytes?: number;
}

/** The envelope as user metadata: names in lower case, without S3's `x-amz-meta-`. */
export function printEnvelope(envelope: Envelope): Record<string, string> {
  return {
    [KEY]: Buffer.from(envelope.wrappedKey).toString("base64"),
    [IV]: Buffer.from(envelope.iv).toString("base64"),
    [DESCRIPTION]: "{}",
    ...(envelope.plainBytes === undefined ? {} : { [PLAIN_BYTES]: String(envelope.plainBytes) }),
  };
}

/** Whether metadata speaks of client-side encryption at all, readable or not. */
export function hasEnvelope(metadata: Readonly<Record<string, string>>): boolean {
  const names = new Set(Object.keys(metadata).map((name) => name.toLowerCase()));
  return names.has(KEY) || names.has(IV) || LATER.some(({ name }) => names.has(name));
}

/**
 * Reads the envelope from user metadata, names in any case.
 * @throws ShellError `key/not-encrypted` when there is none, `engine/unsupported` for the later envelopes,
 * `integrity/missing` when half of it is there, `integrity/tampered` when a value is malformed.
 */
export function parseEnvelope(metadata: Readonly<Record<string, string>>, label: string): Envelope {
  const values = new Map(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value]));
  const later = LATER.find(({ name }) => values.has(name));
  if (later !== undefined) {
    const { which, name } = later;
    throw new ShellError("engine/unsupported", `${label} has the ${which} S3 client-side envelope (${name})`, {
      detail: ["UNLOAD and COPY know only the first: x-amz-key and x-amz-iv"],
    });
  }
  if (!values.has(KEY) && !values.has(IV)) {
    throw new ShellError("key/not-encrypted", `${label} is not client-side encrypted`, {
      detail: [`it has neither ${KEY} nor ${IV} metadata`],
      hint: "leave out ENCRYPTED and the master symmetric key to read it as it is",
    });
  }
  const wrappedKey = decode(values, KEY, WRAPPED_KEY_BYTES, label);
  const iv = decode(values, IV, IV_BYTES, label);
  const plainText = values.get(PLAIN_BYTES);
  if (plainText === undefined) return { wrappedKey, iv };
  if (!/^\d{1,15}$/u.test(plainText)) throw malformed(PLAIN_BYTES, label, "is not a number of bytes");
  return { wrappedKey, iv, plainBytes: Number(plainText) };
}

function decode(values: ReadonlyMap<string, string>, name: string, bytes: number, label: string): Uint8Array {
  const text = values.get(name);
  if (text === undefined) throw new ShellError("integrity/missing", `${label} has no ${name} metadata`);
  if (!/^[A-Za-z0-9+/]*={0,2}$/u.test(text)) throw malformed(name, label, "is not standard base64");
  const decoded = Buffer.from(text, "base64");
  if (decoded.length !== bytes) throw malformed(name, label, `has ${decoded.length} bytes instead of ${bytes}`);
  return decoded;
}

function malformed(name: string, label: string, how: string): ShellError {
  return new ShellError("integrity/tampered", `${name} of ${label} ${how}`);
}

/** Name of the object that holds the envelope of `key` where there is no metadata. */
export function instructionKey(key: string): string {
  return key + INSTRUCTION_SUFFIX;
}

/** Whether a key names such an object: a scan of a data prefix skips it. */
export function isInstructionKey(key: string): boolean {
  return key.endsWith(INSTRUCTION_SUFFIX);
}

/** The envelope as the content of an instruction object. */
export function printInstruction(envelope: Envelope): string {
  return JSON.stringify(printEnvelope(envelope));
}

/**
 * Reads the content of an instruction object.
 * @throws ShellError `integrity/tampered` when it is no JSON object of texts, and as {@link parseEnvelope}.
 */
export function parseInstruction(text: string, label: string): Envelope {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ShellError("integrity/tampered", `${label} is not JSON`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ShellError("integrity/tampered", `${label} is not a JSON object`);
  const texts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return parseEnvelope(Object.fromEntries(texts), label);
}
