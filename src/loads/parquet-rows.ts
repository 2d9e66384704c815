// One PARQUET file of a COPY, from its ranges after decryption to rows, in any thread.
import { readParquet, type FileRanges } from "../formats/readers/parquet.ts";
import type { CopyFormat } from "../plan/copy-plan.ts";
import { RowGathering, type LoadFileName, type LoadRecipe, type RowsRead } from "./convert.ts";

/** What has to be known to turn files into rows; can be sent to worker threads. */
export interface ParquetRecipe extends Pick<LoadRecipe, "columns" | "conversion"> {
  readonly format: Extract<CopyFormat, { type: "parquet" | "orc" }>;
}

/** The rows of a file, part by part; the last one says so. */
export async function* parquetRows(
  ranges: FileRanges,
  { file, label }: LoadFileName,
  recipe: ParquetRecipe,
): AsyncGenerator<RowsRead> {
  const gathering = new RowGathering(recipe, file);
  const { fillRecord } = recipe.conversion;
  const how = { label, fillRecord, serializeToJson: recipe.format.serializeToJson };
  for await (const _ of readParquet(ranges, gathering.writer, how)) yield gathering.take(false);
  yield gathering.take(true);
}
