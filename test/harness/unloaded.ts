import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { parseEncryptionInfo } from "../../src/backups/encryption-info.ts";
import { DataKey } from "../../src/crypto/data-key.ts";
import { dataKeyOfPassphrase } from "../../src/crypto/passphrase.ts";
import { openEnvelope } from "../../src/crypto/s3-client-side.ts";
import { parseInstruction } from "../../src/crypto/s3-envelope.ts";
import { readAll, streamOf } from "../../src/std/bytes.ts";
import { Secret } from "../../src/std/secret.ts";

/** Files below a folder by their names relative to it, in order. */
export async function filesBelow(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.toSorted().map(async (path) => [relative(folder, path), await readFile(path)] as const),
  );
  return new Map(files);
}

/** How files were made, so that they can be read without the code that made them. */
export interface Reading {
  readonly compression: "none" | "gzip" | "bzip2" | "zstd";
  readonly master?: DataKey;
}

/** The data files' contents one after another, decrypted by their instruction files and decompressed. */
export async function contentOf(files: ReadonlyMap<string, Buffer>, { compression, master }: Reading): Promise<string> {
  const pieces: Buffer[] = [];
  for (const [name, stored] of files) {
    if (/manifest$|ENCRYPTION_INFO|\.instruction$/.test(name)) continue;
    let bytes: Uint8Array = stored;
    if (master !== undefined) {
      const beside = files.get(`${name}.instruction`) ?? assert.fail(`${name} has no instruction file`);
      const envelope = parseInstruction(beside.toString(), name);
      bytes = await readAll(openEnvelope(streamOf(stored), envelope, master, name));
    }
    pieces.push(Buffer.from(decompress(bytes, compression)));
  }
  return Buffer.concat(pieces).toString();
}

function decompress(bytes: Uint8Array, compression: Reading["compression"]): Uint8Array {
  switch (compression) {
    case "none":
      return bytes;
    case "gzip":
      return gunzipSync(bytes);
    case "zstd":
      return zstdDecompressSync(bytes);
    case "bzip2":
      return execFileSync("bzip2", ["-dc"], { input: bytes, maxBuffer: 1 << 28 });
  }
}

export async function passphraseKey(info: Uint8Array, passphrase: string): Promise<DataKey> {
  return dataKeyOfPassphrase(new Secret(passphrase), parseEncryptionInfo(info).salt ?? assert.fail("no salt"));
}
