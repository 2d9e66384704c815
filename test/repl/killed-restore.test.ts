// A RESTORE into a database that was there is killed outright: nothing in the database tells, so the shell does.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openPostgres } from "../../src/engines/postgres/engine.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { homeEnvironment, shellCommand } from "../harness/prompt-stage.ts";
import { TerminalProgram } from "../harness/terminal.ts";
import { temporaryFolder } from "../harness/temporary-folder.ts";

let server: TestPostgres;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

test("what it was at is told once: by the next prompt, or by the next RESTORE", async () => {
  const home = await temporaryFolder();
  const environment = homeEnvironment(home);
  const run = (sql: string): { status: number | null; stderr: string } => {
    const [program = "", ...words] = shellCommand(server.url, ["-c", sql]);
    return spawnSync(program, words, { env: environment, encoding: "utf8" });
  };
  const notes = join(home, "state", "sealift", "restores");
  const store = `file://${home}/b`;
  const key = "WITH encryption_passphrase = 'p'";
  assert.equal(run("create table t as select 1 as a").status, 0);
  assert.equal(run(`backup table t into '${store}' ${key}`).status, 0);
  assert.equal(run("drop table t").status, 0);
  const restore = `restore table t from latest in '${store}' ${key}`;
  assert.equal(run(restore).status, 0);
  assert.deepEqual(readdirSync(notes), []);
  await using engine = await openPostgres(server.settings);
  const killed = async (): Promise<void> => {
    await engine.rows("drop table if exists t");
    // Whoever is to make the table waits for the catalogue.
    await engine.rows("begin");
    await engine.rows("lock table pg_class in share row exclusive mode");
    const [program = "", ...words] = shellCommand(server.url, ["-c", restore]);
    const child = spawn(program, words, { env: environment, stdio: "ignore" });
    const exited = new Promise((resolve) => child.once("exit", resolve));
    // A note that is being written is empty for a moment.
    while (!readdirSync(notes).some((name) => statSync(join(notes, name)).size > 0)) await sleep(20);
    child.kill("SIGKILL");
    await exited;
    await engine.rows("rollback");
  };
  await killed();
  const told =
    /a RESTORE of \/\d{4}\/\d\d\/\S+ into database "postgres", begun \S+ \S+ UTC, was cut off before its end/;
  for (const expected of [true, false]) {
    await using terminal = new TerminalProgram(shellCommand(server.url), { environment, columns: 150 });
    await terminal.until(/postgres=# ?$/);
    assert.equal(told.test(terminal.screen), expected);
  }
  await killed();
  await engine.rows("drop table if exists t");
  const again = run(restore);
  assert.equal(again.status, 0);
  assert.match(again.stderr, told);
  assert.deepEqual(readdirSync(notes), []);
});
