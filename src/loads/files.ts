// Which files a COPY reads: all that begin with a prefix, or those that a manifest lists.
import { isEncryptionInfoName } from "../backups/encryption-info-files.ts";
import { isInstructionKey } from "../crypto/s3-envelope.ts";
import type { Environment } from "../environment.ts";
import { ShellError } from "../errors.ts";
import { parseManifest, type ManifestEntry } from "../formats/redshift-manifest.ts";
import { splitPrefix, type PrefixLocation } from "../location-prefix.ts";
import type { Location } from "../location.ts";
import { readAll, textOf, type ByteStream } from "../std/bytes.ts";
import type { ObjectStore } from "../storage/store.ts";

export interface LoadFile {
  readonly store: ObjectStore;
  readonly key: string;
  /** As stored. */
  readonly bytes: number;
  /** Safe to print. */
  readonly label: string;
  /** What a manifest says of it. */
  readonly entry: ManifestEntry | undefined;
  /** Where the ENCRYPTION_INFO of its UNLOAD lies when WITH says how to open it. */
  readonly keyBase: KeyBase;
}

/** The beginning that UNLOAD's files share: `<prefix>ENCRYPTION_INFO` is beside them. */
export interface KeyBase {
  readonly store: ObjectStore;
  readonly prefix: string;
}

export interface LocatedFiles {
  readonly files: readonly LoadFile[];
  readonly manifest: ReadManifest | undefined;
  /** What was passed over, for a notice. */
  readonly skipped: readonly string[];
}

/** What a manifest says of itself. */
export interface ReadManifest {
  readonly label: string;
  /** Over the HMACs of its files. */
  readonly hmac: string | undefined;
  /** Of every entry in order, of missing files too; empty where there is none. */
  readonly fileHmacs: readonly string[];
}

type Source = { readonly type: "prefix" | "manifest"; readonly location: Location };

/** Stores opened together and closed together, one a folder. */
export class OpenStores implements AsyncDisposable {
  readonly #environment: Pick<Environment, "openStore">;
  readonly #stores = new Map<string, ObjectStore>();

  constructor(environment: Pick<Environment, "openStore">) {
    this.#environment = environment;
  }

  async open(folder: Location): Promise<ObjectStore> {
    const name = `${folder.scheme}://${folder.host}${folder.path}`;
    const known = this.#stores.get(name);
    if (known !== undefined) return known;
    const store = await this.#environment.openStore(folder);
    this.#stores.set(name, store);
    return store;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#stores.values()) await store[Symbol.asyncDispose]();
  }
}

export interface LocateOptions {
  readonly stores: OpenStores;
  readonly readManifest: (file: LoadFile) => ByteStream;
  readonly signal: AbortSignal;
}

/** @throws ShellError `storage/not-found` when there is nothing to load, and what reading a manifest throws. */
export async function locateFiles(source: Source, options: LocateOptions): Promise<LocatedFiles> {
  return source.type === "manifest"
    ? listedFiles(source.location, options)
    : prefixedFiles(source.location, options.stores, options.signal);
}

const isManifestKey = (key: string): boolean => /(?:^|[/._-])manifest$/u.test(key);
const INFO_AT_END = /ENCRYPTION[_-]INFO(?:-\d+)?$/u;

async function prefixedFiles(location: Location, stores: OpenStores, signal: AbortSignal): Promise<LocatedFiles> {
  const place = splitPrefix(location);
  const store = await stores.open(place.folder);
  const [found, skipped, bases]: [{ key: string; bytes: number }[], string[], string[]] = [[], [], [place.prefix]];
  for await (const { key, bytes } of store.list(place.prefix, signal)) {
    const infoAt = INFO_AT_END.exec(key)?.index;
    if (infoAt !== undefined && isEncryptionInfoName(key.slice(infoAt))) bases.push(key.slice(0, infoAt));
    else if (isManifestKey(key) || key === `${place.prefix}manifest`) skipped.push(place.urlOf(key));
    // A folder as some consoles make it: an empty object whose key ends in a slash.
    else if (!isInstructionKey(key) && !key.endsWith("/")) found.push({ key, bytes });
  }
  if (found.length === 0) {
    throw new ShellError("storage/not-found", nothingAt(location, place.prefix), {
      detail: [`no ${isFolders(location) ? "file" : "object"} begins with ${location.label}`],
      hint: "the prefix is compared letter by letter, case and slashes included",
      note: "nothing was loaded",
    });
  }
  const files = found.map(({ key, bytes }) => ({
    store,
    key,
    bytes,
    label: place.urlOf(key),
    entry: undefined,
    keyBase: { store, prefix: longest(bases.filter((base) => key.startsWith(base))) },
  }));
  return { files, manifest: undefined, skipped };
}

