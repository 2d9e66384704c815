import { randomBytes } from "node:crypto";
import { constants, link, mkdir, open, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { DATA_KEY_BYTES, DataKey } from "../crypto/data-key.ts";
import { ShellError } from "../errors.ts";
import { KeyError } from "./key-error.ts";

/** 32 bytes in base64 and a newline. */
const TEXT_BYTES = 45;
const OTHERS = 0o077;

/** Where a master key's file is. */
export function keyFilePath(keyring: string, name: string): string {
  return join(keyring, `${name}.key`);
}

/** The names of the keys in a keyring, in order; nothing where it cannot be read. */
export async function listLocalKeys(keyring: string): Promise<readonly string[]> {
  const files = await readdir(keyring).catch(() => []);
  return files.flatMap((file) => (/^[^.].*\.key$/.test(file) ? [file.slice(0, -".key".length)] : [])).toSorted();
}

/**
 * Reads a master key. The caller disposes it.
 * @throws KeyError `key/unavailable` when there is no such file or it holds no key, `key/denied` when the file may not
 * be read, or may be read by others.
 */
export async function readKeyFile(keyring: string, name: string): Promise<DataKey> {
  const path = keyFilePath(keyring, name);
  const text = await readOwnFile(path, name);
  try {
    const bytes = Buffer.from(text.toString("latin1").trim(), "base64");
    if (bytes.length === DATA_KEY_BYTES) return DataKey.take(bytes);
  } finally {
    text.fill(0);
  }
  throw new KeyError("key/unavailable", "not found", `the key file ${path} holds no 256-bit key`, {
    detail: ["it should be one line of 44 base64 characters"],
    hint: "put back a copy of the key file; a key cannot be made again",
  });
}

async function readOwnFile(path: string, name: string): Promise<Buffer> {
  try {
    await using handle = await open(path, constants.O_RDONLY);
    const { mode } = await handle.stat();
    // Windows has no such bits and reports 0666.
    if (process.platform !== "win32" && (mode & OTHERS) !== 0) {
      throw new KeyError("key/denied", "denied", `the key file ${path} can be read by others`, {
        detail: [`its mode is ${(mode & 0o777).toString(8)}`],
        hint: `chmod 600 ${path}`,
      });
    }
    const buffer = Buffer.alloc(TEXT_BYTES + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } catch (thrown) {
    throw keyFileError(thrown, path, name);
  }
}

function keyFileError(thrown: unknown, path: string, name: string): unknown {
  if (thrown instanceof ShellError || !(thrown instanceof Error) || !("code" in thrown)) return thrown;
  if (thrown.code === "ENOENT" || thrown.code === "ENOTDIR") {
    return new KeyError("key/unavailable", "not found", `there is no key file ${path}`, {
      hint: `?KEYRING=directory or SEALIFT_KEYRING names another keyring; for new backups CREATE KMS KEY 'local-kms:///${name}' makes a key`,
      cause: thrown,
    });
  }
  if (thrown.code === "EACCES" || thrown.code === "EPERM")
    return new KeyError("key/denied", "denied", `the key file ${path} may not be read`, { cause: thrown });
  return new KeyError("key/unavailable", "unreachable", `the key file ${path} cannot be read: ${String(thrown.code)}`, {
    cause: thrown,
  });
}

/**
 * Makes a master key: a file of mode 0600 that appears whole or not at all.
 * @returns the file's path.
 * @throws ShellError `key/exists` when the name is taken, `key/denied` or `key/unavailable` when it cannot be written.
 */
export async function createLocalKey(keyring: string, name: string): Promise<string> {
  const path = keyFilePath(keyring, name);
  const temporary = join(keyring, `.${name}.${randomBytes(9).toString("hex")}`);
  try {
    await mkdir(keyring, { recursive: true, mode: 0o700 });
    await writeKey(temporary);
    try {
      await link(temporary, path);
    } finally {
      await unlink(temporary);
    }
    await using folder = await open(keyring, constants.O_RDONLY);
    await folder.sync();
    return path;
  } catch (cause) {
    throw creationError(cause, path);
  }
}

async function writeKey(path: string): Promise<void> {
  using key = DataKey.generate();
  const text = key.reveal((bytes) => Buffer.from(`${Buffer.from(bytes).toString("base64")}\n`));
  await using handle = await open(path, "wx", 0o600);
  await handle.writeFile(text);
  await handle.sync();
  text.fill(0);
}

function creationError(cause: unknown, path: string): unknown {
  if (!(cause instanceof Error) || !("code" in cause)) return cause;
  if (cause.code === "EEXIST") {
    return new ShellError("key/exists", `the key file ${path} exists already`, {
      hint: "choose another name; a key that is overwritten takes its backups with it",
      cause,
    });
  }
  const code =
    cause.code === "EACCES" || cause.code === "EPERM" || cause.code === "EROFS" ? "key/denied" : "key/unavailable";
  return new ShellError(code, `the key file ${path} cannot be written: ${String(cause.code)}`, { cause });
}
