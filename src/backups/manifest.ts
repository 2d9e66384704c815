// BACKUP_MANIFEST: what a backup is. JSON, gzipped, sealed, written last and once. Unknown keys are kept in the
// file and ignored by readers; numbers that may pass 2^53 are strings. docs/formats/backup-collection.md draws it.
import { gunzipSync, gzipSync } from "node:zlib";
import type { DatabaseFacts } from "../engines/database-facts.ts";
import type { RoleStatement } from "../engines/role-statement.ts";
import { ShellError } from "../errors.ts";
import type { DumpEntry } from "../formats/dump-toc.ts";
import type { RowFormat } from "../formats/rows.ts";
import { textOf, utf8 } from "../std/bytes.ts";
import type { SegmentNaming } from "../transfer/segment-id.ts";

export const MANIFEST_FORMAT = "sealift-backup";
/**
 * The newest manifest version this build reads and the one it writes. 2: segments named by GMAC and HMAC, large objects,
 * which readers of version 1 would leave out unnoticed.
 */
export const MANIFEST_VERSION = 2;

export interface ManifestSegment {
  /** What names the plaintext rows (transfer/segment-id.ts), in hex; also the object's name in the layer's `data/` folder. */
  readonly id: string;
  /** Which layer of the chain holds it: 0 is the full backup. */
  readonly layer: number;
  readonly rows: number;
  /** Plaintext bytes. */
  readonly bytes: number;
  readonly storedBytes: number;
}

export interface ManifestTable {
  readonly schema: string;
  readonly name: string;
  readonly oid: number;
  readonly columns: readonly string[];
  readonly rowFormat: RowFormat;
  /** Whole table, decimal. */
  readonly rows: string;
  /** Plaintext bytes, decimal. */
  readonly bytes: string;
  /** In table order. */
  readonly segments: readonly ManifestSegment[];
}

export interface ManifestSequence {
  readonly schema: string;
  readonly name: string;
  readonly lastValue: string;
  readonly isCalled: boolean;
}

/** All large objects of a database: see `LargeObjectTables`. */
export interface ManifestLargeObjects {
  /** One row per object. */
  readonly objects: ManifestTable;
  readonly contents: ManifestTable;
}

/** `name` absent means the whole schema. */
export interface ManifestSelection {
  readonly schema: string;
  readonly name?: string;
}

export interface ManifestDatabase extends DatabaseFacts {
  /** What was asked for when it was not the whole database; `objects` then also holds what these only mention. */
  readonly selected?: readonly ManifestSelection[];
  readonly objects: readonly DumpEntry[];
  readonly tables: readonly ManifestTable[];
  readonly sequences: readonly ManifestSequence[];
  /** Absent when there are none, when only some tables were chosen, and in backups from before they were kept. */
  readonly largeObjects?: ManifestLargeObjects;
}

export interface BackupManifest {
  readonly format: typeof MANIFEST_FORMAT;
  readonly version: number;
  readonly id: string;
  readonly kind: "full" | "incremental";
  /** ISO 8601, UTC; null for a full backup. */
  readonly startTime: string | null;
  /** The instant of the snapshot. */
  readonly endTime: string;
  readonly engine: { readonly name: string; readonly version: string; readonly versionNumber: number };
  /** Whole server: every connectable database and the roles. */
  readonly wholeServer: boolean;
  readonly databases: readonly ManifestDatabase[];
  /** Password hashes are in here: a backup in the clear leaves them out. */
  readonly roles: readonly RoleStatement[];
  readonly localities: readonly string[];
  readonly previous?: { readonly id: string; readonly path: string };
  readonly tool: { readonly name: "sealift"; readonly version: string };
}

export function segmentNamingOf(manifestVersion: number): SegmentNaming {
  return manifestVersion === 1 ? "hmac" : "gmac";
}

/** Everything of a database that lies in data files: its tables, and its large objects as the two tables they are kept as. */
export function storedTables({ tables, largeObjects }: ManifestDatabase): readonly ManifestTable[] {
  return largeObjects === undefined ? tables : [...tables, largeObjects.objects, largeObjects.contents];
}

/** The bytes that are sealed: gzip of JSON. */
export function printManifest(manifest: BackupManifest): Uint8Array {
  return gzipSync(utf8(JSON.stringify(manifest)));
}

/**
 * @param bytes what `printManifest` gave.
 * @param label the backup, for the message.
 * @throws ShellError `backup/version` for a higher version, `integrity/tampered` for anything that is no manifest.
 */
export function parseManifest(bytes: Uint8Array, label: string): BackupManifest {
  const value = parseJson(bytes, label);
  if (!isRecord(value) || value["format"] !== MANIFEST_FORMAT || typeof value["version"] !== "number") {
    throw new ShellError("integrity/tampered", `the manifest of ${label} is not a Sealift manifest`, {
      hint: "SHOW BACKUPS IN lists the backups of a collection",
    });
  }
  if (value["version"] > MANIFEST_VERSION) {
    throw new ShellError(
      "backup/version",
      `${label} was written in manifest version ${value["version"]}, this build reads up to ${MANIFEST_VERSION}`,
      { hint: "use the Sealift release that wrote it, or a newer one", note: "nothing was changed" },
    );
  }
  if (!Array.isArray(value["databases"]) || typeof value["endTime"] !== "string") {
    throw new ShellError("integrity/tampered", `the manifest of ${label} lacks its databases`);
  }
  return value as unknown as BackupManifest;
}

function parseJson(bytes: Uint8Array, label: string): unknown {
  try {
    return JSON.parse(textOf(gunzipSync(bytes)));
  } catch (cause) {
    throw new ShellError("integrity/tampered", `the manifest of ${label} cannot be read`, { cause });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
