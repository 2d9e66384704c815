// A result that is higher than the screen goes to a pager while it comes.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { startPostgres, type TestPostgres } from "../../harness/postgres-server.ts";
import { openPrompt, run, untilPrompt, type Prompt } from "../../harness/prompt-stage.ts";

let server: TestPostgres;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

/** A pager as a shell script. `key` in it waits for a key and puts it into $key. */
function openPaged(pager: string): Prompt {
  const connection = `postgresql:///postgres?host=${server.socketDir}&port=${server.port}&user=postgres`;
  const prompt = openPrompt({ connection, environment: { PAGER: "./pager" } });
  const key = "key() { key=$(dd bs=1 count=1 2>/dev/null </dev/tty); }";
  const script = `#!/bin/sh\n${key}\nstty -icanon -echo </dev/tty\n${pager}\nstty icanon echo </dev/tty\n`;
  mkdirSync(prompt.home, { recursive: true });
  writeFileSync(join(prompt.home, "pager"), script, { mode: 0o755 });
  return prompt;
}

const ENDLESS = "select generate_series(1, 1000000000) as n;";
/** Reads some rows, then waits for a key and is left. */
const LEAVES_EARLY = "head -n 5; echo READING; key";
const READS_ALL = 'echo READING; wc -l >"$HOME/lines"; key';

async function leave({ terminal }: Prompt): Promise<void> {
  await terminal.until("READING");
  terminal.type("q");
  await untilPrompt(terminal);
}

async function withManyRows(prompt: Prompt): Promise<void> {
  await untilPrompt(prompt.terminal);
  await run(prompt.terminal, "\\pset maxrows 0");
}

async function activeStatements({ terminal }: Prompt): Promise<void> {
  await run(
    terminal,
    "select count(*) as others from pg_stat_activity where state <> 'idle' and query like '%1000000000%' and pid <> pg_backend_pid();",
  );
  assert.match(terminal.screen, /^ {6}0$/m);
}

