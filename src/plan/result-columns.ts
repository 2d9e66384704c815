// What UNLOAD asks of its query's columns, which is known once the engine has described them. Source: Redshift's
// documentation of PARTITION BY and of the types UNLOAD writes.
import type { Span } from "../../grammar/index.ts";
import { ShellError } from "../errors.ts";
import type { UnloadPartition, UnloadPlaces, UnloadPlan } from "./unload-plan.ts";

export interface ResultColumn {
  readonly name: string;
  /** As PostgreSQL's format_type gives it, with or without its length: `character varying(10)`. */
  readonly type: string;
}

const PARTITION_TYPES = new Set([
  "smallint",
  "integer",
  "bigint",
  "numeric",
  "real",
  "boolean",
  "character",
  "character varying",
  "date",
  "timestamp without time zone",
]);
const TEXT_ONLY_TYPES = new Set(["geometry", "hllsketch", "varbyte", "binary varying"]);

/** Throws `option/conflict` or `option/value` where the query's columns do not go with the clauses. */
export function checkResultColumns(plan: UnloadPlan, columns: readonly ResultColumn[]): void {
  const { format, partition, places } = plan;
  const inFormat = places.format === undefined ? {} : { span: places.format };
  if (columns.length === 0) throw refusal("option/value", "the query has no columns");
  if (format.type === "json" || format.type === "parquet") refuseTwins(FORMAT_NAMES[format.type], columns, inFormat);
  if (partition !== undefined) checkPartition(partition, columns, places);
  const shown = partition === undefined ? columns : columnsOfFiles(partition, columns);
  if (format.type === "fixed-width" && format.columns.length !== shown.length) {
    const [have, want] = [shown.length, format.columns.length];
    throw refusal("option/value", `FIXEDWIDTH has ${want} columns, and the files have ${have}`, inFormat);
  }
  if (format.type !== "text" && format.type !== "csv") refuseTextOnlyTypes(format.type, shown, inFormat);
}

function columnsOfFiles(
  { columns: names, include }: UnloadPartition,
  columns: readonly ResultColumn[],
): readonly ResultColumn[] {
  return include ? columns : columns.filter(({ name }) => !names.includes(name));
}

interface Refusal {
  readonly hint?: string;
  readonly span?: Span;
}

function refusal(code: "option/conflict" | "option/value", message: string, more: Refusal = {}): ShellError {
  return new ShellError(code, message, { note: "nothing was written", ...more });
}

function baseType(type: string): string {
  return type
    .toLowerCase()
    .replace(/\s*\([^)]*\)/, "")
    .trim();
}

function refuseTwins(format: string, columns: readonly ResultColumn[], more: Refusal): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name)) {
      const message = `${format} needs unique names, and ${name} is there twice`;
      throw refusal("option/conflict", message, { hint: "name one AS something else", ...more });
    }
    seen.add(name);
  }
}

const FORMAT_NAMES = { json: "JSON", parquet: "PARQUET", "fixed-width": "FIXEDWIDTH" } as const;

function refuseTextOnlyTypes(format: keyof typeof FORMAT_NAMES, columns: readonly ResultColumn[], more: Refusal): void {
  const column = columns.find(({ type }) => TEXT_ONLY_TYPES.has(baseType(type)));
  if (column === undefined) return;
  const message = `${FORMAT_NAMES[format]} cannot hold column ${column.name} of type ${column.type}`;
  throw refusal("option/conflict", message, { hint: "use delimited text or CSV", ...more });
}

function checkPartition(partition: UnloadPartition, columns: readonly ResultColumn[], places: UnloadPlaces): void {
  for (const [at, name] of partition.columns.entries()) {
    const span = places.partitionColumns?.[at];
    const more = span === undefined ? {} : { span };
    const column = columns.find((one) => one.name === name);
    if (column === undefined) {
      const message = `PARTITION BY names ${name}, which the query does not give`;
      throw refusal("option/value", message, { hint: "select it", ...more });
    }
    if (!PARTITION_TYPES.has(baseType(column.type))) {
      const message = `PARTITION BY cannot use column ${name} of type ${column.type}`;
      throw refusal("option/value", message, { hint: "cast it to varchar", ...more });
    }
  }
  if (columnsOfFiles(partition, columns).length === 0) {
    throw refusal("option/value", "PARTITION BY leaves no column for the files", {
      hint: "select another column, or add INCLUDE",
      ...(places.partition === undefined ? {} : { span: places.partition }),
    });
  }
}
