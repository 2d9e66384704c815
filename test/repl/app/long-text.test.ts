// A text that is not read at every key hides its secrets nonetheless.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { secretsNear } from "../../../repl/app/long-text.ts";
import { liveSecrets } from "../../../src/assist/live-secrets.ts";
import { startPostgres, type TestPostgres } from "../../harness/postgres-server.ts";
import { openPrompt, untilPrompt } from "../../harness/prompt-stage.ts";

let server: TestPostgres;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

const LONG = "y".repeat(120_000);
const SECRETS = "backup into 's3://b?AWS_SECRET_ACCESS_KEY=canary-a' with encryption_passphrase = 'canary-b';";

for (const [where, text] of [
  ["behind a long comment", `-- ${LONG}\n${SECRETS}\nalter role x password 'canary-c'`],
  ["before a long string", `${SECRETS}\nalter role x password 'canary-c'; select '${LONG}`],
  ["behind a string that is cut in the middle", `select '${LONG}';\n${SECRETS}\nalter role x password 'canary-c'`],
] as const) {
  test(`secrets ${where} are not seen, neither while it is edited nor in what stays`, async () => {
    const connection = `postgresql:///postgres?host=${server.socketDir}&port=${server.port}&user=postgres`;
    await using prompt = openPrompt({ connection, columns: 100 });
    const { terminal } = prompt;
    await untilPrompt(terminal);
    terminal.paste(text);
    await terminal.until(/y{50}|password/);
    terminal.press("M-<");
    await terminal.until(/postgres=# \S/);
    terminal.press("C-c");
    await untilPrompt(terminal);
    assert.doesNotMatch(terminal.raw, /canary/);
    assert.ok(terminal.raw.length > 100);
  });
}

test("a part of a text hides what the whole would", () => {
  const text = `select '${LONG}'; ${SECRETS} ${LONG}`;
  const cursor = text.indexOf("canary-b");
  const hidden = secretsNear(text, { cursor, room: 5000 }, liveSecrets).map(({ start, end }) => text.slice(start, end));
  assert.deepEqual([...new Set(hidden)].toSorted(), ["canary-a", "canary-b"]);
});
