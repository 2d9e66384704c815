import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "./measure.ts";
import { SEALIFT, settings } from "./peers.ts";
import { compareInRounds, type BenchCase } from "./rounds.ts";
import { fillBenchData, NARROW_WIDTHS, startBenchServer, type BenchServer } from "./server.ts";

const PORT = 5597;
const TABLE = "lo_a";
const SEALED = "psql \\copy csv | gzip | openssl enc";
const CLEAR = "psql \\copy csv | gzip";
const KEY = "WITH kms = 'local-kms:///a'";

const OURS: readonly (readonly [name: string, clauses: string, peer: string])[] = [
  ["CSV GZIP", "CSV GZIP", CLEAR],
  ["CSV GZIP, encrypted", `CSV GZIP ${KEY}`, SEALED],
  ["CSV GZIP PARALLEL OFF, encrypted", `CSV GZIP PARALLEL OFF ${KEY}`, SEALED],
  ["delimited ESCAPE ADDQUOTES GZIP, encrypted", `ESCAPE ADDQUOTES GZIP ${KEY}`, SEALED],
  ["delimited ESCAPE ADDQUOTES ZSTD, encrypted", `ESCAPE ADDQUOTES ZSTD ${KEY}`, SEALED],
  ["JSON GZIP, encrypted", `FORMAT JSON GZIP ${KEY}`, SEALED],
  ["FIXEDWIDTH GZIP, encrypted", `FIXEDWIDTH '${NARROW_WIDTHS}' GZIP ${KEY}`, SEALED],
  ["PARQUET, encrypted", `FORMAT PARQUET ${KEY}`, SEALED],
];

/** psql's rows through a shell's pipe. */
function pipe(server: BenchServer, rest: string): Promise<Awaited<ReturnType<typeof measure>>> {
  const copy = `psql -Xq -d postgres -c '\\copy (SELECT * FROM ${TABLE}) TO STDOUT CSV' | ${rest}`;
  return measure(["sh", "-c", copy], server.environment);
}

/** UNLOAD of one table in every format against psql's \copy through gzip and openssl. */
export async function benchUnload(): Promise<void> {
  const { gigabytes, runs, only } = settings();
  const server = startBenchServer(PORT);
  const out = mkdtempSync(join(tmpdir(), "sealift-bench-out-"));
  try {
    fillBenchData(server, gigabytes);
    const keyring = { SEALIFT_KEYRING: join(out, "keyring") };
    const sealift = async (sql: string): ReturnType<typeof measure> =>
      measure([...SEALIFT, "-q", "--progress=none", "-c", sql, server.connection], keyring);
    await sealift("CREATE KMS KEY 'local-kms:///a'");
    const files = join(out, "files");
    const peer = join(out, "peer");
    const enc = "openssl enc -aes-256-cbc -pass pass:x -pbkdf2";
    const cases: BenchCase[] = [
      { name: CLEAR, run: async () => pipe(server, `gzip > ${peer}`) },
      { name: SEALED, run: async () => pipe(server, `gzip | ${enc} > ${peer}`) },
      {
        name: "psql \\copy csv | gzip -1 | openssl enc",
        run: async () => pipe(server, `gzip -1 | ${enc} > ${peer}`),
        peer: SEALED,
      },
      ...OURS.map(([name, clauses, against]): BenchCase => ({
        name: `sealift ${name}`,
        peer: against,
        run: async () => {
          rmSync(files, { recursive: true, force: true });
          return sealift(`UNLOAD ('SELECT * FROM ${TABLE}') TO 'file://${files}/t_' MANIFEST ${clauses}`);
        },
      })),
    ];
    const sourceBytes = server.copyTextBytes(TABLE);
    process.stdout.write(`UNLOAD of ${TABLE}, ${(sourceBytes / 1e6).toFixed(0)} MB of COPY text\n`);
    await compareInRounds(cases, { runs, sourceBytes, only });
  } finally {
    server.stop();
    rmSync(out, { recursive: true, force: true });
  }
}
