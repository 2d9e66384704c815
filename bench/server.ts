// The installed PostgreSQL, in a directory of its own: benchmarks need a server that the installed pg_dump can read.
import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface BenchServer {
  readonly connection: string;
  readonly environment: Readonly<Record<string, string>>;
  sql(text: string): string;
  /** A table's length as COPY writes it. */
  copyTextBytes(table: string): number;
  stop(): void;
}

const UNPRIVILEGED = 65_534;

function binaries(): string {
  const named = process.env["SEALIFT_BENCH_BIN"];
  if (named !== undefined) return named;
  const base = "/usr/lib/postgresql";
  const versions = existsSync(base) ? readdirSync(base).toSorted((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(base, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
  if (found === undefined)
    throw new Error("no PostgreSQL server binaries found; name their folder in SEALIFT_BENCH_BIN");
  return found;
}

export function startBenchServer(port: number): BenchServer {
  const bin = binaries();
  const home = mkdtempSync(join(tmpdir(), "sealift-bench-"));
  const asRoot = process.getuid?.() === 0;
  if (asRoot) chownSync(home, UNPRIVILEGED, UNPRIVILEGED);
  const run = (program: string, args: string[]): void => {
    const result = spawnSync(join(bin, program), args, {
      ...(asRoot ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {}),
      cwd: home,
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (result.status !== 0) throw new Error(`${program} failed`);
  };
  run("initdb", ["-D", join(home, "data"), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C"]);
  const settings = `-k ${home} -p ${port} -c listen_addresses= -c shared_buffers=2GB -c max_wal_size=8GB -c checkpoint_timeout=30min`;
  run("pg_ctl", ["-D", join(home, "data"), "-w", "-o", settings, "-l", join(home, "log"), "start"]);
  mkdirSync(join(home, "out"));
  const environment = { PGHOST: home, PGPORT: String(port), PGUSER: "postgres" };
  return {
    connection: `postgresql:///postgres?host=${home}&port=${port}&user=postgres`,
    environment,
    sql: (text) =>
      execFileSync(join(bin, "psql"), ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", "postgres", "-c", text], {
        env: { ...process.env, ...environment },
        encoding: "utf8",
      }).trim(),
    copyTextBytes(table) {
      const copy = `${join(bin, "psql")} -Xq -d postgres -c 'COPY ${table} TO STDOUT' | wc -c`;
      return Number(execFileSync("sh", ["-c", copy], { env: { ...process.env, ...environment }, encoding: "utf8" }));
    },
    stop() {
      spawnSync(join(bin, "pg_ctl"), ["-D", join(home, "data"), "-m", "immediate", "stop"], {
        ...(asRoot ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {}),
        stdio: "ignore",
      });
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** FIXEDWIDTH of the narrow tables. */
export const NARROW_WIDTHS = "a:10,b:2,c:6,d:6,e:5,f:10,g:12,h:3,i:10,j:10,k:3,l:10,m:7,n:19,o:8";

/** Four tables of the kinds that matter: narrow numeric rows twice, wide text, jsonb. About `gigabytes` of COPY text. */
export function fillBenchData(server: BenchServer, gigabytes: number): void {
  const rows = Math.round(4_600_000 * gigabytes);
  for (const half of ["a", "b"]) {
    server.sql(`CREATE TABLE lo_${half} AS SELECT n AS orderkey, (n % 7)::int AS linenumber, (n * 7919 % 300000)::int AS custkey,
      (n * 104729 % 200000)::int AS partkey, (n * 31 % 2000)::int AS suppkey, date '1992-01-01' + (n % 2400)::int AS orderdate,
      (ARRAY['1-URGENT','2-HIGH','3-MEDIUM','4-NOT SPECI','5-LOW'])[1 + n % 5] AS priority, (n % 50)::int AS quantity,
      ((n * 1237 % 5000000)::numeric / 100)::numeric(12, 2) AS extendedprice, ((n * 977 % 40000000)::numeric / 100)::numeric(12, 2) AS totalprice,
      (n % 11)::int AS discount, ((n * 547 % 5000000)::numeric / 100)::numeric(12, 2) AS revenue, (n * 733 % 100000)::int AS supplycost,
      timestamp '1992-01-01' + n * interval '1 second' AS committime, (ARRAY['REG AIR','AIR','RAIL','SHIP','TRUCK','MAIL','FOB'])[1 + n % 7] AS shipmode
      FROM generate_series(1::bigint, ${Math.round(rows / 2)}) AS n`);
  }
  server.sql(`CREATE TABLE widetext AS SELECT n AS id, (SELECT string_agg(md5((n * 20 + k)::text) || ' lorem ipsum dolor sit amet ', '')
    FROM generate_series(1, 10) AS k) AS body FROM generate_series(1::bigint, ${Math.round(390_000 * gigabytes)}) AS n`);
  server.sql(`CREATE TABLE events AS SELECT n AS id, jsonb_build_object('user', n % 10000, 'kind', (ARRAY['view','click','buy'])[1 + n % 3],
    'at', timestamp '2026-01-01' + n * interval '1 second', 'tags', jsonb_build_array(md5(n::text), 'a', 'b'), 'amount', n % 997) AS doc
    FROM generate_series(1::bigint, ${Math.round(1_250_000 * gigabytes)}) AS n`);
  server.sql(
    "ALTER TABLE lo_a ADD PRIMARY KEY (orderkey); CREATE INDEX ON lo_b (custkey); ALTER TABLE events ADD PRIMARY KEY (id)",
  );
  server.sql("VACUUM ANALYZE");
  server.sql("CHECKPOINT");
}
