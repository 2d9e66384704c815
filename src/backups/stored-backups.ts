// What a collection holds as its listing tells it: full backups, their layers, bytes. Reads no manifest, so it needs no
// key. Layout: folders.ts.
import type { ObjectStore } from "../storage/store.ts";
import { readEncryptionInfos, type EncryptionInfoFile } from "./encryption-info-files.ts";
import { LOCK_PREFIX, MANIFEST } from "./folders.ts";

export interface StoredBackup {
  /** Without slashes at its ends. */
  readonly folder: string;
  readonly kind: "full" | "incremental";
  /** The full backup that a layer belongs to; its own folder for a full one. */
  readonly full: string;
  /** As the folder's name says it; undefined where the name is somebody's own. */
  readonly endTime: Date | undefined;
  /** Of all its objects, as stored. */
  readonly bytes: number;
  readonly files: number;
}

/** What a collection holds. */
export interface StoredCollection {
  /** Every complete full backup with its layers behind it, oldest first. */
  readonly backups: readonly StoredBackup[];
  /** Folders that a BACKUP claimed and did not complete: it runs still, or was killed. Oldest first. */
  readonly unfinished: readonly StoredBackup[];
}

interface Found {
  isClaimed: boolean;
  isComplete: boolean;
  bytes: number;
  files: number;
}

const LAYER = /^incrementals\/([^/]+\/[^/]+\/[^/]+)\/([^/]+\/[^/]+)\//;
const FULL = /^([^/]+\/[^/]+\/[^/]+)\//;

/** The complete backups of a collection. */
export async function listStoredBackups(store: ObjectStore, signal?: AbortSignal): Promise<readonly StoredBackup[]> {
  return (await listCollection(store, signal)).backups;
}

export async function listCollection(store: ObjectStore, signal?: AbortSignal): Promise<StoredCollection> {
  const folders = new Map<string, Found>();
  for await (const { key, bytes } of store.list("", signal)) {
    const folder = (LAYER.exec(key) ?? FULL.exec(key))?.[0].slice(0, -1);
    if (folder === undefined || folder.startsWith("metadata/")) continue;
    const found = folders.get(folder) ?? { isClaimed: false, isComplete: false, bytes: 0, files: 0 };
    folders.set(folder, found);
    found.bytes += bytes;
    found.files += 1;
    found.isClaimed ||= key.startsWith(`${folder}/${LOCK_PREFIX}`);
    found.isComplete ||= key === `${folder}/${MANIFEST}`;
  }
  const those = (isWanted: (found: Found) => boolean): readonly StoredBackup[] =>
    sorted([...folders].filter(([, found]) => isWanted(found)).map(([folder, found]) => storedBackup(folder, found)));
  return {
    backups: those(({ isComplete }) => isComplete),
    unfinished: those(({ isClaimed, isComplete }) => isClaimed && !isComplete),
  };
}

function sorted(backups: readonly StoredBackup[]): readonly StoredBackup[] {
  const sortKey = ({ full, kind, folder }: StoredBackup): string => `${full}${kind === "full" ? "" : `/${folder}`}`;
  return backups.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function storedBackup(folder: string, { bytes, files }: Found): StoredBackup {
  const layer = LAYER.exec(`${folder}/`);
  const full = layer?.[1] ?? folder;
  const kind = layer === null ? "full" : "incremental";
  return { folder, kind, full, endTime: timeOf(layer?.[2] ?? folder), bytes, files };
}

/** `2026/11/21-071826.12` of a full backup, `20261121/071826.12-…` of a layer. */
function timeOf(name: string): Date | undefined {
  const match = /^(\d{4})\/?(\d\d)\/?(\d\d)[-/](\d\d)(\d\d)(\d\d)\.(\d\d)/.exec(name);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, hundredths] = match;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${hundredths}0Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** How a full backup is encrypted, as far as that can be seen without a key. */
export interface StoredKeys {
  readonly encryption: "none" | "kms" | "passphrase";
  /** Newest first. */
  readonly files: readonly EncryptionInfoFile[];
  /** How many master keys can open it. */
  readonly keys: number;
}

/** Throws what reading the files throws. */
export async function readStoredKeys(store: ObjectStore, full: string, signal?: AbortSignal): Promise<StoredKeys> {
  const files = await readEncryptionInfos(store, full, signal);
  const hashes = new Set(files.flatMap(({ info }) => [...info.wrappedKeys.keys()]));
  const isPassphrase = files.some(({ info }) => info.salt !== undefined);
  const encryption = hashes.size > 0 ? "kms" : isPassphrase ? "passphrase" : "none";
  return { encryption, files, keys: hashes.size };
}
