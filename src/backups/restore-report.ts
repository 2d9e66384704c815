import type { DumpEntry } from "../formats/dump-toc.ts";

/** Something the user should know about a restore that goes on all the same. */
export interface PlanReport {
  readonly kind:
    /** An object that a skip_missing option, a partition's absent parent or a role that does not exist leaves out. */
    | "left-out"
    /** An owner that does not exist: the object stays the restoring user's. */
    | "owner"
    /** Rights of a role that does not exist, or that the server does not know. */
    | "rights"
    /** A tablespace that does not exist: the default one is used. */
    | "tablespace"
    /** Large objects: their contents are not in backups of former releases. */
    | "large-objects"
    /** An object that is there already and is left as it is. */
    | "reused"
    /** Rows that are not loaded: of an extension's own table that is there already, or not in the backup. */
    | "rows";
  readonly object: string;
  readonly text: string;
}

/** `TABLE sales.orders`; for people, so nothing is quoted. */
export function describeEntry(entry: DumpEntry): string {
  const name = entry.schema === "" ? entry.tag : `${entry.schema}.${entry.tag}`;
  return name.startsWith(entry.type) ? name : `${entry.type} ${name}`;
}
