import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { dumpSchemaToc, type DumpSchemaOptions } from "../../../src/engines/pg-dump/dump-schema.ts";
import { openSocketTransport } from "../../../src/engines/pg-dump/socket-transport.ts";
import type { DumpTransport } from "../../../src/engines/pg-dump/transport.ts";
import type { PostgresSettings } from "../../../src/engines/postgres/settings.ts";
import { ShellError, type Code } from "../../../src/errors.ts";
import type { DumpToc } from "../../../src/formats/dump-toc.ts";
import { PASSWORD_ROLE, startPostgres, type TestPostgres } from "../../harness/postgres-server.ts";
import { connect, openSession, type Session } from "../../harness/schema.ts";

let server: TestPostgres;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

type More = Partial<DumpSchemaOptions> & { readonly wrap?: (transport: DumpTransport) => DumpTransport };

function dumpWith(settings: PostgresSettings, more: More = {}): Promise<DumpToc> {
  const { wrap, ...options } = more;
  const open = async (): Promise<DumpTransport> => {
    const transport = await openSocketTransport(() => connect(settings));
    return wrap === undefined ? transport : wrap(transport);
  };
  return dumpSchemaToc(open, { database: settings.database, ...options });
}

function tags(toc: DumpToc, type: string): readonly string[] {
  return toc.entries.filter((entry) => entry.type === type).map(({ tag }) => tag);
}

function fails(code: Code, sqlState?: string): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof ShellError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    if (sqlState !== undefined) assert.equal(thrown.sqlState, sqlState);
    return true;
  };
}

/** Waits until a session waits for a lock, or until none does. */
async function waitForLock(session: Session, waits: boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const [[waiting] = []] = await session.query("SELECT count(*) FROM pg_locks WHERE NOT granted");
    if ((waiting !== "0") === waits) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
  throw new Error(waits ? "the dump never waited for the lock" : "the dump's server process still waits");
}

