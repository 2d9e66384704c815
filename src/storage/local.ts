// Objects as files. A put writes a temporary file beside its place, forces it to the disk, and gives it its name in
// one step: `rename`, or `link` when the name must be free. Leftovers of writers that died have names of their own
// and are never listed.
import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { constants, link, open, rename, stat, unlink, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ShellError } from "../errors.ts";
import type { ByteStream } from "../std/bytes.ts";
import { interruptible } from "../std/interruptible.ts";
import { checkKey, checkPrefix } from "./keys.ts";
import { hasSystemCode, storageError } from "./local-errors.ts";
import { isTemporary, listFiles, listFolder, TEMPORARY_PREFIX } from "./local-list.ts";
import { OwnFolders, syncFolder } from "./local-folders.ts";
import { writePieces } from "./local-write.ts";
import { UploadNotes } from "./upload-notes.ts";
import type { GetOptions, Leftovers, ObjectInfo, ObjectStore, PutOptions, StoreCapabilities } from "./store.ts";

/** What notes call the store: paths are the machine's, whatever the root. */
const LOCAL_FILES = "local files";
const FILE_MODE = 0o600;
const CREATE_TRIES = 5;
const READ_BYTES = 262_144;

export interface LocalStoreOptions {
  /** Absolute path of the folder; it need not exist before the first put. */
  readonly root: string;
  /** What to call it in messages. */
  readonly label: string;
  /** Where files that are being written are noted; without them, what a killed process leaves stays. */
  readonly notes?: UploadNotes;
}

/** A folder of the local file system, or of one mounted there. Files are 0600, folders 0700. */
export class LocalStore implements ObjectStore {
  readonly label: string;
  readonly capabilities: StoreCapabilities = { atomicIfAbsent: true, metadata: false };
  readonly #root: string;
  readonly #notes: UploadNotes;
  readonly #folders = new OwnFolders();
  /** Something was taken back, or not written: folders that were made for it may be empty. */
  #isUntidy = false;

  constructor(options: LocalStoreOptions) {
    this.#root = options.root;
    this.#notes = options.notes ?? new UploadNotes(undefined);
    this.label = options.label.replace(/(?<=[^/:])\/+$/u, "");
  }

  async put(key: string, body: ByteStream, options: PutOptions = {}): Promise<ObjectInfo> {
    const path = this.#path(key);
    if (options.metadata !== undefined)
      throw new ShellError("bug/invariant", `${this.label} keeps no metadata, and ${key} came with some`);
    try {
      return await this.#write(key, path, body, options);
    } catch (thrown) {
      this.#isUntidy = true;
      throw storageError(thrown, `${this.label}/${key}`, "be written");
    }
  }

