import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "./measure.ts";
import { comparePairs, SEALIFT, settings } from "./peers.ts";
import { fillBenchData, startBenchServer } from "./server.ts";

const PORT = 5597;

/** UNLOAD of one table as gzip'd CSV, encrypted under a key, against psql's \copy through gzip, in the clear. */
export async function benchUnload(): Promise<void> {
  const { gigabytes, runs } = settings();
  const server = startBenchServer(PORT);
  const out = mkdtempSync(join(tmpdir(), "sealift-bench-out-"));
  try {
    fillBenchData(server, gigabytes);
    const table = server.sql(
      "SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY pg_relation_size(oid) DESC LIMIT 1",
    );
    const keyring = { SEALIFT_KEYRING: join(out, "keyring") };
    const sealift = async (sql: string): ReturnType<typeof measure> =>
      measure([...SEALIFT, "-q", "--progress=none", "-c", sql, server.connection], keyring);
    await sealift("CREATE KMS KEY 'local-kms:///a'");
    process.stdout.write(`UNLOAD of ${table}, the largest of ${gigabytes} GB of COPY text\n`);
    await comparePairs({
      names: ["sealift UNLOAD CSV GZIP, encrypted", "psql \\copy csv | gzip -1, in the clear"],
      runs,
      a: async () => {
        rmSync(join(out, "files"), { recursive: true, force: true });
        return sealift(
          `UNLOAD ('SELECT * FROM ${table}') TO 'file://${out}/files/t_' CSV GZIP MANIFEST WITH kms = 'local-kms:///a'`,
        );
      },
      b: async () => {
        const copy = `\\copy (SELECT * FROM ${table}) TO PROGRAM 'gzip -1 > ${out}/peer.gz' CSV`;
        return measure(["psql", "-Xq", "-d", "postgres", "-c", copy], server.environment);
      },
    });
  } finally {
    server.stop();
    rmSync(out, { recursive: true, force: true });
  }
}
