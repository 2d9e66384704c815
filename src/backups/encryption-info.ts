// ENCRYPTION_INFO: the data key of a backup under each of its master keys, or the salt of its passphrase. In the clear,
// because it holds nothing that opens anything. CockroachDB's protobuf message jobspb.EncryptionInfo:
//
//   1 scheme  varint, 0 = AES-256-GCM, not written
//   2 salt    16 bytes, passphrase mode only
//   3 map     repeated { 1: SHA-256 of the master key id, 32 raw bytes   2: the service's ciphertext }
//
// Field 1 of the map's entries is declared a string and is none: it is read as bytes. Later files, `-2`, `-3`, …, hold
// only the keys that ALTER BACKUP added.
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { createHash } from "node:crypto";
import { ShellError } from "../errors.ts";
import type { MasterKeyId, WrappedKey } from "../kms/kms.ts";
import { concatBytes, hexOf } from "../std/bytes.ts";

export interface EncryptionInfo {
  /** 16 bytes; only where a passphrase opens the backup. */
  readonly salt?: Uint8Array;
  /** By {@link hashMasterKeyId}, in hex. */
  readonly wrappedKeys: ReadonlyMap<string, WrappedKey>;
  /** Fields of later versions, as they stand. */
  readonly unknownFields?: Uint8Array;
}

const SCHEME = 1;
const SALT = 2;
const ENTRY = 3;
const HASH_BYTES = 32;

/** The name of a master key's entry, in hex. */
export function hashMasterKeyId(id: MasterKeyId): string {
  return createHash("sha256").update(id).digest("hex");
}

/**
 * Reads an ENCRYPTION_INFO file.
 * @param label what to call it in errors.
 * @throws ShellError `integrity/tampered` when it is no such message, `backup/version` for an unknown scheme.
 */
export function parseEncryptionInfo(bytes: Uint8Array, label = "ENCRYPTION_INFO"): EncryptionInfo {
  let salt: Uint8Array | undefined;
  const wrappedKeys = new Map<string, WrappedKey>();
  const unknown: Uint8Array[] = [];
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const start = reader.pos;
      const [field, type] = reader.tag();
      if (field === SCHEME && type === WireType.Varint) refuseOtherScheme(reader.uint32(), label);
      else if (field === SALT && type === WireType.LengthDelimited) salt = new Uint8Array(reader.bytes());
      else if (field === ENTRY && type === WireType.LengthDelimited) readEntry(reader.bytes(), wrappedKeys);
      else {
        reader.skip(type, field);
        unknown.push(bytes.subarray(start, reader.pos));
      }
    }
  } catch (cause) {
    if (cause instanceof ShellError) throw cause;
    throw malformed(label, "it is no encryption information message", cause);
  }
  if (salt === undefined && wrappedKeys.size === 0) throw malformed(label, "it holds neither a salt nor a key");
  return {
    ...(salt === undefined ? {} : { salt }),
    wrappedKeys,
    ...(unknown.length === 0 ? {} : { unknownFields: concatBytes(unknown) }),
  };
}

function readEntry(bytes: Uint8Array, wrappedKeys: Map<string, WrappedKey>): void {
  const reader = new BinaryReader(bytes);
  let hash: Uint8Array = new Uint8Array(0);
  let wrapped: Uint8Array = new Uint8Array(0);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.LengthDelimited) hash = reader.bytes();
    else if (field === 2 && type === WireType.LengthDelimited) wrapped = new Uint8Array(reader.bytes());
    else reader.skip(type, field);
  }
  if (hash.length !== HASH_BYTES) throw new RangeError(`an entry's name has ${hash.length} bytes`);
  wrappedKeys.set(hexOf(hash), wrapped);
}

function refuseOtherScheme(scheme: number, label: string): void {
  if (scheme === 0) return;
  throw new ShellError("backup/version", `${label} names encryption scheme ${scheme}`, {
    detail: ["only scheme 0, AES-256-GCM, can be read"],
  });
}

function malformed(label: string, detail: string, cause?: unknown): ShellError {
  return new ShellError("integrity/tampered", `${label} is damaged`, {
    detail: [detail],
    hint: "bring it back from a copy of the collection or from the store's object versions",
    note: "nothing was changed",
    cause,
  });
}

/** The content of an ENCRYPTION_INFO file; entries in the map's order. */
export function printEncryptionInfo(info: EncryptionInfo): Uint8Array {
  const writer = new BinaryWriter();
  if (info.salt !== undefined) writer.tag(SALT, WireType.LengthDelimited).bytes(info.salt);
  for (const [hash, wrapped] of info.wrappedKeys) {
    writer.tag(ENTRY, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).bytes(Buffer.from(hash, "hex"));
    writer.tag(2, WireType.LengthDelimited).bytes(wrapped);
    writer.join();
  }
  if (info.unknownFields !== undefined) writer.raw(info.unknownFields);
  return writer.finish();
}
