// Signals that end the shell: whatever it is at, jobs are stopped cleanly first.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openPostgres } from "../../../src/engines/postgres/engine.ts";
import { startPostgres, type TestPostgres } from "../../harness/postgres-server.ts";
import { homeEnvironment, openPrompt, run, shellCommand, untilPrompt } from "../../harness/prompt-stage.ts";
import { TerminalProgram } from "../../harness/terminal.ts";
import { temporaryFolder } from "../../harness/temporary-folder.ts";

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}

suite("a signal that ends the shell", () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  for (const [signal, status] of [
    ["SIGTERM", { status: 143, signal: 0 }],
    ["SIGHUP", { status: 0, signal: 1 }],
  ] as const) {
    test(`${signal} stops a job in the background, which takes back what it has written`, async () => {
      const options = { connection: server.url, columns: 100, rows: 30 };
      await using holder = openPrompt(options);
      await using prompt = openPrompt(options);
      const { terminal } = prompt;
      const table = `held_by_${signal.toLowerCase()}`;
      await run(holder.terminal, `create table ${table} as select n from generate_series(1, 1000) as n;`);
      await run(holder.terminal, `begin; lock table ${table} in access exclusive mode;`);
      await untilPrompt(terminal);
      const store = join(prompt.home, "b");
      terminal.type(`backup table ${table} into 'file://${store}' with encryption_passphrase = 'geheim';\r`);
      await terminal.until("^Z background");
      terminal.press("C-z");
      await terminal.until(/⟳1 postgres=#$/);
      assert.notDeepEqual(filesBelow(store), []);
      terminal.kill(signal);
      assert.deepEqual(await terminal.exited(), status);
      assert.deepEqual(filesBelow(store), []);
    });
  }

  test("SIGTERM ends it while a question waits for its answer", async () => {
    await using prompt = openPrompt({ connection: server.url });
    const { terminal } = prompt;
    await untilPrompt(terminal);
    terminal.type("create table asked(a int); drop table asked;\r");
    await terminal.until("y yes");
    terminal.kill("SIGTERM");
    assert.equal((await terminal.exited()).status, 143);
    assert.match(terminal.everything, /not confirmed/);
  });

  test("a terminal that is gone ends the shell without a word of Node's", async () => {
    const home = await temporaryFolder();
    const told = join(home, "told");
    const words = shellCommand(`${server.url}?application_name=hung_up`).map((word) => `'${word}'`);
    // Its leader's end takes the terminal from everybody in the session.
    await using terminal = new TerminalProgram(["/bin/sh", "-c", `${words.join(" ")} 2>'${told}'; true`], {
      environment: homeEnvironment(home),
    });
    await run(terminal, "begin;");
    await using engine = await openPostgres(server.settings);
    const connections = async (): Promise<string | null | undefined> => {
      const sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'hung_up%'";
      return (await engine.rows(sql))[0]?.[0];
    };
    assert.notEqual(await connections(), "0");
    terminal.kill("SIGKILL");
    while ((await connections()) !== "0") await sleep(20);
    // The connection ends before the process does.
    await sleep(500);
    assert.doesNotMatch(readFileSync(told, "utf8"), /Error|Warning|node/);
  });

  test("a hang-up ends the prompt also when its standard error is a file, to which nothing of Node's goes", async () => {
    const home = await temporaryFolder();
    const told = join(home, "told");
    const words = shellCommand(server.url).map((word) => `'${word}'`);
    await using terminal = new TerminalProgram(["/bin/sh", "-c", `exec ${words.join(" ")} 2>'${told}'`], {
      environment: homeEnvironment(home),
    });
    for (let number = 0; number < 12; number++) await run(terminal, `select ${number};`);
    terminal.kill("SIGHUP");
    assert.deepEqual(await terminal.exited(), { status: 0, signal: 1 });
    assert.doesNotMatch(readFileSync(told, "utf8"), /Warning|SIGHUP|node/);
  });
});
