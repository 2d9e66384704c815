// A long statement on a real terminal: its block, the background, the way back, the end.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startPostgres, type TestPostgres } from "../../harness/postgres-server.ts";
import { openPrompt, run, untilPrompt } from "../../harness/prompt-stage.ts";

let server: TestPostgres;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

function connection(): string {
  return `postgresql:///postgres?host=${server.socketDir}&port=${server.port}&user=postgres`;
}

test("a backup goes to the background, is listed, comes back, and tells its end", async () => {
  const options = { connection: connection(), columns: 100, rows: 30 };
  await using holder = openPrompt(options);
  await using prompt = openPrompt(options);
  const { terminal } = prompt;
  // A lock holds the backup for as long as the test looks at it.
  await run(holder.terminal, "create table held as select n from generate_series(1, 1000) as n;");
  await run(holder.terminal, "begin; lock table held in access exclusive mode;");
  await untilPrompt(terminal);
  terminal.type(`backup table held into 'file://${prompt.home}/b' with encryption_passphrase = 'geheim';\r`);
  await terminal.until("^Z background");
  assert.match(terminal.screen, /snapshot {2}▕ . ▏/);
  terminal.press("C-z");
  await terminal.until("[1] BACKUP goes on in the background");
  await terminal.until(/⟳1 postgres=#$/);
  await run(terminal, "select 'meanwhile' as a;");
  await run(terminal, "\\jobs");
  await terminal.until(/Job +\| 1\nStatus +\| running\n[^]*\nStatement \| BACKUP TABLE held/);
  terminal.press("C-d");
  await terminal.until("a job is running");
  terminal.type("s");
  await untilPrompt(terminal);
  terminal.type("\\fg\r");
  await terminal.until("^Z background");
  terminal.press("C-z");
  await untilPrompt(terminal);
  await run(holder.terminal, "rollback;");
  await terminal.until(/\[1\] BACKUP done after/);
  await terminal.until("succeeded");
  await terminal.until(/\npostgres=#$/);
  assert.ok(!terminal.everything.includes("geheim"), "the passphrase is never on the screen");
});

test("Ctrl-C stops a job, the shell goes on", async () => {
  const options = { connection: connection(), columns: 100, rows: 30 };
  await using holder = openPrompt(options);
  await using prompt = openPrompt(options);
  const { terminal } = prompt;
  await run(holder.terminal, "create table kept as select n from generate_series(1, 1000) as n;");
  await run(holder.terminal, "begin; lock table kept in access exclusive mode;");
  await untilPrompt(terminal);
  terminal.type(`backup table kept into 'file://${prompt.home}/b' with encryption_passphrase = 'geheim';\r`);
  await terminal.until("^Z background");
  terminal.press("C-c");
  await terminal.until("error[job/interrupted]");
  await untilPrompt(terminal);
  await run(terminal, "select 'alive' as a;");
  await terminal.until("alive");
});

test("UNLOAD and COPY go to the background, although they hold a transaction of their own", async () => {
  const options = { connection: connection(), columns: 100, rows: 30 };
  await using holder = openPrompt(options);
  await using prompt = openPrompt(options);
  const { terminal } = prompt;
  const keys = "with encryption_passphrase = 'geheim'";
  await run(holder.terminal, "create table moved as select n from generate_series(1, 1000) as n;");
  await untilPrompt(terminal);
  await run(terminal, "\\set NOTIFY_SECONDS 0");
  for (const [number, statement] of [
    `unload ('select n from moved') to 'file://${prompt.home}/u_' csv ${keys};`,
    `copy moved from 'file://${prompt.home}/u_' csv ${keys};`,
  ].entries()) {
    const verb = statement.split(" ", 1).join("").toUpperCase();
    await run(holder.terminal, "begin; lock table moved in access exclusive mode;");
    terminal.type(`${statement}\r`);
    await terminal.until("^Z background");
    terminal.press("C-z");
    await terminal.until(`[${number + 1}] ${verb} goes on in the background`);
    await terminal.until(/⟳1 [^\n]*postgres=#$/);
    await run(terminal, "select 'meanwhile' as a;");
    await run(holder.terminal, "rollback;");
    await terminal.until(new RegExp(`\\[${number + 1}\\] ${verb} done after`));
    await untilPrompt(terminal);
    assert.ok(terminal.raw.includes(`\u001b]9;${verb} done\u0007`), "the terminal is told");
  }
  await run(terminal, "select count(*) as twice from moved;");
  await terminal.until("2000");
  // In the user's own transaction a statement is no job of its own.
  await run(holder.terminal, "begin; lock table moved in access exclusive mode;");
  await run(terminal, "begin;");
  terminal.type(`copy moved from 'file://${prompt.home}/u_' csv ${keys};\r`);
  await terminal.until("^Z background");
  terminal.press("C-z");
  await terminal.until("note: only BACKUP, RESTORE");
  terminal.press("C-c");
  await terminal.until("COPY stopped after");
  await untilPrompt(terminal);
  assert.ok(!terminal.raw.includes("COPY failed"), "who stopped it is not told");
});

test("a process that is ended ends its background jobs first, which take back what they did", async () => {
  const options = { connection: connection(), columns: 100, rows: 30 };
  await using holder = openPrompt(options);
  await run(holder.terminal, "create table lasting as select n from generate_series(1, 1000) as n;");
  await run(holder.terminal, "begin; lock table lasting in access exclusive mode;");
  for (const [signal, status] of [
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    await using prompt = openPrompt(options);
    const { terminal } = prompt;
    await untilPrompt(terminal);
    terminal.type(`backup table lasting into 'file://${prompt.home}/b' with encryption_passphrase = 'geheim';\r`);
    await terminal.until("^Z background");
    assert.ok(readdirSync(prompt.home).includes("b"));
    terminal.press("C-z");
    await terminal.until(/⟳1 postgres=#$/);
    terminal.kill(signal);
    // Who was ended by a signal may end by it.
    const ended = await terminal.exited();
    assert.ok(ended.status === status || ended.signal === status - 128, JSON.stringify(ended));
    assert.ok(!readdirSync(prompt.home).includes("b"), "nothing of the backup stays");
  }
});

test("when the window is closed jobs take back what they did, in front and behind", async () => {
  const options = { connection: connection(), columns: 100, rows: 30 };
  await using holder = openPrompt(options);
  await run(holder.terminal, "create table closing as select n from generate_series(1, 1000) as n;");
  await run(holder.terminal, "begin; lock table closing in access exclusive mode;");
  for (const isBehind of [false, true]) {
    await using prompt = openPrompt(options);
    const { terminal } = prompt;
    await untilPrompt(terminal);
    terminal.type(`backup table closing into 'file://${prompt.home}/b' with encryption_passphrase = 'geheim';\r`);
    await terminal.until("^Z background");
    assert.ok(readdirSync(prompt.home).includes("b"));
    if (isBehind) {
      terminal.press("C-z");
      await terminal.until(/⟳1 postgres=#$/);
    }
    terminal.hangUp();
    await terminal.exited();
    assert.ok(!readdirSync(prompt.home).includes("b"), `nothing of the backup stays, behind: ${isBehind}`);
  }
});

test("what cannot be left alone stays in front, and that is said", async () => {
  await using prompt = openPrompt({ connection: connection(), columns: 100 });
  const { terminal } = prompt;
  await untilPrompt(terminal);
  terminal.type("select pg_sleep(600);\r");
  await terminal.until("pg_sleep(600);");
  terminal.press("C-z");
  await terminal.until("note: only BACKUP, RESTORE");
  terminal.press("C-c");
  await untilPrompt(terminal);
});

test("after a job went to the background \\o still keeps every result", async () => {
  const options = { connection: connection(), columns: 100, rows: 30 };
  await using holder = openPrompt(options);
  await using prompt = openPrompt(options);
  const { terminal } = prompt;
  await run(holder.terminal, "create table slow as select n from generate_series(1, 1000) as n;");
  await run(holder.terminal, "begin; lock table slow in access exclusive mode;");
  await untilPrompt(terminal);
  terminal.type(`backup table slow into 'file://${prompt.home}/b' with encryption_passphrase = 'geheim';\r`);
  await terminal.until("^Z background");
  terminal.press("C-z");
  await terminal.until(/⟳1 postgres=#$/);
  await run(terminal, "\\o results");
  await run(terminal, "select 'first' as a;");
  await run(terminal, "select 'second' as a;");
  await run(terminal, "\\o");
  const results = readFileSync(join(prompt.home, "results"), "utf8");
  assert.match(results, /first[^]*second/);
  await run(holder.terminal, "rollback;");
  await terminal.until(/\[1\] BACKUP done after/);
});
