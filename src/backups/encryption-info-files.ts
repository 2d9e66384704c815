import { ShellError } from "../errors.ts";
import type { ObjectStore } from "../storage/store.ts";
import { readAll, streamOf } from "../std/bytes.ts";
import { parseEncryptionInfo, printEncryptionInfo, type EncryptionInfo } from "./encryption-info.ts";

/** One ENCRYPTION_INFO file of a backup. */
export interface EncryptionInfoFile {
  /** The last part of its key: `ENCRYPTION_INFO-2`. */
  readonly name: string;
  /** Without keys and salt when the file is damaged. */
  readonly info: EncryptionInfo;
  /** Why nothing of it can be used. */
  readonly damage?: ShellError;
}

/** Sealift's own spelling, and CockroachDB's. */
const NAME = /^ENCRYPTION([_-])INFO(?:-([1-9]\d{0,8}))?$/u;
/** How often another writer may take the next name before this one gives up. */
const TRIES = 20;

/** Whether a file's name, without its folder, is one of an ENCRYPTION_INFO file in either spelling. */
export function isEncryptionInfoName(name: string): boolean {
  return NAME.test(name);
}

/** Newest first: the higher number, by value; without a number it is the first. */
export function sortEncryptionInfoNames(names: readonly string[]): readonly string[] {
  return names.filter(isEncryptionInfoName).sort((a, b) => numberOf(b) - numberOf(a) || (a < b ? 1 : -1));
}

function numberOf(name: string): number {
  return Number(NAME.exec(name)?.[2] ?? 1);
}

/**
 * The name for one more file: in the spelling of the ones there are, numbered past both their count, as CockroachDB
 * does, and their highest number.
 */
export function nextEncryptionInfoName(names: readonly string[]): string {
  const sorted = sortEncryptionInfoNames(names);
  const [newest] = sorted;
  if (newest === undefined) return "ENCRYPTION_INFO";
  const spelling = NAME.exec(newest)?.[1] ?? "_";
  return `ENCRYPTION${spelling}INFO-${Math.max(sorted.length, numberOf(newest)) + 1}`;
}

/**
 * Every ENCRYPTION_INFO file of a full backup, newest first; none when it is not encrypted.
 * @param folder the backup's folder in the store, without a slash at the end; empty for the store's root.
 * @throws ShellError as `readEncryptionInfosNamed`
 */
export async function readEncryptionInfos(
  store: ObjectStore,
  folder: string,
  signal?: AbortSignal,
): Promise<readonly EncryptionInfoFile[]> {
  return readEncryptionInfosNamed(store, keyOf(folder, ""), await listNames(store, folder, signal), signal);
}

/**
 * The ENCRYPTION_INFO files among `names`, newest first.
 * A damaged one is told as such, since a key that another one holds opens the data still.
 * @param prefix what stands before each name in the store's keys.
 * @throws ShellError `integrity/tampered` when all are damaged, `backup/version`, `storage/…`
 */
export async function readEncryptionInfosNamed(
  store: ObjectStore,
  prefix: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<readonly EncryptionInfoFile[]> {
  const files: EncryptionInfoFile[] = [];
  for (const name of sortEncryptionInfoNames(names)) {
    const key = prefix + name;
    const bytes = await readAll(await store.get(key, signal === undefined ? {} : { signal }));
    files.push(readFile(name, bytes, `${store.label}/${key}`));
  }
  const [newest] = files;
  if (newest?.damage !== undefined && files.every(({ damage }) => damage !== undefined)) throw newest.damage;
  return files;
}

/** What is wrong with files that were read beside whole ones. */
export function damageOf(files: readonly EncryptionInfoFile[]): readonly ShellError[] {
  return files.flatMap(({ damage }) => damage ?? []);
}

function readFile(name: string, bytes: Uint8Array, label: string): EncryptionInfoFile {
  try {
    return { name, info: parseEncryptionInfo(bytes, label) };
  } catch (thrown) {
    if (!(thrown instanceof ShellError) || thrown.code !== "integrity/tampered") throw thrown;
    return { name, info: { wrappedKeys: new Map() }, damage: thrown };
  }
}

/**
 * Adds an ENCRYPTION_INFO file to a backup and never replaces one: if another writer takes the name, the next is used.
 * @returns the name it got.
 */
export async function writeEncryptionInfo(
  store: ObjectStore,
  folder: string,
  info: EncryptionInfo,
  signal?: AbortSignal,
): Promise<string> {
  const body = printEncryptionInfo(info);
  for (let tries = 1; ; tries += 1) {
    const name = nextEncryptionInfoName(await listNames(store, folder, signal));
    try {
      const options = { ifAbsent: true, ...(signal === undefined ? {} : { signal }) };
      await store.put(keyOf(folder, name), streamOf(body), options);
      return name;
    } catch (thrown) {
      const isTaken = thrown instanceof ShellError && thrown.code === "storage/exists";
      if (!isTaken || tries === TRIES) throw thrown;
    }
  }
}

async function listNames(store: ObjectStore, folder: string, signal?: AbortSignal): Promise<readonly string[]> {
  const names: string[] = [];
  const start = folder === "" ? "" : `${folder}/`;
  for await (const { key } of store.list(`${start}ENCRYPTION`, signal)) names.push(key.slice(start.length));
  return names;
}

function keyOf(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}
