import { checkKey, checkPrefix } from "./keys.ts";

/** Ends the folder that holds locks and the probe; nothing in it is ever listed. */
export const LOCK_FOLDER = ".sealift-locks";

/** Keys below a root ⇄ full names of objects in a bucket or container. */
export class ObjectNames {
  /** Safe to print, without a slash at its end. */
  readonly label: string;
  /** Empty, or with a slash at its end. */
  readonly #root: string;

  /** @param path of the location: decoded, with its leading slash or empty. */
  constructor(path: string, label: string) {
    const root = path.replace(/^\//u, "").replace(/\/+$/u, "");
    this.#root = root === "" ? "" : `${root}/`;
    this.label = label.replace(/\/+$/u, "");
  }

  /** @throws ShellError `location/invalid` for what cannot be a key. */
  nameOf(key: string): string {
    checkKey(key, this.label);
    return this.#root + key;
  }

  /** @throws ShellError `location/invalid` for a prefix that leads out. */
  prefixOf(prefix: string): string {
    checkPrefix(prefix, this.label);
    return this.#root + prefix;
  }

  /** `undefined` for a folder marker (a name with a slash at its end), for the root itself and for locks. */
  keyOf(name: string): string | undefined {
    const key = name.slice(this.#root.length);
    if (key === "" || key.endsWith("/")) return undefined;
    return key.startsWith(`${LOCK_FOLDER}/`) || key.includes(`/${LOCK_FOLDER}/`) ? undefined : key;
  }

  /** The key of a folder, whose name has a slash at its end; `undefined` for the folder of locks. */
  folderOf(name: string): string | undefined {
    const key = name.slice(this.#root.length);
    return key === "" || key === "/" || key.endsWith(`${LOCK_FOLDER}/`) ? undefined : key;
  }

  /** A name for messages. */
  place(key: string): string {
    return `${this.label}/${key}`;
  }
}
