import { createHash } from "node:crypto";
import { isEncryptionInfoName } from "../backups/encryption-info-files.ts";
import { parseEncryptionInfo } from "../backups/encryption-info.ts";
import { chunksOf, HEADER_BYTES, isSealed, parseSealedHeader, plainBytesOf } from "../crypto/cockroach-file.ts";
import { hasEnvelope, instructionKey, parseEnvelope, type Envelope } from "../crypto/s3-envelope.ts";
import { ShellError } from "../errors.ts";
import type { ObjectInfo, ObjectStore } from "../storage/store.ts";
import { hexOf, readAll, textOf } from "../std/bytes.ts";
import { readEnvelopeOf } from "./read-envelope.ts";

/** One line of what can be told of an object: a name and a value. */
export type Fact = readonly [name: string, value: string];

/** Bytes of a checksum file: the first of the SHA-256 of the file beside it, as it is stored. */
const CHECKSUM_BYTES = 4;
const CHECKSUM_SUFFIX = "-CHECKSUM";
/** Larger than any pointer or key file; what is larger is not read whole. */
const SMALL_BYTES = 1_048_576;

const MAGICS: readonly (readonly [hex: string, name: string])[] = [
  ["1f8b08", "gzip"],
  ["28b52ffd", "zstd"],
  ["5047434f50590aff0d0a00", "rows in COPY binary form"],
  ["5047444d50", "a pg_dump archive"],
  ["50415231", "Parquet"],
];

/**
 * What can be told of a stored object without any key.
 * @throws ShellError `storage/not-found`
 */
export async function inspectObject(store: ObjectStore, key: string, signal?: AbortSignal): Promise<readonly Fact[]> {
  const info = await store.head(key, signal);
  if (info === undefined) throw new ShellError("storage/not-found", `${store.label}/${key} does not exist`);
  const facts: Fact[] = [
    ["object", `${store.label}/${key}`],
    ["stored bytes", String(info.bytes)],
  ];
  if (info.modified !== undefined) facts.push(["modified", info.modified.toISOString()]);
  const name = key.slice(key.lastIndexOf("/") + 1);
  const isPointer = /^LATEST(-[0-9a-f]+)?$/u.test(name);
  if (isEncryptionInfoName(name) && info.bytes <= SMALL_BYTES) facts.push(...(await keyFacts(store, key, signal)));
  else if (isPointer && info.bytes <= SMALL_BYTES) facts.push(await pointerFact(store, key, signal));
  else if (name.endsWith(CHECKSUM_SUFFIX))
    facts.push(await checksumFact(store, key.slice(0, -CHECKSUM_SUFFIX.length), signal));
  else facts.push(...(await contentFacts(store, info, signal)));
  return facts;
}

async function contentFacts(store: ObjectStore, info: ObjectInfo, signal?: AbortSignal): Promise<readonly Fact[]> {
  const first = await read(store, info.key, signal, HEADER_BYTES);
  const facts = isSealed(first) ? sealedFacts(first, info.bytes) : [plainFact(first)];
  const hasInstruction = (await store.head(instructionKey(info.key), signal)) !== undefined;
  if (hasEnvelope(info.metadata ?? {}) || hasInstruction) facts.push(...(await envelopeFacts(store, info, signal)));
  if ((await store.head(info.key + CHECKSUM_SUFFIX, signal)) !== undefined)
    facts.push(await checksumFact(store, info.key, signal));
  return facts;
}

function sealedFacts(first: Uint8Array, storedBytes: number): Fact[] {
  const header = parseSealedHeader(first);
  if (header === undefined) return [["encrypted", `yes, but the header is cut off after ${first.length} bytes`]];
  const facts: Fact[] = [
    ["encrypted", "yes, as a backup file (AES-256-GCM)"],
    ["encryption version", String(header.version)],
    ["iv", hexOf(header.iv)],
  ];
  if (header.version !== 2) return facts;
  const [chunks, plainBytes] = [chunksOf(storedBytes), plainBytesOf(storedBytes)];
  return chunks === undefined || plainBytes === undefined
    ? [...facts, ["chunks", "the size fits no whole file: something is cut off or added"]]
    : [...facts, ["chunks", String(chunks)], ["plain bytes", String(plainBytes)]];
}

function plainFact(first: Uint8Array): Fact {
  const hex = hexOf(first);
  const known = MAGICS.find(([magic]) => hex.startsWith(magic));
  return ["content", known?.[1] ?? (first.length === 0 ? "empty" : `unknown, begins with ${hex.slice(0, 16)}`)];
}

async function envelopeFacts(store: ObjectStore, info: ObjectInfo, signal?: AbortSignal): Promise<readonly Fact[]> {
  const where = hasEnvelope(info.metadata ?? {}) ? "metadata" : instructionKey(info.key);
  const kept: Fact = ["client-side envelope", `S3 client-side encryption (AES-256-CBC), kept in ${where}`];
  let envelope: Envelope;
  try {
    envelope =
      where === "metadata"
        ? parseEnvelope(info.metadata ?? {}, "the object")
        : await readEnvelopeOf(store, info, "the object", signal);
  } catch (thrown) {
    if (thrown instanceof ShellError) return [kept, ["envelope", thrown.message]];
    throw thrown;
  }
  const facts: Fact[] = [
    kept,
    ["wrapped content key", `${envelope.wrappedKey.length} bytes`],
    ["iv", hexOf(envelope.iv)],
  ];
  return envelope.plainBytes === undefined ? facts : [...facts, ["plain bytes", String(envelope.plainBytes)]];
}

async function keyFacts(store: ObjectStore, key: string, signal?: AbortSignal): Promise<readonly Fact[]> {
  const { salt, wrappedKeys } = parseEncryptionInfo(await read(store, key, signal), `${store.label}/${key}`);
  const facts: Fact[] =
    salt === undefined
      ? []
      : [
          ["opened by", "a passphrase"],
          ["salt", hexOf(salt)],
        ];
  for (const [hash, wrapped] of wrappedKeys)
    facts.push(["opened by", `the master key whose name has SHA-256 ${hash} (${wrapped.length} bytes wrapped)`]);
  return facts;
}

async function pointerFact(store: ObjectStore, key: string, signal?: AbortSignal): Promise<Fact> {
  const content = textOf(await read(store, key, signal));
  const isPath = /^\/?[\w./-]+$/u.test(content);
  return ["points to", isPath ? content : `no path: ${JSON.stringify(content.slice(0, 80))}`];
}

async function checksumFact(store: ObjectStore, key: string, signal?: AbortSignal): Promise<Fact> {
  const recorded = hexOf(await read(store, key + CHECKSUM_SUFFIX, signal, CHECKSUM_BYTES + 1));
  if ((await store.head(key, signal)) === undefined) return ["checksum", `${recorded}, but ${key} is not there`];
  const hash = createHash("sha256");
  for await (const piece of await store.get(key, signal === undefined ? {} : { signal })) hash.update(piece);
  const actual = hash.digest("hex").slice(0, CHECKSUM_BYTES * 2);
  return [
    "checksum",
    actual === recorded ? `${recorded}, matches` : `${recorded} is recorded, but the file has ${actual}`,
  ];
}

async function read(store: ObjectStore, key: string, signal?: AbortSignal, maxBytes?: number): Promise<Uint8Array> {
  const options = { ...(signal === undefined ? {} : { signal }), ...(maxBytes === undefined ? {} : { maxBytes }) };
  return readAll(await store.get(key, options));
}
