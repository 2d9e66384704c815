// Where \o and \g send results on a terminal: to files, to programs that read all, and to readers that want the keys.
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

function connection(): string {
  return `postgresql:///postgres?host=${server.socketDir}&port=${server.port}&user=postgres`;
}

// As a pager does: all of its input, then keys from the terminal itself. `q` ends it.
const READER = `#!/bin/sh
cat >>"$HOME/read"
stty -icanon -echo </dev/tty
trap '' INT
echo READING
while key=$(dd bs=1 count=1 2>/dev/null </dev/tty); do
  printf '%s' "$key" >>"$HOME/keys"
  test "$key" = q && break
done
stty icanon echo </dev/tty
`;

function openReading(name = "pspg", environment: Readonly<Record<string, string>> = {}): Prompt {
  const path = { PATH: "./bin:/usr/local/bin:/usr/bin:/bin" };
  const prompt = openPrompt({ connection: connection(), environment: { ...path, ...environment } });
  mkdirSync(join(prompt.home, "bin"));
  writeFileSync(join(prompt.home, "bin", name), READER, { mode: 0o755 });
  return prompt;
}

function written({ home }: Prompt, name: string): string {
  const path = join(home, name);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** Presses keys one by one, as a person does. */
async function pressAll(prompt: Prompt, keys: string): Promise<void> {
  let sent = written(prompt, "keys");
  for (const key of keys) {
    sent += key;
    prompt.terminal.type(key);
    await prompt.terminal.until(
      () => written(prompt, "keys") === sent,
      `the reader to get ${JSON.stringify(sent)}`,
      5000,
    );
  }
}

suite("a reader", () => {
  test("of \\g has the keyboard until it ends", async () => {
    await using prompt = openReading();
    const { terminal } = prompt;
    await untilPrompt(terminal);
    terminal.type("select 1 as one \\g |pspg\r");
    await terminal.until("READING");
    await pressAll(prompt, "abcdefghijklmnopq");
    await untilPrompt(terminal);
    assert.match(written(prompt, "read"), /one/);
  });

  test("of \\o has the keyboard for each result, and a prompt is between them", async () => {
    await using prompt = openReading();
    const { terminal } = prompt;
    await run(terminal, "\\o |pspg");
    for (const value of ["first", "second"]) {
      terminal.type(`select '${value}' as v;\r`);
      await terminal.until(
        (screen) => (screen.match(/READING/g) ?? []).length === (value === "first" ? 1 : 2),
        "a reader",
      );
      await pressAll(prompt, "jkjkjkq");
      await untilPrompt(terminal);
      assert.match(written(prompt, "read"), new RegExp(value));
    }
    await run(terminal, "\\o");
    await run(terminal, "select 'here' as w;");
    assert.match(terminal.screen, /^ here/m);
  });

  test("is whatever the user reads or edits with, too", async () => {
    for (const variable of ["PAGER", "EDITOR"]) {
      await using prompt = openReading("own-reader", { [variable]: "/opt/bin/own-reader --quiet" });
      const { terminal } = prompt;
      await run(terminal, "\\o |own-reader -x");
      terminal.type("select 'first' as v;\r");
      await terminal.until("READING");
      await pressAll(prompt, "jkjkjkq");
      await untilPrompt(terminal);
      assert.doesNotMatch(terminal.screen, /has ended/);
    }
  });

  test("has Ctrl-C for itself: the session is not left behind", async () => {
    await using prompt = openReading();
    const { terminal } = prompt;
    await run(terminal, "create temporary table kept as select 'kept' as k;");
    terminal.type("select 1 as one \\g |pspg\r");
    await terminal.until("READING");
    for (let presses = 0; presses < 3; presses++) {
      terminal.press("C-c");
      await pressAll(prompt, "x");
    }
    await pressAll(prompt, "q");
    await untilPrompt(terminal);
    assert.doesNotMatch(terminal.screen, /stopping|left behind/);
    await run(terminal, "table kept;");
    assert.match(terminal.screen, /^ kept/m);
  });
});

suite("other programs", () => {
  test("\\o ends them and waits for what they still say", async () => {
    await using prompt = openPrompt({ connection: connection() });
    const { terminal } = prompt;
    await run(terminal, "\\o |sort | sed s/one/changed/");
    await run(terminal, "select 'one' as v;");
    await run(terminal, "\\o");
    assert.match(terminal.screen, /=# \\o\n[^]* changed\n[^]*=#$/);
  });

  test("one that stops reading ends the redirection, and that is said", async () => {
    await using prompt = openPrompt({ connection: connection() });
    const { terminal } = prompt;
    await run(terminal, "\\o |head -1");
    await run(terminal, "select 'lost' as v;");
    await run(terminal, "select 'shown' as v;");
    await run(terminal, "select 'more' as v;");
    assert.match(terminal.screen, /note: "head -1" has ended: results come to the screen again/);
    assert.match(terminal.screen, /^ shown/m);
    assert.match(terminal.screen, /^ more/m);
    assert.equal(terminal.screen.match(/has ended/g)?.length, 1);
  });
});

suite("a file that cannot be written", () => {
  test("fails the statement, and the shell goes on", async () => {
    await using prompt = openPrompt({ connection: connection(), columns: 100 });
    const { terminal } = prompt;
    await run(terminal, "select 1 as one \\g /nonexistent/x");
    assert.match(
      terminal.screen,
      /error\[shell\/output\]: cannot write to \/nonexistent\/x: no such file or directory/,
    );
    assert.match(terminal.screen, /--> <prompt>:1:1/);
    await run(terminal, "select 'alive' as a;");
    assert.match(terminal.screen, /^ alive/m);
  });

  test("is refused by \\o at once, which leaves results where they went", async () => {
    await using prompt = openPrompt({ connection: connection(), columns: 100 });
    const { terminal } = prompt;
    await run(terminal, "\\o /nonexistent/x");
    assert.match(terminal.screen, /cannot write to \/nonexistent\/x/);
    await run(terminal, "select 'alive' as a;");
    assert.match(terminal.screen, /^ alive/m);
  });
});
