import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { hasSystemCode, storageError } from "./local-errors.ts";
import { compareKeys } from "./keys.ts";
import type { ObjectInfo } from "./store.ts";

/** Begins the name of every file that is being written. */
export const TEMPORARY_PREFIX = ".sealift-partial-";

/** How many files are looked at together. */
const LOOKS = 32;

export function isTemporary(name: string): boolean {
  return name.startsWith(TEMPORARY_PREFIX);
}

interface Folder {
  readonly root: string;
  readonly label: string;
}

interface Entry {
  /** Relative to the root; a folder's ends in `/`. */
  readonly key: string;
  readonly isFolder: boolean;
}

/** Files below a folder whose key begins with a prefix, in byte order of the keys; one folder is held at a time per level. */
export async function* listFiles(folder: Folder, prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo> {
  // What stands before the last slash is a folder to begin in: `a/b` lists in `a`.
  yield* walk(folder, prefix.slice(0, prefix.lastIndexOf("/") + 1), prefix, signal);
}

/** Keys of what lies directly in a folder, folders with a slash at their end. */
export async function* listFolder(folder: Folder, below: string, signal?: AbortSignal): AsyncIterable<string> {
  signal?.throwIfAborted();
  for (const { key } of await readEntries(folder, below)) yield key;
}

async function* walk(
  folder: Folder,
  below: string,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncIterable<ObjectInfo> {
  signal?.throwIfAborted();
  const entries = (await readEntries(folder, below)).filter(
    ({ key }) => key.startsWith(prefix) || (prefix.startsWith(key) && key.endsWith("/")),
  );
  for (let at = 0; at < entries.length; at += LOOKS) {
    signal?.throwIfAborted();
    const slice = entries.slice(at, at + LOOKS);
    const looked = await Promise.all(slice.map((entry) => look(folder, entry)));
    for (const [index, entry] of slice.entries()) {
      if (entry.isFolder) yield* walk(folder, entry.key, prefix, signal);
      const info = looked[index];
      if (info !== undefined) yield info;
    }
  }
}

/** The folder's entries; a folder sorts as its name with the slash that its keys have. */
async function readEntries(folder: Folder, below: string): Promise<readonly Entry[]> {
  let found: readonly Dirent[];
  try {
    found = await readdir(join(folder.root, below), { withFileTypes: true });
  } catch (thrown) {
    if (hasSystemCode(thrown, "ENOENT", "ENOTDIR")) return [];
    throw storageError(thrown, `${folder.label}/${below}`, "be listed");
  }
  return found
    .filter(({ name }) => !isTemporary(name))
    .map((entry) => {
      const isFolder = entry.isDirectory();
      return { key: below + entry.name + (isFolder ? "/" : ""), isFolder };
    })
    .sort((a, b) => compareKeys(a.key, b.key));
}

/** `undefined` for a folder, for what vanished since, and for what is no file. */
async function look(folder: Folder, entry: Entry): Promise<ObjectInfo | undefined> {
  if (entry.isFolder) return undefined;
  try {
    const facts = await stat(join(folder.root, entry.key));
    return facts.isFile() ? { key: entry.key, bytes: facts.size, modified: facts.mtime } : undefined;
  } catch (thrown) {
    if (hasSystemCode(thrown, "ENOENT", "ELOOP")) return undefined;
    throw storageError(thrown, `${folder.label}/${entry.key}`, "be looked at");
  }
}