  async get(key: string, options: GetOptions = {}): Promise<ByteStream> {
    const place = `${this.label}/${key}`;
    options.signal?.throwIfAborted();
    const facts = await this.#facts(key);
    if (facts?.isFile() !== true)
      throw new ShellError("storage/not-found", `${place} cannot be read: there is no such file`);
    return interruptible(readPieces(this.#path(key), facts.size, options, place), options.signal);
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    signal?.throwIfAborted();
    const facts = await this.#facts(key);
    return facts?.isFile() === true ? { key, bytes: facts.size, modified: facts.mtime } : undefined;
  }

  list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo> {
    checkPrefix(prefix, this.label);
    return listFiles({ root: this.#root, label: this.label }, prefix, signal);
  }

  folder(prefix: string, signal?: AbortSignal): AsyncIterable<string> {
    checkPrefix(prefix, this.label);
    return listFolder({ root: this.#root, label: this.label }, prefix, signal);
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const facts = await this.#facts(key);
    if (facts?.isFile() !== true) return;
    this.#isUntidy = true;
    try {
      await unlink(this.#path(key));
    } catch (thrown) {
      if (!hasSystemCode(thrown, "ENOENT")) throw storageError(thrown, `${this.label}/${key}`, "be deleted");
    }
  }

  async abortLeftovers({ prefix }: Leftovers): Promise<number> {
    const below = `${join(this.#root, "/")}${prefix}`;
    let removed = 0;
    for (const dead of await this.#notes.ofTheDead(LOCAL_FILES)) {
      if (!dead.name.startsWith(below) || !isTemporary(dead.uploadId)) continue;
      if (await removeIfThere(join(dirname(dead.name), dead.uploadId))) removed += 1;
      await dead.forget();
    }
    return removed;
  }

  /** Removes folders that it made and nothing is in. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isUntidy) await this.#folders.removeEmpty();
  }

  #path(key: string): string {
    checkKey(key, this.label);
    if (key.split("/").some(isTemporary))
      throw new ShellError(
        "location/invalid",
        `${key} cannot be stored: names with ${TEMPORARY_PREFIX} are for temporary files`,
      );
    return join(this.#root, key);
  }

  async #facts(key: string): Promise<Stats | undefined> {
    try {
      return await stat(this.#path(key));
    } catch (thrown) {
      if (hasSystemCode(thrown, "ENOENT", "ENOTDIR")) return undefined;
      throw storageError(thrown, `${this.label}/${key}`, "be looked at");
    }
  }

  async #write(key: string, path: string, body: ByteStream, options: PutOptions): Promise<ObjectInfo> {
    options.signal?.throwIfAborted();
    // Spares a long write; the answer that counts is link's.
    if (options.ifAbsent === true && (await this.#facts(key)) !== undefined) throw this.#taken(key);
    const folder = dirname(path);
    const name = TEMPORARY_PREFIX + randomBytes(9).toString("hex");
    const temporary = join(folder, name);
    const strike = await this.#notes.add({ store: LOCAL_FILES, name: path, uploadId: name });
    try {
      const handle = await this.#create(folder, temporary);
      const bytes = await writeFile(handle, interruptible(body, options.signal));
      options.signal?.throwIfAborted();
      if (options.ifAbsent === true) await this.#linkTo(temporary, path, key);
      else await rename(temporary, path);
      await syncFolder(folder);
      return { key, bytes };
    } finally {
      await removeIfThere(temporary);
      await strike();
    }
  }

  /** A file in a folder that is made for it, and again when somebody who is done with it removed it in between. */
  async #create(folder: string, path: string): Promise<FileHandle> {
    for (let tries = 1; ; tries += 1) {
      await this.#folders.make(folder);
      try {
        return await open(path, "wx", FILE_MODE);
      } catch (thrown) {
        if (tries === CREATE_TRIES || !hasSystemCode(thrown, "ENOENT")) throw thrown;
      }
    }
  }

  async #linkTo(temporary: string, path: string, key: string): Promise<void> {
    try {
      await link(temporary, path);
    } catch (thrown) {
      if (hasSystemCode(thrown, "EEXIST")) throw this.#taken(key);
      if (!hasSystemCode(thrown, "EPERM", "ENOTSUP", "ENOSYS")) throw thrown;
      throw new ShellError(
        "storage/denied",
        `${this.label}/${key} cannot be written: the file system has no hard links`,
        {
          detail: ["a file that must not replace another is published by a hard link"],
          cause: thrown,
        },
      );
    }
  }

  #taken(key: string): ShellError {
    return new ShellError("storage/exists", `${this.label}/${key} exists already`);
  }
}

async function writeFile(opened: FileHandle, body: ByteStream): Promise<number> {
  await using handle = opened;
  const bytes = await writePieces(handle, body);
  await handle.sync();
  return bytes;
}

/** Opens the file at the first pull, so that a stream nobody reads holds nothing. */
async function* readPieces(path: string, size: number, options: GetOptions, place: string): ByteStream {
  try {
    await using handle = await open(path, constants.O_RDONLY);
    let at = options.fromByte ?? 0;
    const end = Math.min(size, at + (options.maxBytes ?? size));
    while (at < end) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, end - at));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new ShellError("storage/unavailable", `${place} became shorter while it was read`);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (thrown) {
    throw storageError(thrown, place, "be read");
  }
}

/** Returns whether it was there. */
async function removeIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (thrown) {
    if (!hasSystemCode(thrown, "ENOENT")) throw thrown;
    return false;
  }
}
