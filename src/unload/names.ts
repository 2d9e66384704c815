// The names of UNLOAD's files, as Redshift gives them:
//
//   PARALLEL ON    <prefix><slice, 4 digits>_part_<part, 2 digits><suffix>
//   PARALLEL OFF   <prefix><part, 3 digits><suffix>
//   PARTITION BY   <prefix>/<column>=<value>/…/<as above, without the prefix>
//   MANIFEST       <prefix>manifest
import { COMPRESSION_SUFFIX } from "../formats/compress.ts";
import type { UnloadPlan } from "../plan/unload-plan.ts";
import type { Leftovers } from "../storage/store.ts";

export interface UnloadNames {
  /** How every key begins: the prefix, with a slash behind it when files go into folders. */
  readonly root: string;
  readonly manifest: string;
  readonly encryptionInfo: string;
  /** @param folder of the partition, with its slash; empty without one */
  fileOf(folder: string, slice: number, part: number): string;
}

export function unloadNames(prefix: string, plan: UnloadPlan): UnloadNames {
  const root = plan.partition === undefined || prefix === "" ? prefix : `${prefix}/`;
  const suffix = suffixOf(plan);
  const series = (slice: number, part: number): string =>
    plan.parallel ? `${digits(slice, 4)}_part_${digits(part, 2)}` : digits(part, 3);
  return {
    root,
    manifest: `${root}manifest`,
    encryptionInfo: `${root}ENCRYPTION_INFO`,
    fileOf: (folder, slice, part) => `${root}${folder}${series(slice, part)}${suffix}`,
  };
}

/** A query may be silent for long in the middle of a file, but not for a day. */
const IDLE_MS = 86_400_000;

/** What a crash may have left of an UNLOAD to this prefix, whatever its options were. */
export function unloadLeftovers(prefix: string): Leftovers {
  const isOwn = (key: string): boolean =>
    /^(?:\/?[^/=]+=[^/]*\/)*\/?(?:\d{4,}_part_\d{2,}|\d{3,})(?:\.[^/]+)?$/u.test(key.slice(prefix.length));
  return { prefix, isOwn, idleMs: IDLE_MS };
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, "0");
}

/** EXTENSION takes the place of the compression's own. */
function suffixOf({ extension, format, compression }: UnloadPlan): string {
  if (extension !== undefined) return `.${extension}`;
  return format.type === "parquet" ? ".parquet" : COMPRESSION_SUFFIX[compression];
}

/** Hive's folder for rows without a value. */
const NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__";

/** `year=2026/country=Chile/`; `null` is SQL NULL. */
export function partitionFolder(columns: readonly string[], values: readonly (string | null)[]): string {
  return columns
    .map((column, index) => {
      const value = values[index] ?? null;
      return `${hiveEscape(column)}=${value === null ? NULL_PARTITION : hiveEscape(value)}/`;
    })
    .join("");
}

/** What Hive writes in hexadecimal in the names of folders (FileUtils.escapePathName). */
const RESERVED = /[\u0000-\u001f"#%'*/:=?\\\u007f{[\]^]/g;

function hiveEscape(text: string): string {
  return text.replace(RESERVED, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}
