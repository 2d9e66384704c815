// Names inside a collection. Layout and time formats are CockroachDB's (docs/formats/collection.md):
//   <collection>/YYYY/MM/DD-HHMMSS.hh/                       a full backup, UTC, its end time, hundredths truncated
//   <collection>/incrementals/<full>/YYYYMMDD/HHMMSS.hh-…/   its layers
//   <collection>/metadata/latest/LATEST-<hex>                sorts newest first

export const MANIFEST = "BACKUP_MANIFEST";
export const CHECKSUM_SUFFIX = "-CHECKSUM";
/** What BACKUP writes; ALTER BACKUP adds `ENCRYPTION_INFO-2` and so on. */
export const ENCRYPTION_INFO = "ENCRYPTION_INFO";
export const LOCK_PREFIX = "BACKUP-LOCK-";
export const DATA_FOLDER = "data";
export const LATEST_FOLDER = "metadata/latest/";

const FULL_FOLDER = /^\d{4}\/\d{2}\/\d{2}-\d{6}\.\d{2}$/;

/** The folder of a full backup that ended at `end`: `2026/11/21-071826.12`. */
export function folderOf(end: Date): string {
  const p = parts(end);
  return `${p.year}/${p.month}/${p.day}-${p.hour}${p.minute}${p.second}.${p.hundredths}`;
}

function parts(instant: Date): Record<"year" | "month" | "day" | "hour" | "minute" | "second" | "hundredths", string> {
  const [date = "", time = ""] = instant.toISOString().split("T");
  const [year = "", month = "", day = ""] = date.split("-");
  return {
    year,
    month,
    day,
    hour: time.slice(0, 2),
    minute: time.slice(3, 5),
    second: time.slice(6, 8),
    hundredths: time.slice(9, 11),
  };
}

/**
 * The folder in the one form used for keys: no slash at either end. Users write it with or without.
 * @returns undefined for a text that is no path at all.
 */
export function normaliseFolder(text: string): string | undefined {
  const trimmed = text.replace(/^\/+|\/+$/g, "");
  return trimmed === "" || trimmed.split("/").includes("..") ? undefined : trimmed;
}

/** The full backup's folder when `key` is the manifest of one, by CockroachDB's rule: three parts, then the name. */
export function fullBackupOfManifest(key: string): string | undefined {
  const found = /^([^/]+\/[^/]+\/[^/]+)\/BACKUP_MANIFEST$/.exec(key);
  return found?.[1];
}

/** Whether a folder has the shape that BACKUP gives its folders. */
export function isFullFolder(folder: string): boolean {
  return FULL_FOLDER.test(folder);
}

/** Whether a key is that of a segment in a full backup's folder. */
export function isSegmentKey(key: string): boolean {
  const [folder = "", id = "", ...more] = key.split(`/${DATA_FOLDER}/`);
  return more.length === 0 && isFullFolder(folder) && /^[0-9a-f]{64}$/u.test(id);
}

/**
 * The name of a LATEST pointer written at `now`, chosen so that the first name in byte order is the newest:
 * the time as text, escaped (00 → 00 FF), ended (00 01), every byte inverted, behind 0x13.
 * @param now when the pointer is written.
 * @param nanoseconds below the millisecond, 0 to 999,999, so that two pointers of one millisecond differ.
 */
export function latestName(now: Date, nanoseconds = 0): string {
  const [date = "", time = ""] = now.toISOString().split("T");
  const fraction = `${time.slice(9, 12)}${String(nanoseconds).padStart(6, "0")}`.replace(/0+$/, "");
  const text = `${date} ${time.slice(0, 8)}${fraction === "" ? "" : `.${fraction}`} +0000 UTC`;
  const escaped: number[] = [];
  for (const byte of new TextEncoder().encode(text)) {
    escaped.push(byte);
    if (byte === 0) escaped.push(0xff);
  }
  escaped.push(0x00, 0x01);
  const inverted = escaped.map((byte) => byte ^ 0xff);
  return `LATEST-${Buffer.from([0x13, ...inverted]).toString("hex")}`;
}
