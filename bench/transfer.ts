// Export and import of a table beside pg_dump and pg_restore, in turns, on one server:
//   SEALIFT_TEST_PG=postgres://… PG_BIN=/usr/lib/postgresql/15/bin node dist/bench/transfer.js [rows] [repetitions]
// Stored bytes are written to files, as pg_dump writes its own. Prints medians; the first turn warms up.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataKey } from "../src/crypto/data-key.ts";
import type { Engine, TableInfo } from "../src/engines/engine.ts";
import { releaseBytes } from "../src/std/bytes.ts";
import { openPostgres } from "../src/engines/postgres/engine.ts";
import type { PostgresSettings } from "../src/engines/postgres/settings.ts";
import { exportTables } from "../src/transfer/export.ts";
import { importTables } from "../src/transfer/import.ts";
import { segmentKeysOf, type SegmentKeys } from "../src/transfer/segment-id.ts";
import type { SealedSegment } from "../src/transfer/pack.ts";
import { startPostgres } from "../test/harness/postgres-server.ts";

const [rows = 8_000_000, repetitions = 3] = process.argv.slice(2).map(Number);
const JOBS = 2;
const PARTS = ["lo_a", "lo_b"];

const lineorder = (name: string, seed: number, count: number): string => `
  CREATE TABLE ${name} AS SELECT n::int AS orderkey, (n % 7 + 1)::int AS linenumber, (n * 7919 % 300000)::int AS custkey,
    (n * 104729 % 200000)::int AS partkey, (n * 31 % 20000)::int AS suppkey, date '1992-01-01' + (n % 2400)::int AS orderdate,
    (ARRAY['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW'])[n % 5 + 1] AS priority, '0'::char(1) AS shippriority,
    (n % 50 + 1)::int AS quantity, (n * 17 % 10494950)::numeric(12, 2) / 100 AS price, (n % 11)::numeric(4, 2) AS discount,
    (n * 13 % 10000000)::numeric(12, 2) / 100 AS revenue, (n % 9)::int AS tax, timestamp '1992-01-01' + n * interval '1 second' AS at,
    (ARRAY['RAIL', 'SHIP', 'TRUCK', 'MAIL', 'AIR'])[n * 3 % 5 + 1] AS shipmode, md5(n::text) AS digest
  FROM generate_series(${seed}::int8, ${seed + count - 1}::int8) AS n`;

interface Run {
  readonly wallS: number;
  readonly cpuS: number;
  readonly bytes: number;
}

async function measure(work: () => Promise<number>): Promise<Run> {
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  const bytes = await work();
  const used = process.cpuUsage(cpu);
  return { wallS: (performance.now() - from) / 1000, cpuS: (used.user + used.system) / 1e6, bytes };
}

function print(name: string, runs: readonly Run[]): void {
  const middle = runs.slice(1).toSorted((a, b) => a.wallS - b.wallS)[Math.floor((runs.length - 1) / 2)];
  const all = runs.map((run) => run.wallS.toFixed(2)).join(" ");
  const own = `${middle?.cpuS.toFixed(2)} s cpu`;
  process.stdout.write(
    `${name.padEnd(12)} ${middle?.wallS.toFixed(2)} s  ${own}  ${((middle?.bytes ?? 0) / 1e6).toFixed(0)} MB  (${all})\n`,
  );
}

interface Exported {
  readonly tables: readonly TableInfo[];
  readonly segments: readonly SealedSegment[];
}

async function exportTo(folder: string, engine: Engine, keys: SegmentKeys): Promise<Exported> {
  await using snapshot = await engine.openSnapshot();
  const tables = (await snapshot.tables()).filter(({ name }) => PARTS.includes(name));
  const segments: SealedSegment[] = [];
  for await (const item of exportTables(snapshot, tables, { jobs: JOBS, keys })) {
    if (item.type !== "segment") continue;
    const { stored, ...facts } = item;
    if (stored !== undefined) {
      await writeFile(join(folder, item.id), stored);
      releaseBytes(stored);
    }
    segments.push(facts);
  }
  return {
    tables,
    segments: segments.toSorted((a, b) => a.table - b.table || a.range - b.range || a.sequence - b.sequence),
  };
}

async function importFrom(
  folder: string,
  engine: Engine,
  { tables, segments }: Exported,
  keys: SegmentKeys,
): Promise<void> {
  const loads = tables.map(({ schema, name, columns, rowFormat }, table) => ({
    target: { schema, name, columns, rowFormat, freeze: true },
    segments: segments.filter((segment) => segment.table === table),
  }));
  const read = (id: string): Promise<Uint8Array> => readFile(join(folder, id));
  for await (const item of importTables(engine, loads, { jobs: JOBS, keys, read })) void item;
}

async function execute(engine: Engine, sql: string): Promise<void> {
  for await (const event of engine.run(sql)) void event;
}

function tool(name: string, settings: PostgresSettings, ...flags: readonly string[]): void {
  const binary = join(process.env["PG_BIN"] ?? "", name);
  const place = ["-h", settings.host, "-p", String(settings.port), "-U", settings.user, "-d", settings.database];
  execFileSync(binary, [...place, `-j${JOBS}`, ...flags], { stdio: "inherit" });
}

async function compare(settings: PostgresSettings, folder: string): Promise<void> {
  await using engine = await openPostgres(settings);
  using dataKey = DataKey.generate();
  const keys = segmentKeysOf(dataKey);
  await execute(engine, PARTS.map((name, index) => lineorder(name, 1 + (index * rows) / 2, rows / 2)).join(";"));
  await execute(engine, "VACUUM ANALYZE");
  const runs: Record<"export" | "pg_dump" | "import" | "pg_restore", Run[]> = {
    export: [],
    pg_dump: [],
    import: [],
    pg_restore: [],
  };
  const [ours, theirs] = [join(folder, "ours"), join(folder, "theirs")];
  for (let turn = 0; turn <= repetitions; turn += 1) {
    rmSync(ours, { recursive: true, force: true });
    mkdirSync(ours);
    let exported: Exported = { tables: [], segments: [] };
    runs.export.push(
      await measure(async () => {
        exported = await exportTo(ours, engine, keys);
        return exported.segments.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
      }),
    );
    const truncate = `TRUNCATE ${PARTS.join()}`;
    if (process.env["PG_BIN"] !== undefined) {
      rmSync(theirs, { recursive: true, force: true });
      runs.pg_dump.push(await measure(async () => (tool("pg_dump", settings, "-Fd", "-Z1", "-f", theirs), 0)));
      await execute(engine, truncate);
      runs.pg_restore.push(await measure(async () => (tool("pg_restore", settings, "-a", theirs), 0)));
    }
    await execute(engine, truncate);
    runs.import.push(await measure(async () => (await importFrom(ours, engine, exported, keys), 0)));
  }
  for (const [name, some] of Object.entries(runs)) print(name, some);
  process.stdout.write(`peak memory of this process ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB\n`);
}

await using server = await startPostgres();
const folder = mkdtempSync(join(tmpdir(), "sealift-bench-"));
try {
  await server.withDatabase((settings) => compare(settings, folder));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
