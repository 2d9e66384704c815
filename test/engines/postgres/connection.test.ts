import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../../src/engines/engine.ts";
import { openPostgres } from "../../../src/engines/postgres/engine.ts";
import type { PostgresSettings } from "../../../src/engines/postgres/settings.ts";
import { collect, failureOf, rowsOfBlocks, tableOf } from "../../contracts/engine-support.ts";
import { streamOf } from "../../../src/std/bytes.ts";
import { PASSWORD_ROLE, startPostgres, type TestPostgres } from "../../harness/postgres-server.ts";

let server: TestPostgres;
let admin: Engine;
let tcp: PostgresSettings;
before(async () => {
  server = await startPostgres();
  admin = await openPostgres(server.settings);
  tcp = { ...server.settings, host: "127.0.0.1" };
});
after(async () => {
  await admin[Symbol.asyncDispose]();
  await server.stop();
});

void test("describes the server and where it is", async () => {
  const { description } = admin;
  const [row] = await admin.rows("SELECT current_setting('server_version_num'), current_user");
  assert.equal(String(description.versionNumber), row?.[0]);
  assert.equal(description.user, row?.[1]);
  assert.equal(description.superuser, true);
  assert.equal(description.location, `${server.settings.host}/.s.PGSQL.${server.port}`);
});

void test("a password that is wrong, missing or right", async () => {
  await collect(admin.run(`CREATE ROLE ${PASSWORD_ROLE} LOGIN PASSWORD 'open sesame'`));
  const settings = { ...tcp, user: PASSWORD_ROLE };
  const wrong = await failureOf(openPostgres({ ...settings, password: "close sesame" }));
  assert.equal(wrong.code, "engine/connect");
  assert.equal(wrong.sqlState, "28P01");
  assert.equal(
    wrong.message,
    `cannot connect to 127.0.0.1:${server.port}: password authentication failed for user "${PASSWORD_ROLE}"`,
  );
  assert.equal(wrong.hint, `check the password of ${PASSWORD_ROLE}`);
  const missing = await failureOf(openPostgres(settings));
  assert.equal(missing.message, `cannot connect to 127.0.0.1:${server.port}: the server wants a password`);
  await using engine = await openPostgres({ ...settings, password: "open sesame" });
  assert.equal(engine.description.superuser, false);
});

void test("a database, a port and a socket that are not there", async () => {
  const database = await failureOf(openPostgres({ ...tcp, database: "atlantis" }));
  assert.match(database.message, /: database "atlantis" does not exist$/);
  assert.equal(database.sqlState, "3D000");
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  const refused = await failureOf(openPostgres({ ...tcp, port }));
  assert.equal(refused.message, `cannot connect to 127.0.0.1:${port}: connection refused`);
  const socket = await failureOf(openPostgres({ ...server.settings, port: 1 }));
  assert.match(socket.message, /\.s\.PGSQL\.1: no such socket$/);
});

void test("a server that never answers is given up after the connect timeout", async () => {
  const mute = createServer().listen(0, "127.0.0.1");
  await once(mute, "listening");
  const { port } = mute.address() as AddressInfo;
  const error = await failureOf(openPostgres({ ...tcp, port, connectTimeoutMs: 50 }));
  assert.equal(error.message, `cannot connect to 127.0.0.1:${port}: no answer in time`);
  mute.close();
});

void test("a killed backend is a lost connection, and stays one", async () => {
  await using engine = await openPostgres(tcp);
  const error = await failureOf(collect(engine.run("SELECT pg_terminate_backend(pg_backend_pid())")));
  assert.deepEqual([error.code, error.sqlState], ["engine/lost", "57P01"]);
  assert.equal((await failureOf(engine.rows("SELECT 1"))).code, "engine/lost");
});

void test("another database of the same server", async () => {
  await server.withDatabase(async ({ database }) => {
    await using other = await admin.openDatabase(database);
    assert.deepEqual(await other.rows("SELECT current_database()"), [[database]]);
  });
});

void test("two statements at once on one session are a fault of the caller", async () => {
  const first = admin.rows("SELECT pg_sleep(0.05)");
  assert.equal((await failureOf(admin.rows("SELECT 1"))).code, "bug/invariant");
  await first;
  assert.deepEqual(await admin.rows("SELECT 1"), [["1"]]);
});

void test("notifications are told as notices", async () => {
  const events = await collect(admin.run("LISTEN bell; NOTIFY bell, 'ding'; SELECT 1"));
  const notices = events.flatMap((event) => (event.type === "notice" ? [event.message] : []));
  assert.match(notices.join(), /^notification "bell" with "ding" from process \d+$/);
});

void test("rows of an SQL_ASCII database come and go as the bytes they are", async () => {
  await collect(admin.run("CREATE DATABASE bare ENCODING 'SQL_ASCII' TEMPLATE template0"));
  {
    await using engine = await admin.openDatabase("bare");
    await collect(engine.run("CREATE TABLE raw AS SELECT convert_from('\\xe9ff41', 'SQL_ASCII') AS t"));
    await using snapshot = await engine.openSnapshot();
    const table = await tableOf(snapshot, "raw");
    const rows = await rowsOfBlocks(snapshot.copyOut(table, { rowFormat: "text" }));
    assert.deepEqual(rows, [Uint8Array.of(0xe9, 0xff, 0x41, 0x0a)]);
    const target = { schema: "public", name: "raw", columns: ["t"], rowFormat: "text", freeze: false } as const;
    await engine.copyIn(target, streamOf(...rows));
    assert.deepEqual(await engine.rows("SELECT DISTINCT encode(t::bytea, 'hex') FROM raw"), [["e9ff41"]]);
  }
  await collect(admin.run("DROP DATABASE bare"));
});

