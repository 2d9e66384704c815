// A process of its own that waits to be killed: argv is the directory and "idle", "load" (rows without end) or "frozen"
// (one load into an emptied table, which writes no log). It tells its parent how many batches are committed.
import { openEmbedded } from "../../src/engines/embedded/embedded.ts";
import type { ByteStream } from "../../src/std/bytes.ts";
import { utf8 } from "../../src/std/bytes.ts";

export const BATCH_ROWS = 20_000;

const TARGET = {
  schema: "public",
  name: "loaded",
  columns: ["batch", "n", "t"],
  rowFormat: "text",
  freeze: false,
} as const;

async function* batchOf(batch: number): ByteStream {
  const lines: string[] = [];
  for (let n = 0; n < BATCH_ROWS; n += 1) lines.push(`${batch}\t${n}\t${"x".repeat(n % 200)}\n`);
  yield utf8(lines.join(""));
}

async function main(directory: string, mode: string): Promise<never> {
  process.once("SIGTERM", () => process.exit(0));
  const engine = await openEmbedded({ directory });
  const sql = "CREATE TABLE loaded (batch int, n int, t text, PRIMARY KEY (batch, n))";
  if (mode !== "idle") for await (const _event of engine.run(sql));
  if (mode === "frozen") await engine.copyIn({ ...TARGET, freeze: true }, batchOf(1));
  process.send?.(0);
  if (mode !== "load") return new Promise<never>(() => undefined);
  for (let batch = 1; ; batch += 1) {
    await engine.copyIn(TARGET, batchOf(batch));
    process.send?.(batch);
  }
}

const [, program, directory, mode] = process.argv;
if (program === import.meta.filename && directory !== undefined && mode !== undefined) await main(directory, mode);
