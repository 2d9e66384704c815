// UNLOAD's clauses about the files' form.
import type { UnloadOption } from "../../grammar/index.ts";
import type { Clauses, PlanWarning } from "./clauses.ts";
import {
  badValue,
  delimiterByte,
  FILE_SIZE,
  fixedWidthColumns,
  nullMarker,
  ROW_GROUP_SIZE,
  sizeBytes,
} from "./option-values.ts";
import type { DelimitedFormat, UnloadFormat, UnloadPartition, UnloadPlan } from "./unload-plan.ts";

type UnloadOptions = Clauses<UnloadOption>;

const PARQUET_STEP_BYTES = 32 * 1024 * 1024;

export function planFormat(options: UnloadOptions): UnloadFormat {
  const [escape, addQuotes] = [options.has("ESCAPE"), options.has("ADDQUOTES")];
  const nullText = options.value("NULL AS", nullMarker);
  const rowGroup = options.get("ROWGROUPSIZE");
  if (options.has("PARQUET")) {
    const rowGroupBytes =
      rowGroup === undefined ? PARQUET_STEP_BYTES : sizeBytes(rowGroup, ROW_GROUP_SIZE, options.reading);
    return { type: "parquet", rowGroupBytes };
  }
  if (options.has("JSON")) return { type: "json" };
  const columns = options.value("FIXEDWIDTH", fixedWidthColumns);
  if (columns !== undefined) return { type: "fixed-width", columns, nullText, escape, addQuotes };
  const isCsv = options.has("CSV");
  const delimited: DelimitedFormat = {
    delimiter: options.value("DELIMITER", delimiterByte) ?? (isCsv ? "," : "|").charCodeAt(0),
    nullText: nullText ?? "",
    header: options.has("HEADER"),
  };
  return isCsv ? { type: "csv", ...delimited } : { type: "text", escape, addQuotes, ...delimited };
}

export function planCompression(options: UnloadOptions): UnloadPlan["compression"] {
  if (options.has("GZIP")) return "gzip";
  if (options.has("BZIP2")) return "bzip2";
  return options.has("ZSTD") ? "zstd" : "none";
}

/** Redshift writes Parquet in steps of 32 MB. */
export function planFileSize(options: UnloadOptions): {
  readonly bytes: number;
  readonly warnings: readonly PlanWarning[];
} {
  const option = options.get("MAXFILESIZE");
  const isParquet = options.has("PARQUET");
  const asked = option === undefined ? FILE_SIZE.maxBytes : sizeBytes(option, FILE_SIZE, options.reading);
  const bytes = isParquet ? Math.max(PARQUET_STEP_BYTES, asked - (asked % PARQUET_STEP_BYTES)) : asked;
  if (option === undefined || bytes === asked) return { bytes, warnings: [] };
  const message = `MAXFILESIZE becomes ${bytes / 1024 / 1024} MB: PARQUET files grow in steps of 32 MB`;
  return { bytes, warnings: [{ message }] };
}

export function planPartition(options: UnloadOptions): UnloadPartition | undefined {
  const option = options.get("PARTITION BY");
  if (option === undefined) return undefined;
  const seen = new Set<string>();
  for (const [at, column] of options.names(option.columns).entries()) {
    const span = option.columns[at]?.span ?? option.span;
    if (seen.has(column)) throw badValue({ name: option.name, span }, `names ${column} twice`);
    seen.add(column);
  }
  return { columns: [...seen], include: option.include };
}
