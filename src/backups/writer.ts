import { createHash } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { sealBytes } from "../crypto/cockroach-file.ts";
import { ShellError } from "../errors.ts";
import { streamOf, utf8 } from "../std/bytes.ts";
import type { ObjectStore } from "../storage/store.ts";
import {
  CHECKSUM_SUFFIX,
  DATA_FOLDER,
  ENCRYPTION_INFO,
  LATEST_FOLDER,
  latestName,
  LOCK_PREFIX,
  MANIFEST,
} from "./folders.ts";
import { printManifest, type BackupManifest } from "./manifest.ts";

/** First bytes of the SHA-256 of a stored manifest that its `-CHECKSUM` object holds. */
const CHECKSUM_BYTES = 4;

/** The content of `<name>-CHECKSUM`: checkable without any key. */
export function checksumOf(stored: Uint8Array): Uint8Array {
  return createHash("sha256").update(stored).digest().subarray(0, CHECKSUM_BYTES);
}

/**
 * Writes one backup in the only safe order: lock, encryption info, data, checksum, manifest, LATEST. Until the
 * manifest is there no reader sees a backup; `discard` takes back what was written.
 */
export class BackupWriter {
  readonly #store: ObjectStore;
  readonly #folder: string;
  readonly #key: KeyObject | undefined;
  readonly #written: string[] = [];
  readonly #segments = new Set<string>();

  /** @param key seals data and manifest; undefined writes them in the clear. */
  constructor(store: ObjectStore, folder: string, key: KeyObject | undefined) {
    this.#store = store;
    this.#folder = folder;
    this.#key = key;
  }

  get label(): string {
    return `${this.#folder} in ${this.#store.label}`;
  }

  /**
   * Claims the folder.
   * @throws ShellError `backup/exists` when it already holds a backup, `backup/locked` when another job claimed it.
   */
  async claim(jobId: string, signal?: AbortSignal): Promise<void> {
    if ((await this.#store.head(this.#manifestKey, signal)) !== undefined) {
      throw new ShellError("backup/exists", `${this.label} already contains a ${MANIFEST}`, {
        note: "nothing was written",
      });
    }
    await this.#put(`${LOCK_PREFIX}${jobId}`, utf8("lock"), signal);
    for await (const other of this.#store.list(`${this.#folder}/${LOCK_PREFIX}`, signal)) {
      const holder = other.key.slice(this.#folder.length + 1 + LOCK_PREFIX.length);
      if (holder === jobId) continue;
      throw new ShellError("backup/locked", `${this.label} was already claimed by job ${holder}`, {
        hint: "run BACKUP again: it takes a folder of its own",
        note: "nothing was written",
      });
    }
  }

  async writeEncryptionInfo(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    await this.#put(ENCRYPTION_INFO, bytes, signal);
  }

  /** Stores one sealed segment under its id; content that is already here is not stored twice. Answers whether it stored. */
  async writeSegment(id: string, stored: Uint8Array, signal?: AbortSignal): Promise<boolean> {
    if (this.#segments.has(id)) return false;
    this.#segments.add(id);
    await this.#put(`${DATA_FOLDER}/${id}`, stored, signal);
    return true;
  }

  /**
   * Publishes the backup: from here on it exists.
   * @returns whether LATEST points to it, which is a hint and no part of the backup.
   */
  async commit(manifest: BackupManifest, now: Date, signal?: AbortSignal): Promise<{ readonly isLatest: boolean }> {
    const plain = printManifest(manifest);
    const stored = this.#key === undefined ? plain : sealBytes(plain, this.#key);
    await this.#put(MANIFEST + CHECKSUM_SUFFIX, checksumOf(stored), signal);
    try {
      await this.#put(MANIFEST, stored, signal);
    } catch (thrown) {
      if (!(await this.#isPublished(stored.length))) throw thrown;
    }
    // The backup is complete: whatever happens to the pointer must not take it back.
    this.#written.length = 0;
    return { isLatest: await this.#pointLatest(now) };
  }

  /** A put may take effect though its answer is lost. */
  async #isPublished(bytes: number): Promise<boolean> {
    try {
      return (await this.#store.head(this.#manifestKey))?.bytes === bytes;
    } catch {
      return false;
    }
  }

  async #pointLatest(now: Date): Promise<boolean> {
    const nanoseconds = Number(process.hrtime.bigint() % 1_000_000n);
    const pointer = LATEST_FOLDER + latestName(now, nanoseconds);
    try {
      await this.#store.put(pointer, streamOf(utf8(`/${this.#folder}`)), { ifAbsent: true });
      return true;
    } catch {
      return false;
    }
  }

  get #manifestKey(): string {
    return `${this.#folder}/${MANIFEST}`;
  }

  /**
   * Deletes what was written, newest first, so that the lock goes last. When a manifest cannot be deleted nothing else
   * is: it may be there, and then the backup is whole.
   * @returns keys that could not be deleted.
   */
  async discard(): Promise<readonly string[]> {
    const left: string[] = [];
    for (const key of this.#written.toReversed()) {
      try {
        await this.#store.delete(key);
      } catch {
        if (key === this.#manifestKey) return this.#written;
        left.push(key);
      }
    }
    return left;
  }

  async #put(name: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    const key = `${this.#folder}/${name}`;
    // Before it is written: a put that fails may have taken effect.
    this.#written.push(key);
    try {
      await this.#store.put(key, streamOf(bytes), { ifAbsent: true, ...(signal === undefined ? {} : { signal }) });
    } catch (thrown) {
      // Somebody else's is not ours to delete.
      if (thrown instanceof ShellError && thrown.code === "storage/exists") {
        this.#written.splice(this.#written.indexOf(key), 1);
      }
      throw thrown;
    }
  }
}