/** Passes bytes on in both directions and counts those of the server; a connection that is not read holds it up. */
async function startCounter(port: number): Promise<{ proxy: Server; count: () => number; port: number }> {
  let bytes = 0;
  const proxy = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    upstream.on("data", (chunk) => (bytes += chunk.length));
    client.pipe(upstream).pipe(client);
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return { proxy, count: () => bytes, port: (proxy.address() as AddressInfo).port };
}

/** Resolves when the server waits for its reader. */
async function whenBlocked(): Promise<void> {
  const waiting = "SELECT FROM pg_stat_activity WHERE application_name = 'slow' AND wait_event = 'ClientWrite'";
  while ((await admin.rows(waiting)).length === 0) await sleep(5);
}

void test("a slow reader slows the server down: what is not pulled is not read", async () => {
  const counter = await startCounter(server.port);
  const query = "SELECT repeat('s', 1000) FROM generate_series(1, 100000)";
  {
    await using engine = await openPostgres({ ...tcp, port: counter.port, applicationName: "slow" });
    for (const sql of [query, `COPY (${query}) TO STDOUT`]) {
      const before = counter.count();
      const events = engine.run(sql)[Symbol.asyncIterator]();
      await events.next();
      await whenBlocked();
      // Sockets and the proxy hold some MB; the whole answer is 100 MB.
      assert.ok(counter.count() - before < 40_000_000, `${counter.count() - before} bytes were read`);
      await events.return?.();
    }
    assert.deepEqual(await engine.rows("SELECT 1"), [["1"]]);
  }
  counter.proxy.close();
});

function createCertificate(): boolean {
  const [key, certificate] = [
    join(server.socketDir, "data", "server.key"),
    join(server.socketDir, "data", "server.crt"),
  ];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  try {
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        ...subject,
        "-keyout",
        key,
        "-out",
        certificate,
      ],
      { stdio: "pipe" },
    );
  } catch {
    return false;
  }
  chmodSync(key, 0o600);
  if (process.getuid?.() === 0) execFileSync("chown", ["65534:65534", key, certificate]);
  return true;
}

void test("a cancel request reaches a server without TLS although TLS is preferred", async () => {
  await using engine = await openPostgres({ ...tcp, tls: { mode: "prefer" } });
  const abort = new AbortController();
  const sleeping = async (): Promise<void> => {
    const sql = "DO $$ BEGIN RAISE NOTICE 'asleep'; PERFORM pg_sleep(5); END $$";
    for await (const event of engine.run(sql, { signal: abort.signal })) if (event.type === "notice") abort.abort();
  };
  assert.equal((await failureOf(sleeping())).code, "job/interrupted");
});

void test("TLS: required, checked by authority and by name, and preferred where there is none", async (context) => {
  const preferred: PostgresSettings = { ...tcp, host: "localhost", tls: { mode: "prefer" } };
  const isEncrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
  {
    await using engine = await openPostgres(preferred);
    assert.deepEqual(await engine.rows(isEncrypted), [["f"]]);
  }
  assert.equal((await failureOf(openPostgres({ ...tcp, tls: { mode: "require" } }))).code, "engine/connect");
  if (process.env["SEALIFT_TEST_PG"] !== undefined || !createCertificate()) {
    context.skip("runs with a server of its own (without SEALIFT_TEST_PG) and openssl on the PATH");
    return;
  }
  await collect(admin.run("ALTER SYSTEM SET ssl = on"));
  await admin.rows("SELECT pg_reload_conf()");
  const rootCertificate = readFileSync(join(server.socketDir, "data", "server.crt"), "utf8");
  await using engine = await openPostgres({ ...preferred, tls: { mode: "verify-full", rootCertificate } });
  assert.deepEqual(await engine.rows(isEncrypted), [["t"]]);
  const large = await collect(engine.run("SELECT repeat('t', 1000) FROM generate_series(1, 20000)"));
  assert.equal(large.flatMap((event) => (event.type === "rows" ? event.rows : [])).length, 20_000);
  const byAddress = { ...preferred, host: "127.0.0.1" };
  const misnamed = await failureOf(openPostgres({ ...byAddress, tls: { mode: "verify-full", rootCertificate } }));
  assert.match(misnamed.hint ?? "", /verify-ca/);
  await using byAuthority = await openPostgres({ ...byAddress, tls: { mode: "verify-ca", rootCertificate } });
  assert.deepEqual(await byAuthority.rows(isEncrypted), [["t"]]);
  assert.equal((await failureOf(openPostgres({ ...byAddress, tls: { mode: "verify-ca" } }))).code, "engine/connect");
  const abort = new AbortController();
  const sleeping = async (): Promise<void> => {
    const sql = "DO $$ BEGIN RAISE NOTICE 'asleep'; PERFORM pg_sleep(600); END $$";
    for await (const event of byAuthority.run(sql, { signal: abort.signal }))
      if (event.type === "notice") abort.abort();
  };
  assert.equal((await failureOf(sleeping())).code, "job/interrupted");
});