describe("pg_dump over an authenticated connection", () => {
  test("queries longer than libpq's buffer, and names of any characters", async () => {
    await server.withDatabase(async (settings) => {
      await using session = await openSession(settings);
      await session.run(`DO $$ BEGIN FOR i IN 1..700 LOOP
        EXECUTE format('CREATE TABLE public.%I (id serial PRIMARY KEY)', 'table; "' || i); END LOOP; END $$`);
      const toc = await dumpWith(settings);
      assert.equal(toc.database, settings.database);
      assert.equal(tags(toc, "TABLE").length, 700);
      assert.ok(tags(toc, "TABLE").includes('table; "700'));
    });
  });

  test("a database whose name is a connection string", async () => {
    await using session = await openSession(server.settings);
    const database = "host=nowhere 'x\\";
    await session.run(`CREATE DATABASE "${database}"`);
    const toc = await dumpWith({ ...server.settings, database });
    assert.equal(toc.database, database);
    assert.deepEqual(tags(toc, "DATABASE"), [database]);
    await server.dropDatabase(database);
  });

  test("reads the snapshot it is given", async () => {
    await server.withDatabase(async (settings) => {
      await using holder = await openSession(settings);
      await holder.run("CREATE TABLE early ()");
      await holder.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
      const [[snapshotId] = []] = await holder.query("SELECT pg_export_snapshot()");
      await using other = await openSession(settings);
      await other.run("CREATE TABLE late ()");
      assert.deepEqual(tags(await dumpWith(settings, { snapshotId: snapshotId ?? "" }), "TABLE"), ["early"]);
      assert.deepEqual(tags(await dumpWith(settings), "TABLE"), ["early", "late"]);
      await assert.rejects(dumpWith(settings, { snapshotId: "00000000-00000000-1" }), fails("engine/failed"));
    });
  });

  test("a role with a password, which may not read everything", async () => {
    await server.withDatabase(async (settings) => {
      await using session = await openSession(settings);
      await session.run(`CREATE ROLE ${PASSWORD_ROLE} LOGIN PASSWORD 'sesame'; CREATE TABLE closed ()`);
      const role = { ...settings, user: PASSWORD_ROLE, password: "sesame" };
      await assert.rejects(dumpWith(role), (thrown) => {
        assert.ok(fails("engine/failed", "42501")(thrown));
        return thrown instanceof ShellError && /permission denied for (?:table|relation) closed/.test(thrown.message);
      });
      await session.run(`GRANT SELECT ON closed TO ${PASSWORD_ROLE}`);
      assert.deepEqual(tags(await dumpWith(role), "TABLE"), ["closed"]);
      await session.run(`DROP OWNED BY ${PASSWORD_ROLE}; DROP ROLE ${PASSWORD_ROLE}`);
    });
  });

  test("materialized views that hold rows have an entry that says so", async () => {
    await server.withDatabase(async (settings) => {
      await using session = await openSession(settings);
      await session.run(
        "CREATE MATERIALIZED VIEW full_one AS SELECT 1; CREATE MATERIALIZED VIEW empty_one AS SELECT 1 WITH NO DATA",
      );
      assert.deepEqual(tags(await dumpWith(settings), "MATERIALIZED VIEW DATA"), ["full_one"]);
    });
  });

  test("abort while it waits for a lock ends the server process", async () => {
    await server.withDatabase(async (settings) => {
      await using session = await openSession(settings);
      await using watcher = await openSession(settings);
      await session.run("CREATE TABLE locked ()");
      await session.run("BEGIN; LOCK TABLE locked");
      const abort = new AbortController();
      const dumping = dumpWith(settings, { signal: abort.signal });
      const ended = assert.rejects(dumping, fails("job/interrupted"));
      await waitForLock(watcher, true);
      abort.abort();
      await ended;
      // The holder of the lock is still there: only the server process that waited for it is gone.
      await waitForLock(watcher, false);
    });
  });

  test("a signal aborted before the start opens no connection", async () => {
    const open = (): Promise<DumpTransport> => Promise.reject(new Error("opened"));
    const options = { database: "postgres", signal: AbortSignal.abort() };
    await assert.rejects(dumpSchemaToc(open, options), fails("job/interrupted"));
  });

  test("the server process is ended from outside", async () => {
    await server.withDatabase(async (settings) => {
      await using session = await openSession(settings);
      await using watcher = await openSession(settings);
      await session.run("CREATE TABLE locked ()");
      await session.run("BEGIN; LOCK TABLE locked");
      const ended = assert.rejects(dumpWith(settings), fails("engine/lost"));
      await waitForLock(watcher, true);
      await watcher.run("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted");
      await ended;
    });
  });

  test("a connection that breaks in the middle", async () => {
    const wrap = (transport: DumpTransport): DumpTransport => {
      let sent = 0;
      return {
        parameters: transport.parameters,
        listen: (listener) => transport.listen(listener),
        cancel: () => transport.cancel(),
        close: () => transport.close(),
        send: (messages) => {
          sent += 1;
          if (sent === 5) void transport.close();
          else transport.send(messages);
        },
      };
    };
    await assert.rejects(dumpWith(server.settings, { wrap }), fails("engine/lost"));
  });

  test("a server that is too new names the way out", async () => {
    const wrap = (transport: DumpTransport): DumpTransport => ({
      parameters: new Map([...transport.parameters, ["server_version", "19.1"]]),
      listen: (listener) => transport.listen(listener),
      send: (messages) => transport.send(messages),
      cancel: () => transport.cancel(),
      close: () => transport.close(),
    });
    await assert.rejects(dumpWith(server.settings, { wrap }), (thrown) => {
      assert.ok(fails("engine/unsupported")(thrown));
      return thrown instanceof ShellError && (thrown.hint ?? "").includes("--pg-dump=PATH");
    });
  });

  test("leaves no connection behind", async () => {
    await using session = await openSession(server.settings);
    await dumpWith(server.settings);
    const others =
      "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    for (let tries = 0; tries < 100; tries++) {
      const [[count] = []] = await session.query(others);
      if (count === "0") return;
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
    assert.fail("a session is still there");
  });
});