/** Redshift's words where the place is one that Redshift could be given. */
function nothingAt(location: Location, prefix: string): string {
  return location.scheme === "s3"
    ? `The specified S3 prefix '${prefix}' does not exist`
    : `there is nothing to load at ${location.label}`;
}

function isFolders({ scheme }: Location): boolean {
  return scheme === "file" || scheme === "nodelocal";
}

function longest(texts: readonly string[]): string {
  return texts.reduce((one, other) => (other.length > one.length ? other : one), "");
}

async function listedFiles(location: Location, options: LocateOptions): Promise<LocatedFiles> {
  const { stores, readManifest, signal } = options;
  const place = splitPrefix(location);
  const store = await stores.open(place.folder);
  const { label } = location;
  const keyBase = { store, prefix: place.prefix.replace(/manifest$/u, "") };
  const { bytes } = (await store.head(place.prefix, signal)) ?? { bytes: 0 };
  const own: LoadFile = { store, key: place.prefix, bytes, label, entry: undefined, keyBase };
  const manifest = parseManifest(textOf(await readAll(readManifest(own))), label);
  const [files, missing]: [LoadFile[], string[]] = [[], []];
  for (const entry of manifest.entries) {
    const at = placeOf(entry, location);
    const entryStore = await stores.open(at.folder);
    const info = await entryStore.head(at.prefix, signal);
    if (info !== undefined) {
      files.push({ store: entryStore, key: at.prefix, bytes: info.bytes, label: entry.url, entry, keyBase });
    } else if (entry.mandatory === true) throw absent(entry.url, label);
    else missing.push(`${entry.url} (missing)`);
  }
  if (files.length === 0 && manifest.entries.length > 0) {
    throw new ShellError("storage/not-found", `none of the ${missing.length} files that ${label} lists exists`, {
      note: "nothing was loaded",
    });
  }
  return {
    files,
    manifest: { label, hmac: manifest.hmac, fileHmacs: manifest.entries.map(({ hmac = "" }) => hmac) },
    skipped: missing,
  };
}

function absent(url: string, manifest: string): ShellError {
  return new ShellError("storage/not-found", `${url} does not exist`, {
    detail: [`${manifest} lists it as mandatory`],
    note: "nothing was loaded",
  });
}

const URL = /^([a-z][a-z0-9+.-]*):\/\/([^/]*)(\/.*)$/isu;

/** An entry is read with the manifest's own credentials: it has none itself. */
function placeOf({ url }: ManifestEntry, manifest: Location): PrefixLocation {
  const [, scheme = "", host = "", path = ""] = URL.exec(url) ?? [];
  if (path === "" || path.endsWith("/")) throw badUrl(manifest, `${url} is not the URL of a file`);
  if (scheme.toLowerCase() !== manifest.scheme) {
    throw badUrl(manifest, `${url} lies in another kind of storage than the manifest`);
  }
  if (path.split("/").includes("..")) throw badUrl(manifest, `${url} has .. in its path`);
  return splitPrefix(manifest.with({ host, path, label: `${scheme}://${host}${path}` }));
}

function badUrl(manifest: Location, why: string): ShellError {
  return new ShellError("option/value", "Manifest file is not in correct json format", {
    detail: [`${manifest.label}: ${why}`],
    note: "nothing was loaded",
  });
}
