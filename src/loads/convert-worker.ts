import { workerData } from "node:worker_threads";
import { releaseBytes, type ByteStream } from "../std/bytes.ts";
import { WorkerLink } from "../transfer/worker-link.ts";
import { memoryOf } from "./row-source.ts";
import { convertFile, type LoadFileName, type LoadRecipe, type RowsRead } from "./convert.ts";

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

await link.run(async () => {
  for await (const file of link.tasks()) {
    for await (const read of convertFile(stored(file), file, workerData as LoadRecipe)) {
      if (!isNothing(read)) await link.send(read, ...read.blocks.flatMap(memoryOf));
    }
  }
});

function isNothing({ blocks, refused, replacements, hasCarriageReturns, isLast }: RowsRead): boolean {
  return blocks.length + refused.length + replacements === 0 && !hasCarriageReturns && !isLast;
}
