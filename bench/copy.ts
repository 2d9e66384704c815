import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "./measure.ts";
import { comparePairs, SEALIFT, settings } from "./peers.ts";
import { fillBenchData, startBenchServer } from "./server.ts";

const PORT = 5598;
const NULL_AS = "@NULL@";

/** COPY of one gzip'd CSV file into an empty table, every value checked, against gunzip and psql's \copy. */
export async function benchCopy(): Promise<void> {
  const { gigabytes, runs } = settings();
  const server = startBenchServer(PORT);
  const folder = mkdtempSync(join(tmpdir(), "sealift-bench-in-"));
  try {
    fillBenchData(server, gigabytes);
    const file = join(folder, "t.csv.gz");
    const options = `(FORMAT csv, NULL '${NULL_AS}')`;
    const out = `\\copy lo_a TO PROGRAM 'gzip -1 > ${file}' WITH ${options}`;
    await measure(["psql", "-Xq", "-d", "postgres", "-c", out], server.environment);
    server.sql("CREATE TABLE target (LIKE lo_a)");
    process.stdout.write(`COPY of lo_a, of ${gigabytes} GB of COPY text in all\n`);
    await comparePairs({
      names: ["sealift COPY CSV GZIP", "gunzip | psql \\copy csv"],
      runs,
      a: async () => {
        server.sql("TRUNCATE target");
        const copy = `COPY target FROM 'file://${file}' CSV GZIP NULL AS '${NULL_AS}' STATUPDATE OFF`;
        return measure([...SEALIFT, "-q", "--progress=none", "-c", copy, server.connection]);
      },
      b: async () => {
        server.sql("TRUNCATE target");
        const copy = `\\copy target FROM PROGRAM 'gunzip < ${file}' WITH ${options}`;
        return measure(["psql", "-Xq", "-d", "postgres", "-c", copy], server.environment);
      },
    });
  } finally {
    server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
