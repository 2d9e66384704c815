import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "./measure.ts";
import { SEALIFT, settings } from "./peers.ts";
import { compareInRounds, type BenchCase } from "./rounds.ts";
import { fillBenchData, NARROW_WIDTHS, startBenchServer } from "./server.ts";

const PORT = 5598;
const TABLE = "lo_a";
const CLEAR = "gunzip | psql \\copy csv";
const SEALED = "openssl enc -d | gunzip | psql \\copy csv";
const KEY = "WITH kms = 'local-kms:///a'";
const CIPHER = "openssl enc -aes-256-cbc -pass pass:x -pbkdf2";

interface Format {
  readonly name: string;
  readonly unload: string;
  readonly copy: string;
  readonly peer: string;
}

const FORMATS: readonly Format[] = [
  { name: "CSV GZIP", unload: "CSV GZIP", copy: "CSV GZIP", peer: CLEAR },
  { name: "CSV GZIP, encrypted", unload: `CSV GZIP ${KEY}`, copy: `CSV GZIP ${KEY}`, peer: SEALED },
  {
    name: "delimited ESCAPE REMOVEQUOTES GZIP, encrypted",
    unload: `ESCAPE ADDQUOTES GZIP ${KEY}`,
    copy: `ESCAPE REMOVEQUOTES GZIP ${KEY}`,
    peer: SEALED,
  },
  { name: "JSON GZIP, encrypted", unload: `FORMAT JSON GZIP ${KEY}`, copy: `FORMAT JSON GZIP ${KEY}`, peer: SEALED },
  {
    name: "FIXEDWIDTH GZIP, encrypted",
    unload: `FIXEDWIDTH '${NARROW_WIDTHS}' GZIP ${KEY}`,
    copy: `FIXEDWIDTH '${NARROW_WIDTHS}' GZIP ${KEY}`,
    peer: SEALED,
  },
  { name: "PARQUET, encrypted", unload: `FORMAT PARQUET ${KEY}`, copy: `FORMAT PARQUET ${KEY}`, peer: SEALED },
];

/** COPY of every format into an empty table, every value checked, against psql's \copy. */
export async function benchCopy(): Promise<void> {
  const { gigabytes, runs, only } = settings();
  const server = startBenchServer(PORT);
  const folder = mkdtempSync(join(tmpdir(), "sealift-bench-in-"));
  try {
    fillBenchData(server, gigabytes);
    const keyring = { SEALIFT_KEYRING: join(folder, "keyring") };
    const sealift = async (sql: string): ReturnType<typeof measure> =>
      measure([...SEALIFT, "-q", "--progress=none", "-c", sql, server.connection], keyring);
    const shell = async (command: string): ReturnType<typeof measure> =>
      measure(["sh", "-c", command], server.environment);
    await sealift("CREATE KMS KEY 'local-kms:///a'");
    const out = `psql -Xq -d postgres -c '\\copy ${TABLE} TO STDOUT CSV' | gzip -1`;
    await shell(`${out} > ${folder}/clear && ${CIPHER} < ${folder}/clear > ${folder}/sealed`);
    server.sql(`CREATE TABLE target (LIKE ${TABLE})`);
    const load = "psql -Xq -d postgres -c '\\copy target FROM STDIN CSV'";
    const emptied =
      (run: BenchCase["run"]): BenchCase["run"] =>
      async () => {
        server.sql("TRUNCATE target");
        server.sql("CHECKPOINT");
        return run();
      };
    const cases: BenchCase[] = [
      { name: CLEAR, run: emptied(async () => shell(`gunzip < ${folder}/clear | ${load}`)) },
      { name: SEALED, run: emptied(async () => shell(`${CIPHER} -d < ${folder}/sealed | gunzip | ${load}`)) },
    ];
    for (const [at, { name, unload, copy, peer }] of FORMATS.entries()) {
      const files = `file://${folder}/${at}/t_`;
      await sealift(`UNLOAD ('SELECT * FROM ${TABLE}') TO '${files}' MANIFEST ${unload}`);
      const sql = `COPY target FROM '${files}manifest' MANIFEST STATUPDATE OFF ${copy}`;
      cases.push({ name: `sealift ${name}`, peer, run: emptied(async () => sealift(sql)) });
    }
    const sourceBytes = server.copyTextBytes(TABLE);
    process.stdout.write(`COPY of ${TABLE}, ${(sourceBytes / 1e6).toFixed(0)} MB of COPY text\n`);
    await compareInRounds(cases, { runs, sourceBytes, only });
  } finally {
    server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
