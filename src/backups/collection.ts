import { ShellError } from "../errors.ts";
import { readAll, textOf } from "../std/bytes.ts";
import type { ObjectInfo, ObjectStore } from "../storage/store.ts";
import { fullBackupOfManifest, LATEST_FOLDER, MANIFEST, normaliseFolder } from "./folders.ts";

/** The folders of a collection: which backups it holds and which is the latest. Reads only what is in the clear. */
export class Collection {
  readonly store: ObjectStore;

  constructor(store: ObjectStore) {
    this.store = store;
  }

  get label(): string {
    return this.store.label;
  }

  /** Folders of complete full backups, oldest first: those that have a manifest. */
  async folders(signal?: AbortSignal): Promise<readonly string[]> {
    const found: string[] = [];
    for await (const object of this.store.list("", signal)) {
      const folder = fullBackupOfManifest(object.key);
      if (folder !== undefined) found.push(folder);
    }
    return found;
  }

  /**
   * The folder a statement means.
   * @param wanted `LATEST` in any case, or a folder with or without slashes at its ends.
   * @throws ShellError `backup/not-found` when there is no complete backup, naming the nearest that is.
   */
  async resolve(wanted: string, signal?: AbortSignal): Promise<string> {
    if (wanted.toUpperCase() === "LATEST") return this.#latest(signal);
    const folder = normaliseFolder(wanted);
    if (folder !== undefined && (await this.store.head(`${folder}/${MANIFEST}`, signal)) !== undefined) return folder;
    throw await this.#notFound(wanted, signal);
  }

  /**
   * LATEST is a hint: the first pointer by name is followed, and where it is missing or points at nothing the
   * newest folder is taken.
   */
  async #latest(signal?: AbortSignal): Promise<string> {
    for await (const pointer of this.store.list(LATEST_FOLDER, signal)) {
      if (pointer.key === LATEST_FOLDER) continue;
      const folder = normaliseFolder(textOf(await readAll(await this.store.get(pointer.key))));
      if (folder !== undefined && (await this.store.head(`${folder}/${MANIFEST}`, signal)) !== undefined) return folder;
      break;
    }
    const newest = (await this.folders(signal)).at(-1);
    if (newest !== undefined) return newest;
    throw new ShellError("backup/not-found", `${this.label} does not contain a completed backup`, {
      hint: "check the URI: it must name the collection, as after BACKUP INTO",
      note: "nothing was changed",
    });
  }

  async #notFound(wanted: string, signal: AbortSignal | undefined): Promise<ShellError> {
    const folders = await this.folders(signal);
    const nearest = folders.filter((folder) => folder.startsWith(wanted.replace(/^\/+/, "").slice(0, 10))).at(-1);
    const newest = nearest ?? folders.at(-1);
    return new ShellError("backup/not-found", `backup ${wanted} is not in ${this.label}`, {
      detail: [`the collection holds ${folders.length} backup${folders.length === 1 ? "" : "s"}`],
      hint: newest === undefined ? "SHOW BACKUPS IN lists what a collection holds" : `did you mean '${newest}'?`,
      note: "nothing was changed",
    });
  }

  /** Every object below a backup's folder. */
  async objects(folder: string, signal?: AbortSignal): Promise<readonly ObjectInfo[]> {
    const found: ObjectInfo[] = [];
    for await (const object of this.store.list(`${folder}/`, signal)) found.push(object);
    return found;
  }
}
