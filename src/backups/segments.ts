import { createHash, createHmac, type KeyObject } from "node:crypto";
import { zstdDecompressSync } from "node:zlib";
import { openBytes } from "../crypto/cockroach-file.ts";
import type { DataKey } from "../crypto/data-key.ts";
import { ShellError } from "../errors.ts";
import { countRows } from "../formats/count-rows.ts";
import type { RowFormat } from "../formats/rows.ts";
import { readAll } from "../std/bytes.ts";
import type { ObjectStore } from "../storage/store.ts";
import { DATA_FOLDER } from "./folders.ts";
import type { ManifestSegment } from "./manifest.ts";

/** What the key that names segments is derived for (docs/formats/backup-collection.md). */
export const SEGMENT_ID_LABEL = "sealift segment id";

/** Reads and checks segments of one backup, whole, one at a time. */
export class SegmentReader {
  readonly #store: ObjectStore;
  readonly #folder: string;
  readonly #sealKey: KeyObject | undefined;
  readonly #idKey: KeyObject | undefined;

  constructor(store: ObjectStore, folder: string, key: DataKey | undefined) {
    this.#store = store;
    this.#folder = folder;
    this.#sealKey = key?.keyObject();
    this.#idKey = key?.derive(SEGMENT_ID_LABEL);
  }

  /**
   * The stored bytes of a segment.
   * @throws ShellError `integrity/missing` when the object is gone, `integrity/truncated` when its size is not the recorded one.
   */
  async readStored(segment: ManifestSegment, signal?: AbortSignal): Promise<Uint8Array> {
    const stored = await this.#fetch(segment, signal);
    if (stored.length === segment.storedBytes) return stored;
    throw new ShellError("integrity/truncated", `${this.#label(segment)} has ${stored.length} bytes`, {
      detail: [`the manifest recorded ${segment.storedBytes}`],
      hint: RECOVER,
    });
  }

  async #fetch(segment: ManifestSegment, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const key = `${this.#folder}/${DATA_FOLDER}/${segment.id}`;
    try {
      return await readAll(await this.#store.get(key, signal === undefined ? {} : { signal }));
    } catch (thrown) {
      if (!(thrown instanceof ShellError) || thrown.code !== "storage/not-found") throw thrown;
      throw new ShellError("integrity/missing", `${this.#label(segment)} is missing`, { hint: RECOVER, cause: thrown });
    }
  }

  /**
   * Opens, unpacks and checks a segment against everything the manifest says of it.
   * @returns its rows.
   * @throws ShellError `integrity/*`, naming the file.
   */
  check(segment: ManifestSegment, stored: Uint8Array, rowFormat: RowFormat): Uint8Array {
    const label = this.#label(segment);
    const packed = this.#sealKey === undefined ? stored : openBytes(stored, this.#sealKey, label);
    const rows = unpack(packed, segment, label);
    if (this.#idOf(rows) !== segment.id) {
      throw new ShellError("integrity/tampered", `${label} holds the rows of another segment`, {
        detail: ["it opens with the right key, so it was swapped for another file of this backup"],
        hint: RECOVER,
      });
    }
    const found = countRows(rows, rowFormat);
    if (found !== segment.rows) {
      throw new ShellError("integrity/rows", `${label} holds ${found} rows, the manifest says ${segment.rows}`, {
        hint: RECOVER,
      });
    }
    return rows;
  }

  #idOf(rows: Uint8Array): string {
    const hash = this.#idKey === undefined ? createHash("sha256") : createHmac("sha256", this.#idKey);
    return hash.update(rows).digest("hex");
  }

  #label(segment: ManifestSegment): string {
    return `${this.#folder}/${DATA_FOLDER}/${segment.id} in ${this.#store.label}`;
  }
}

const RECOVER = "VERIFY BACKUP lists every damaged file; bring it back from a copy or from the store's object versions";

function unpack(packed: Uint8Array, segment: ManifestSegment, label: string): Uint8Array {
  const complain = (cause?: unknown): ShellError =>
    new ShellError("integrity/tampered", `${label} does not unpack to the rows that were written`, {
      hint: RECOVER,
      cause,
    });
  let rows: Uint8Array;
  try {
    rows = zstdDecompressSync(packed, { maxOutputLength: Math.max(segment.bytes, 1) });
  } catch (cause) {
    throw complain(cause);
  }
  if (rows.length !== segment.bytes) throw complain();
  return rows;
}
