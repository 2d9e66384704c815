import {
  readEncryptionInfos,
  sortEncryptionInfoNames,
  type EncryptionInfoFile,
} from "../backups/encryption-info-files.ts";
import { parseEncryptionInfo } from "../backups/encryption-info.ts";
import { ShellError } from "../errors.ts";
import type { ObjectStore } from "../storage/store.ts";
import { readAll } from "../std/bytes.ts";

/** Folders above an object that are looked into: `data/` and `progress/` are one below the backup's. */
const PARENTS = 3;

/** Where to look, and what was found. */
export interface FoundEncryptionInfo {
  /** Newest first; empty when there are none. */
  readonly files: readonly EncryptionInfoFile[];
  /** Folders that were looked into, for the error. */
  readonly looked: readonly string[];
}

/**
 * The ENCRYPTION_INFO files that open a file of a backup: in its own folder, in the folders above, and, for a file of
 * an incremental backup, in the folder of the full backup: `incrementals/<full>/…` stands beside `<full>`.
 */
export async function findEncryptionInfo(
  store: ObjectStore,
  key: string,
  signal?: AbortSignal,
): Promise<FoundEncryptionInfo> {
  const looked: string[] = [];
  for (const folder of candidateFolders(key)) {
    looked.push(folder === "" ? store.label : `${store.label}/${folder}`);
    const files = await readUnlessDenied(store, folder, signal);
    if (files.length > 0) return { files, looked };
  }
  return { files: [], looked };
}

function candidateFolders(key: string): readonly string[] {
  const parts = key.split("/").slice(0, -1);
  const folders: string[] = [];
  for (let up = 0; up <= Math.min(PARENTS, parts.length); up += 1)
    folders.push(parts.slice(0, parts.length - up).join("/"));
  const incrementals = parts.lastIndexOf("incrementals");
  // A full backup's folder has three parts: YYYY/MM/DD-HHMMSS.hh.
  if (incrementals >= 0)
    folders.push([...parts.slice(0, incrementals), ...parts.slice(incrementals + 1, incrementals + 4)].join("/"));
  return folders;
}

/** Folders above the backup may be closed to whoever may read the backup. */
async function readUnlessDenied(
  store: ObjectStore,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<readonly EncryptionInfoFile[]> {
  try {
    return await readEncryptionInfos(store, folder, signal);
  } catch (thrown) {
    if (thrown instanceof ShellError && thrown.code === "storage/denied") return [];
    throw thrown;
  }
}

/**
 * The ENCRYPTION_INFO files of an UNLOAD, which are named by its prefix: `<prefix>ENCRYPTION_INFO` for the files
 * `<prefix>0000_part_00`. Of several prefixes the longest counts.
 */
export async function findUnloadEncryptionInfo(
  store: ObjectStore,
  key: string,
  signal?: AbortSignal,
): Promise<FoundEncryptionInfo> {
  const folder = key.slice(0, key.lastIndexOf("/") + 1);
  const byPrefix = new Map<string, string[]>();
  for await (const info of store.list(folder, signal)) {
    const match = /^(.*?)(ENCRYPTION[_-]INFO(?:-\d+)?)$/su.exec(info.key);
    const [prefix, name] = [match?.[1], match?.[2]];
    if (prefix !== undefined && name !== undefined && key.startsWith(prefix))
      byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), name]);
  }
  const longest = [...byPrefix.keys()].sort((a, b) => b.length - a.length)[0];
  const looked = [`${store.label}/${folder}`];
  if (longest === undefined) return { files: [], looked };
  const files: EncryptionInfoFile[] = [];
  for (const name of sortEncryptionInfoNames(byPrefix.get(longest) ?? []))
    files.push(await readOne(store, longest + name, name, signal));
  return { files, looked };
}

/**
 * The ENCRYPTION_INFO files a user names: one file, or all of a folder.
 * @param key of the file or the folder.
 */
export async function readNamedEncryptionInfo(
  store: ObjectStore,
  key: string,
  signal?: AbortSignal,
): Promise<FoundEncryptionInfo> {
  const looked = [`${store.label}/${key}`];
  const name = key.slice(key.lastIndexOf("/") + 1);
  const isFile = /ENCRYPTION[_-]INFO(-\d+)?$/u.test(name);
  if (isFile) return { files: [await readOne(store, key, name, signal)], looked };
  return { files: await readEncryptionInfos(store, key.replace(/\/+$/u, ""), signal), looked };
}

async function readOne(
  store: ObjectStore,
  key: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<EncryptionInfoFile> {
  const bytes = await readAll(await store.get(key, signal === undefined ? {} : { signal }));
  return { name, info: parseEncryptionInfo(bytes, `${store.label}/${key}`) };
}
