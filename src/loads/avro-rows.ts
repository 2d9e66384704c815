import { AvroReader } from "../formats/readers/avro.ts";
import type { ByteStream } from "../std/bytes.ts";
import type { LoadRecipe, RowGathering, RowsRead } from "./convert.ts";

interface AvroRowsOptions {
  readonly label: string;
  readonly recipe: Pick<LoadRecipe, "mapping">;
  readonly gathering: RowGathering;
}

/** All but the last part. */
export async function* avroRows(
  content: ByteStream,
  { label, recipe, gathering }: AvroRowsOptions,
): AsyncGenerator<RowsRead> {
  for await (const _ of new AvroReader(gathering.writer, recipe.mapping, label).read(content)) {
    yield gathering.take(false);
  }
}
