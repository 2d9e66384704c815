import { ShellError } from "../errors.ts";
import type { RowFormat } from "../formats/rows.ts";
import type { DataKey } from "../crypto/data-key.ts";
import type { ObjectStore } from "../storage/store.ts";
import { openCounted, RECOVER } from "../transfer/check.ts";
import { segmentKeysOf, type SegmentKeys } from "../transfer/segment-id.ts";
import { DATA_FOLDER } from "./folders.ts";
import { segmentNamingOf, type BackupManifest, type ManifestSegment } from "./manifest.ts";

/** A row has at most 1 GiB. Nobody vouches for the sizes in a manifest in the clear: no memory is taken for more. */
const STORED_BYTES_MAX = 2 ** 31;

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
   * The stored bytes of a segment, in an array that nobody else holds.
   * @throws ShellError `integrity/missing` when the object is gone, `integrity/truncated` when its size is not the recorded one.
   */
  async readStored(segment: Pick<ManifestSegment, "id" | "storedBytes">, signal?: AbortSignal): Promise<Uint8Array> {
    const { storedBytes } = segment;
    const isPossible = Number.isInteger(storedBytes) && storedBytes >= 0 && storedBytes <= STORED_BYTES_MAX;
    const stored = new Uint8Array(isPossible ? storedBytes : 0);
    const length = await this.#fetch(segment.id, stored, signal);
    if (length === storedBytes) return stored;
    throw new ShellError("integrity/truncated", `${this.label(segment.id)} has ${length} bytes`, {
      detail: [`the manifest recorded ${segment.storedBytes}`],
      hint: RECOVER,
    });
  }

  /** Fills `stored` and returns how long the object is. */
  async #fetch(id: string, stored: Uint8Array, signal: AbortSignal | undefined): Promise<number> {
    try {
      const source = await this.#store.get(
        `${this.#folder}/${DATA_FOLDER}/${id}`,
        signal === undefined ? {} : { signal },
      );
      let length = 0;
      for await (const piece of source) {
        if (length < stored.length) stored.set(piece.subarray(0, stored.length - length), length);
        length += piece.length;
      }
      return length;
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
    return openCounted(stored, { segment, rowFormat, label: this.label(segment.id) }, this.keys);
  }

  /** The file of a segment, for messages. */
  label(id: string): string {
    return `${this.#folder}/${DATA_FOLDER}/${id} in ${this.#store.label}`;
  }
}
