import { workerData } from "node:worker_threads";
import type { FileRanges } from "../formats/readers/parquet.ts";
import { releaseBytes, type ByteStream } from "../std/bytes.ts";
import { WorkerLink } from "../transfer/worker-link.ts";
import { memoryOf } from "./row-source.ts";
import { convertFile, type LoadFileName, type LoadRecipe, type RowsRead } from "./convert.ts";
import type { ParquetRecipe } from "./parquet-rows.ts";
import { writeWish } from "./range-wish.ts";

const link = new WorkerLink<LoadFileName, RowsRead>();

/** A file's bytes as the main thread reads them; the next piece is asked for while one is worked on. */
async function* stored({ file }: LoadFileName): ByteStream {
  const ask = (): Promise<Uint8Array> => {
    const asked = link.fetch(String(file));
    // Its failure is told when its turn comes.
    asked.catch(() => undefined);
    return asked;
  };
  for (let next = ask(); ;) {
    const piece = await next;
    // Pieces are never empty; what is empty is the end.
    if (piece.length === 0) return;
    next = ask();
    yield piece;
    releaseBytes(piece);
  }
}

/** A file of which the main thread reads what is asked for. */
async function rangesOf({ file }: LoadFileName): Promise<FileRanges> {
  const byteLength = Number(Buffer.from(await link.fetch(writeWish({ file }))).toString());
  const slice = async (start: number, end: number = byteLength): Promise<ArrayBuffer> => {
    const { buffer } = await link.fetch(writeWish({ file, range: { start, end: Math.min(end, byteLength) } }));
    return buffer as ArrayBuffer;
  };
  return { byteLength, slice };
}

async function* rowsOf(file: LoadFileName, recipe: LoadRecipe | ParquetRecipe): AsyncGenerator<RowsRead> {
  if (!("serializeToJson" in recipe.format)) {
    yield* convertFile(stored(file), file, recipe as LoadRecipe);
    return;
  }
  const { parquetRows } = await import("./parquet-rows.ts");
  yield* parquetRows(await rangesOf(file), file, recipe as ParquetRecipe);
}

await link.run(async () => {
  for await (const file of link.tasks()) {
    for await (const read of rowsOf(file, workerData as LoadRecipe | ParquetRecipe)) {
      if (!isNothing(read)) await link.send(read, ...read.blocks.flatMap(memoryOf));
    }
  }
});

function isNothing({ blocks, refused, replacements, hasCarriageReturns, isLast }: RowsRead): boolean {
  return blocks.length + refused.length + replacements === 0 && !hasCarriageReturns && !isLast;
}
