// What UNLOAD and COPY ask of columns, which is known once the engine has described them. Source: Redshift's
// documentation of PARTITION BY, of the types UNLOAD writes, and of EXPLICIT_IDS.
import { ShellError } from "../errors.ts";
import type { CopyPlan } from "./copy-plan.ts";
import type { UnloadPlan } from "./unload-plan.ts";

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
  const { format, partition } = plan;
  if (columns.length === 0) throw refusal("option/value", "the query has no columns");
  if (format.type === "json" || format.type === "parquet") refuseTwins(FORMAT_NAMES[format.type], columns);
  if (format.type === "fixed-width" && format.columns.length !== columns.length) {
    const [have, want] = [columns.length, format.columns.length];
    throw refusal("option/value", `FIXEDWIDTH has ${want} columns, and the query has ${have}`);
  }
  if (format.type !== "text" && format.type !== "csv") refuseTextOnlyTypes(format.type, columns);
  if (partition !== undefined) checkPartition(partition.columns, partition.include, columns);
}

function refusal(code: "option/conflict" | "option/value", message: string, hint?: string): ShellError {
  return new ShellError(code, message, { note: "nothing was written", ...(hint === undefined ? {} : { hint }) });
}

function baseType(type: string): string {
  return type
    .toLowerCase()
    .replace(/\s*\([^)]*\)/, "")
    .trim();
}

function refuseTwins(format: string, columns: readonly ResultColumn[]): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name))
      throw refusal(
        "option/conflict",
        `${format} needs unique names, and ${name} is there twice`,
        "name one AS something else",
      );
    seen.add(name);
  }
}

const FORMAT_NAMES = { json: "JSON", parquet: "PARQUET", "fixed-width": "FIXEDWIDTH" } as const;

function refuseTextOnlyTypes(format: keyof typeof FORMAT_NAMES, columns: readonly ResultColumn[]): void {
  const column = columns.find(({ type }) => TEXT_ONLY_TYPES.has(baseType(type)));
  if (column === undefined) return;
  const message = `${FORMAT_NAMES[format]} cannot hold column ${column.name} of type ${column.type}`;
  throw refusal("option/conflict", message, "use delimited text or CSV");
}

function checkPartition(names: readonly string[], include: boolean, columns: readonly ResultColumn[]): void {
  for (const name of names) {
    const column = columns.find((one) => one.name === name);
    if (column === undefined) {
      throw refusal("option/value", `PARTITION BY names ${name}, which the query does not give`, "select it");
    }
    if (!PARTITION_TYPES.has(baseType(column.type))) {
      throw refusal(
        "option/value",
        `PARTITION BY cannot use column ${name} of type ${column.type}`,
        "cast it to varchar",
      );
    }
  }
  if (!include && columns.every((column) => names.includes(column.name))) {
    throw refusal(
      "option/value",
      "PARTITION BY leaves no column for the files",
      "select another column, or add INCLUDE",
    );
  }
}

export interface TargetColumn {
  readonly name: string;
  /** `always` for IDENTITY and GENERATED ALWAYS AS IDENTITY. */
  readonly identity: "none" | "always" | "by-default";
}

/** Throws `option/conflict` or `option/missing` where the table's columns do not go with the column list. */
export function checkTargetColumns(plan: CopyPlan, columns: readonly TargetColumn[]): void {
  const { columns: list, conversion } = plan;
  if (list === undefined) return;
  const unknown = list.find((name) => !columns.some((column) => column.name === name));
  if (unknown !== undefined) throw refusal("option/value", `the table has no column ${unknown}`);
  const identity = columns.find((column) => column.identity === "always");
  if (identity === undefined) return;
  const isListed = list.includes(identity.name);
  if (isListed === conversion.explicitIds) return;
  const message = isListed
    ? `identity column ${identity.name} in the column list needs EXPLICIT_IDS`
    : `EXPLICIT_IDS needs the identity column ${identity.name} in the column list`;
  throw new ShellError("option/missing", message, { note: "nothing was changed" });
}
