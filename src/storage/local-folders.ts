// Folders are made where files need them. A statement that takes its files back removes those that it made itself.
import { constants, mkdir, open, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { hasSystemCode } from "./local-errors.ts";

const FOLDER_MODE = 0o700;

/** Makes folders and knows which of them were not there before. */
export class OwnFolders {
  readonly #made = new Set<string>();

  /** Makes a folder and what is missing above it, so that it survives a power cut. */
  async make(folder: string): Promise<void> {
    // mkdir's own `recursive` tries for ever where a folder that is there lets nothing be made in it, as /proc does.
    if (await this.#isMade(folder)) return;
    const above = dirname(folder);
    if (above !== folder) await this.make(above);
    try {
      await this.#makeOne(folder);
    } catch (thrown) {
      // Another writer may have been faster; what stands there instead is told when something is put into it.
      if (!hasSystemCode(thrown, "EEXIST")) throw thrown;
    }
    await syncFolder(above);
  }

  /** Removes those of its folders that nothing is in, the lower ones first. What cannot be removed stays. */
  async removeEmpty(): Promise<void> {
    for (const folder of [...this.#made].toSorted((a, b) => b.length - a.length)) {
      // The system refuses a folder that is not empty.
      await rmdir(folder).catch(() => undefined);
      this.#made.delete(folder);
    }
  }

  /** Whether a folder is there or could be made without making another one first. */
  async #isMade(folder: string): Promise<boolean> {
    try {
      await this.#makeOne(folder);
    } catch (thrown) {
      if (hasSystemCode(thrown, "EEXIST")) return true;
      if (hasSystemCode(thrown, "ENOENT")) return false;
      throw thrown;
    }
    await syncFolder(dirname(folder));
    return true;
  }

  async #makeOne(folder: string): Promise<void> {
    await mkdir(folder, { mode: FOLDER_MODE });
    this.#made.add(folder);
  }
}

/** Forces a folder's entries to the disk. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, constants.O_RDONLY);
    await handle.sync();
  } catch (thrown) {
    // Some network file systems cannot force a folder to the disk, and a folder above may be closed to readers; the
    // file itself is safe by then.
    if (!hasSystemCode(thrown, "EINVAL", "ENOTSUP", "EACCES", "EPERM", "EISDIR")) throw thrown;
  }
}
