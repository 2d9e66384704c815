import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { parse } from "pg-connection-string";
import type { PostgresSettings } from "../../src/engines/postgres/settings.ts";
import { quoteIdentifier, quoteLiteral } from "../../src/engines/sql.ts";
import { ROOT } from "./root.ts";
import { NOBODY, openBinaries, type PostgresBinaries } from "./postgres-binaries.ts";

/** A role of this name has to give its password; everybody else is trusted. Tests create it themselves. */
export const PASSWORD_ROLE = "needs_password";

const START_TIMEOUT_MS = 30_000;
/** Longest path of a unix socket is 107 bytes (unix(7)); what follows the directory takes up to 32. */
const SOCKET_DIRECTORY_BYTES_MAX = 75;

// The server lives and dies with its standard input: when the test process ends, however it ends, the shell sees the
// end of the pipe, stops the server and removes its directory.
const SUPERVISOR = `
  "$1" -D "$2/data" >"$2/log" 2>&1 &
  server=$!
  cat >/dev/null
  kill -QUIT $server
  wait $server
  rm -rf "$2"
`;

const CONFIGURATION = `
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 64MB
max_connections = 60
max_wal_size = 2GB
log_min_messages = warning
timezone = 'UTC'
password_encryption = 'scram-sha-256'
`;

const AUTHENTICATION = `
local all ${PASSWORD_ROLE} scram-sha-256
host all ${PASSWORD_ROLE} 127.0.0.1/32 scram-sha-256
local all all trust
host all all 127.0.0.1/32 trust
`;

