// Tables that somebody else holds: a statement waits for them, and whoever is tired of it can stop it.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ShellError } from "../../src/errors.ts";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";

let world: BackupWorld;
let server: TestPostgres;
let holder: TestSession;

before(async () => {
  world = await BackupWorld.open();
  server = await startPostgres();
  holder = world.postgres(server.settings);
  await holder.ok("CREATE TABLE held AS SELECT i AS n FROM generate_series(1, 1000) AS i");
  await holder.ok(`UNLOAD ('SELECT n FROM held') TO 'file://${world.directory}/files/u_' CSV`);
  await holder.ok("BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE");
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await server.stop();
});

async function waiting(): Promise<number> {
  const { rows } = await holder.ok("SELECT count(*) FROM pg_locks WHERE NOT granted");
  return Number(rows[0]?.[0]);
}

/** Stops a statement once it waits for the lock. */
async function stopped(statement: string, first = "SELECT 1"): Promise<ShellError | undefined> {
  const session = world.postgres(server.settings);
  await session.ok(first);
  const stop = new AbortController();
  const ran = session.run(statement, stop.signal);
  while ((await waiting()) === 0) await sleep(20);
  stop.abort();
  const { error } = await ran;
  assert.equal(await waiting(), 0, "nothing is left waiting");
  await session.close();
  return error;
}

describe("a table that is locked", () => {
  for (const [what, statement, first] of [
    ["BACKUP of its database", (): string => `BACKUP DATABASE postgres INTO '${world.uri}'`],
    ["BACKUP", (): string => `BACKUP TABLE held INTO '${world.uri}'`],
    ["UNLOAD", (): string => `UNLOAD ('SELECT n FROM held') TO 'file://${world.directory}/out/u_' CSV`],
    ["COPY", (): string => `COPY held FROM 'file://${world.directory}/files/u_' CSV`],
    ["COPY in a transaction", (): string => `COPY held FROM 'file://${world.directory}/files/u_' CSV`, "BEGIN"],
  ] as const) {
    it(`does not keep ${what} from being stopped`, { timeout: 60_000 }, async () => {
      const error = await stopped(statement(), first);
      assert.equal(error?.code, "job/interrupted");
    });
  }
});
