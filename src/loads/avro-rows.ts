import type { LoadBlock } from "../formats/columns/row-writer.ts";
import { decompress } from "../formats/decompress/decompress.ts";
import { AvroReader } from "../formats/readers/avro.ts";
import { readFile, type OpenFile } from "./open-file.ts";
import { counted, type RowsOptions } from "./rows.ts";

export async function* avroRows(file: OpenFile, options: RowsOptions): AsyncGenerator<LoadBlock> {
  const { plan, progress, signal, writer, errors, mapping } = options;
  const { label } = file.file;
  const content = decompress(counted(readFile(file, signal), progress), plan.compression, label);
  for await (const _ of new AvroReader(writer, mapping, label).read(content)) {
    errors.throwIfOver();
    yield* writer.take();
  }
  errors.throwIfOver();
}