suite("a pager that is left", () => {
  test("stops the query it was reading, and nothing is said to have failed", async () => {
    await using prompt = openPaged(LEAVES_EARLY);
    await withManyRows(prompt);
    prompt.terminal.type(`${ENDLESS}\r`);
    await leave(prompt);
    assert.doesNotMatch(prompt.terminal.screen, /error|interrupted/);
    await activeStatements(prompt);
  });

  test("also when it is killed while a row is on its way to it", async () => {
    await using prompt = openPaged("exec 3<&0; sleep 5 <&3 & sleep 1; kill -9 $$");
    await withManyRows(prompt);
    await run(prompt.terminal, ENDLESS);
    assert.doesNotMatch(prompt.terminal.screen, /error|interrupted/);
    await activeStatements(prompt);
  });

  test("also of \\g |command", async () => {
    await using prompt = openPaged("true");
    await withManyRows(prompt);
    writeFileSync(join(prompt.home, "reader"), `#!/bin/sh\n${LEAVES_EARLY.replace("; key", "")}\n`, { mode: 0o755 });
    await run(prompt.terminal, `${ENDLESS.replace(";", "")} \\g |./reader`);
    assert.doesNotMatch(prompt.terminal.screen, /error|interrupted/);
    await activeStatements(prompt);
  });

  test("leaves an open transaction open", async () => {
    await using prompt = openPaged(LEAVES_EARLY);
    await withManyRows(prompt);
    await run(prompt.terminal, "begin;");
    prompt.terminal.type("select n from generate_series(1, 300000) n;\r");
    await prompt.terminal.until("READING");
    prompt.terminal.type("q");
    await prompt.terminal.until(/=\*#$/);
    prompt.terminal.type("select 'kept' as k;\r");
    await prompt.terminal.until(/^ kept$/m);
  });

  test("does not undo what a statement with RETURNING did", async () => {
    await using prompt = openPaged(LEAVES_EARLY);
    const { terminal } = prompt;
    await withManyRows(prompt);
    await run(terminal, "create table kept (n int);");
    terminal.type("insert into kept select n from generate_series(1, 60000) n returning n;\r");
    await leave(prompt);
    await run(terminal, "select count(*) from kept;");
    assert.match(terminal.screen, /^ 60000$/m);
  });
});

test("a pager gets every row, and what was said meanwhile is said after it", async () => {
  await using prompt = openPaged(READS_ALL);
  const { terminal } = prompt;
  await withManyRows(prompt);
  await run(
    terminal,
    "create function said(n int) returns int language plpgsql as $$ begin if n = 90000 then raise notice 'told'; end if; return n; end $$;",
  );
  terminal.type("select said(n) from generate_series(1, 100000) n;\r");
  await terminal.until("READING");
  await terminal.until(() => existsSync(join(prompt.home, "lines")), "the pager's count");
  assert.doesNotMatch(terminal.screen, /NOTICE/);
  await leave(prompt);
  assert.match(terminal.screen, /READING[^]*NOTICE: {2}told/);
  // Two lines above the rows, two below.
  assert.equal(readFileSync(join(prompt.home, "lines"), "utf8").trim(), "100004");
});

test("a result in another format is paged, too", async () => {
  await using prompt = openPaged(READS_ALL);
  await withManyRows(prompt);
  await run(prompt.terminal, "\\pset format csv");
  prompt.terminal.type("select n from generate_series(1, 50000) n;\r");
  await leave(prompt);
  assert.equal(readFileSync(join(prompt.home, "lines"), "utf8").trim(), "50001");
});

test("lines that wrap count as the rows they take", async () => {
  await using prompt = openPaged(READS_ALL);
  await untilPrompt(prompt.terminal);
  prompt.terminal.type("select repeat('x', 1800) as v;\r");
  await leave(prompt);
  assert.equal(readFileSync(join(prompt.home, "lines"), "utf8").trim(), "3");
});

test("Ctrl-C in a pager is the pager's while rows still come", async () => {
  await using prompt = openPaged("trap '' INT; head -n 5; echo READING; key; echo $key; key");
  const { terminal } = prompt;
  await withManyRows(prompt);
  terminal.type(`${ENDLESS}\r`);
  await terminal.until("READING");
  terminal.press("C-c");
  terminal.type("x");
  await terminal.until(/^x$/m);
  terminal.type("q");
  await untilPrompt(terminal);
  assert.doesNotMatch(terminal.screen, /stopping|interrupted|left behind/);
});

test("a pager that does not exist: the result comes to the screen", async () => {
  const connection = `postgresql:///postgres?host=${server.socketDir}&port=${server.port}&user=postgres`;
  await using prompt = openPrompt({ connection, environment: { PAGER: "./nonexistent" } });
  await withManyRows(prompt);
  await run(prompt.terminal, "select n from generate_series(1, 40000) n;");
  assert.match(prompt.terminal.screen, /^ 40000\n\(40000 rows\)/m);
  await run(prompt.terminal, "select n from generate_series(1, 40) n;");
  assert.match(prompt.terminal.everything, /^ {2}1\n[^]*^ 40\n\(40 rows\)/m);
});

test("a pager does not open under the fingers of who types ahead", async () => {
  await using prompt = openPaged('key; printf %s "$key" >"$HOME/key"; cat >/dev/null');
  const { terminal } = prompt;
  await withManyRows(prompt);
  terminal.type(
    "select n, pg_sleep(0.4) from generate_series(1, 2) n, generate_series(1, 1) \\; select n from generate_series(1, 99) n;\r",
  );
  await terminal.until(/99\) n;$/m);
  for (const key of "select 'typed' as t;") {
    terminal.type(key);
    await new Promise((resolve) => void setTimeout(resolve, 100));
  }
  await new Promise((resolve) => void setTimeout(resolve, 1500));
  terminal.type("q");
  const key = join(prompt.home, "key");
  // The file is there before what is in it.
  await terminal.until(() => existsSync(key) && readFileSync(key, "utf8") !== "", "a key for the pager");
  assert.equal(readFileSync(key, "utf8"), "q");
  await terminal.until("select 'typed' as t;");
});
