import { ShellError } from "../errors.ts";
import { countRows } from "../formats/count-rows.ts";
import type { RowFormat } from "../formats/rows.ts";
import type { DataKey } from "../crypto/data-key.ts";
import { readAll } from "../std/bytes.ts";
import type { ObjectStore } from "../storage/store.ts";
import { segmentKeysOf, type SegmentKeys } from "../transfer/segment-id.ts";
import { openSegment } from "../transfer/segment.ts";
import { DATA_FOLDER } from "./folders.ts";
import { segmentNamingOf, type BackupManifest, type ManifestSegment } from "./manifest.ts";

/** The next step after damage. */
export const RECOVER =
  "VERIFY BACKUP names every damaged file; bring it back from a copy or from the store's object versions";

/** What of an opened backup says where its segments lie, how they are sealed and how they are named. */
export interface ReadableBackup {
  readonly folder: string;
  readonly key: DataKey | undefined;
  readonly manifest: Pick<BackupManifest, "version">;
}

/** Reads segments of one backup, whole, one at a time. */
export class SegmentReader {
  readonly #store: ObjectStore;
  readonly #folder: string;
  /** What the segments were sealed under; undefined for a backup in the clear. */
  readonly keys: SegmentKeys | undefined;

  constructor(store: ObjectStore, { folder, key, manifest }: ReadableBackup) {
    this.#store = store;
    this.#folder = folder;
    this.keys = key === undefined ? undefined : segmentKeysOf(key, segmentNamingOf(manifest.version));
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
    const label = this.label(segment.id);
    const rows = await openSegment(stored, segment, this.keys, label);
    const found = countRows(rows, rowFormat);
    if (found === segment.rows) return rows;
    throw new ShellError("integrity/rows", `${label} holds ${found} rows, the manifest says ${segment.rows}`, {
      hint: RECOVER,
    });
  }

  /** The file of a segment, for messages. */
  label(id: string): string {
    return `${this.#folder}/${DATA_FOLDER}/${id} in ${this.#store.label}`;
  }
}
