import type { Column } from "../../events.ts";
import type { SourceColumn } from "../../formats/source-column.ts";

/** OIDs of built-in types (pg_type.dat); every other type is shown as text. */
const KINDS: ReadonlyMap<number, Column["kind"]> = new Map([
  [16, "boolean"],
  [17, "bytes"],
  [20, "number"],
  [21, "number"],
  [23, "number"],
  [26, "number"],
  [114, "json"],
  [700, "number"],
  [701, "number"],
  [1082, "time"],
  [1083, "time"],
  [1114, "time"],
  [1184, "time"],
  [1266, "time"],
  [1700, "number"],
  [3802, "json"],
]);

export function columnOf({ name, typeOid }: SourceColumn): Column {
  return { name, kind: KINDS.get(typeOid) ?? "text" };
}
