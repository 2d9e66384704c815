import { ShellError } from "../errors.ts";
import type { RowFormat } from "../formats/rows.ts";
import type { DataKey } from "../crypto/data-key.ts";
import { readAll } from "../std/bytes.ts";
import type { ObjectStore } from "../storage/store.ts";
import { openCounted, RECOVER } from "../transfer/check.ts";
import { segmentKeysOf, type SegmentKeys } from "../transfer/segment.ts";
import { DATA_FOLDER } from "./folders.ts";
import type { ManifestSegment } from "./manifest.ts";

/** Reads segments of one backup, whole, one at a time. */
export class SegmentReader {
  readonly #store: ObjectStore;
  readonly #folder: string;
  readonly #keys: SegmentKeys | undefined;
  /** What the segments were sealed under; undefined for a backup in the clear. */
  readonly key: DataKey | undefined;

  constructor(store: ObjectStore, folder: string, key: DataKey | undefined) {
    this.#store = store;
    this.#folder = folder;
    this.key = key;
    this.#keys = key === undefined ? undefined : segmentKeysOf(key);
  }

  /**
   * The stored bytes of a segment.
   * @throws ShellError `integrity/missing` when the object is gone, `integrity/truncated` when its size is not the recorded one.
   */
  async readStored(segment: Pick<ManifestSegment, "id" | "storedBytes">, signal?: AbortSignal): Promise<Uint8Array> {
    const stored = await this.#fetch(segment.id, signal);
    if (stored.length === segment.storedBytes) return stored;
    throw new ShellError("integrity/truncated", `${this.label(segment.id)} has ${stored.length} bytes`, {
      detail: [`the manifest recorded ${segment.storedBytes}`],
      hint: RECOVER,
    });
  }

  async #fetch(id: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
    try {
      const source = await this.#store.get(
        `${this.#folder}/${DATA_FOLDER}/${id}`,
        signal === undefined ? {} : { signal },
      );
      return await readAll(source);
    } catch (thrown) {
      if (!(thrown instanceof ShellError) || thrown.code !== "storage/not-found") throw thrown;
      throw new ShellError("integrity/missing", `${this.label(id)} is missing`, { hint: RECOVER, cause: thrown });
    }
  }

  /**
   * Opens a segment and checks it against everything the manifest says of it. Returns its rows.
   * @throws ShellError `integrity/*`, naming the file.
   */
  async check(segment: ManifestSegment, stored: Uint8Array, rowFormat: RowFormat): Promise<Uint8Array> {
    return openCounted(stored, { segment, rowFormat, label: this.label(segment.id) }, this.#keys);
  }

  /** The file of a segment, for messages. */
  label(id: string): string {
    return `${this.#folder}/${DATA_FOLDER}/${id} in ${this.#store.label}`;
  }
}