export interface TestPostgres extends AsyncDisposable {
  /** The superuser over the unix socket, to the database `postgres`. */
  readonly settings: PostgresSettings;
  /** The same as a URI over TCP. */
  readonly url: string;
  readonly socketDir: string;
  readonly port: number;
  /** A database that exists for the length of the call: empty, or a copy of a template nobody is connected to. */
  withDatabase<T>(work: (settings: PostgresSettings) => Promise<T>, template?: string): Promise<T>;
  /** Ends who is connected to it; servers before 13 have no option for that. */
  dropDatabase(database: string): Promise<void>;
  /** server_version_num. */
  versionNumber(): Promise<number>;
  /** May be called twice. */
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

function createDirectory(): string {
  const parent = tmpdir().length > SOCKET_DIRECTORY_BYTES_MAX ? "/tmp" : tmpdir();
  const directory = mkdtempSync(join(parent, "sealift-pg-"));
  chmodSync(directory, 0o755);
  return directory;
}

function childOptions(binaries: PostgresBinaries): { cwd: string; env: Record<string, string>; uid?: number } {
  const environment = { LD_LIBRARY_PATH: binaries.libraryPath, PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
  return { cwd: "/", env: environment, ...(process.getuid?.() === 0 ? NOBODY : {}) };
}

/** The supervisor runs as the server's user and has to be able to remove all of it. */
function giveAway(directory: string): void {
  if (process.getuid?.() === 0) execFileSync("chown", ["-Rh", `${NOBODY.uid}:${NOBODY.gid}`, directory]);
}

/** A cluster as initdb left it, kept with the build: copying one takes a tenth of making one. */
function templateOf(binaries: PostgresBinaries): string {
  const version = execFileSync(binaries.initdb, ["--version"], { ...childOptions(binaries), encoding: "utf8" });
  return join(ROOT, "dist", "test-cache", `postgres-${version.replace(/[^\w.]+/g, "-")}`);
}

/** With modes: a server refuses a folder that others may read. */
function copyCluster(from: string, to: string): void {
  execFileSync("cp", ["-Rp", from, to]);
}

/** Of two test files that get here at once the second keeps nothing. */
function keepTemplate(data: string, template: string): void {
  const copy = `${template}.${process.pid}`;
  mkdirSync(dirname(template), { recursive: true });
  copyCluster(data, copy);
  try {
    renameSync(copy, template);
  } catch {
    rmSync(copy, { recursive: true });
  }
}

function createCluster(binaries: PostgresBinaries, directory: string, port: number): void {
  const data = join(directory, "data");
  const template = templateOf(binaries);
  if (existsSync(template)) {
    copyCluster(template, data);
    giveAway(directory);
  } else {
    giveAway(directory);
    const flags = ["-U", "postgres", "-A", "trust", "--encoding=UTF8", "--no-locale", "--no-sync"];
    execFileSync(binaries.initdb, ["-D", data, ...flags], { ...childOptions(binaries), stdio: "pipe" });
    keepTemplate(data, template);
  }
  const place = `listen_addresses = '127.0.0.1'\nport = ${port}\nunix_socket_directories = '${directory}'\n`;
  writeFileSync(join(data, "postgresql.auto.conf"), `${CONFIGURATION}${place}`);
  writeFileSync(join(data, "pg_hba.conf"), AUTHENTICATION);
}

async function waitUntilReady(supervisor: ChildProcess, directory: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && supervisor.exitCode === null) {
    try {
      // The eighth line of the lock file says "ready" once connections are taken (miscadmin.h, LOCK_FILE_LINE_PM_STATUS).
      const lines = readFileSync(join(directory, "data", "postmaster.pid"), "utf8").split("\n");
      if (lines[7]?.trim() === "ready") return;
    } catch {
      // The file appears a moment after the process.
    }
    await sleep(10);
  }
  throw new Error(`the test server did not start:\n${readFileSync(join(directory, "log"), "utf8")}`);
}

async function withDatabase<T>(
  settings: PostgresSettings,
  work: (settings: PostgresSettings) => Promise<T>,
  template = "template1",
): Promise<T> {
  const database = `test_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
  await administer(settings, `CREATE DATABASE ${database} TEMPLATE ${template}`);
  try {
    return await work({ ...settings, database });
  } finally {
    await dropDatabase(settings, database);
  }
}

async function dropDatabase(settings: PostgresSettings, database: string): Promise<void> {
  const sessions = `FROM pg_stat_activity WHERE datname = ${quoteLiteral(database)}`;
  await administer(settings, `SELECT pg_terminate_backend(pid) ${sessions}`);
  await administer(settings, `DROP DATABASE ${quoteIdentifier(database)}`);
}

async function versionNumberOf(settings: PostgresSettings): Promise<number> {
  const [row] = await administer(settings, "SELECT current_setting('server_version_num')::int AS number");
  return Number(row?.["number"]);
}

async function administer(settings: PostgresSettings, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ ...settings });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** The server that SEALIFT_TEST_PG names; it is left running. */
function existingPostgres(url: string): TestPostgres {
  const parsed = parse(url);
  const settings: PostgresSettings = {
    host: parsed.host ?? "localhost",
    port: Number(parsed.port ?? 5432),
    database: parsed.database ?? "postgres",
    user: parsed.user ?? "postgres",
    ...(parsed.password === undefined ? {} : { password: parsed.password }),
  };
  const stop = (): Promise<void> => Promise.resolve();
  return {
    settings,
    url,
    socketDir: settings.host,
    port: settings.port,
    withDatabase: (work, template) => withDatabase(settings, work, template),
    dropDatabase: (database) => dropDatabase(settings, database),
    versionNumber: () => versionNumberOf(settings),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/**
 * Starts a PostgreSQL of its own in a temporary directory, without fsync, or takes the one SEALIFT_TEST_PG names.
 * SEALIFT_TEST_PG_PACKAGE names the folder of another version's unpacked package.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const given = process.env["SEALIFT_TEST_PG"];
  if (given !== undefined && given !== "") return existingPostgres(given);
  return startPackage(process.env["SEALIFT_TEST_PG_PACKAGE"] ?? "");
}

/** Starts a server from an unpacked package; without a name, from the one this project installs. */
export async function startPackage(unpacked = ""): Promise<TestPostgres> {
  const directory = createDirectory();
  const [port, binaries] = [await freePort(), openBinaries(directory, unpacked)];
  try {
    createCluster(binaries, directory, port);
  } catch (cause) {
    rmSync(directory, { recursive: true, force: true });
    throw cause;
  }
  const supervisor = spawn("/bin/sh", ["-c", SUPERVISOR, "sh", binaries.postgres, directory], {
    ...childOptions(binaries),
    stdio: ["pipe", "ignore", "inherit"],
    detached: true,
  });
  const ended = once(supervisor, "exit");
  supervisor.unref();
  const stop = async (): Promise<void> => {
    supervisor.ref();
    supervisor.stdin.end();
    await ended;
  };
  try {
    await waitUntilReady(supervisor, directory);
  } catch (cause) {
    await stop();
    throw cause;
  }
  const settings: PostgresSettings = { host: directory, port, database: "postgres", user: "postgres" };
  return {
    settings,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    socketDir: directory,
    port,
    withDatabase: (work, template) => withDatabase(settings, work, template),
    dropDatabase: (database) => dropDatabase(settings, database),
    versionNumber: () => versionNumberOf(settings),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
