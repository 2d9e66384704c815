// A long statement on a real terminal: its block, the background, the way back, the end.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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
  await terminal.until(/1 \| running \|.*BACKUP TABLE held/);
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
