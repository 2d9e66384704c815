// The example scripts for UNLOAD and COPY do what they say, run by the program as a user runs them.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { ROOT } from "../harness/root.ts";

let server: TestPostgres;
const home = mkdtempSync(join(tmpdir(), "sealift-fixtures-"));

before(async () => {
  server = await startPostgres();
});

after(async () => {
  rmSync(home, { recursive: true, force: true });
  await server.stop();
});

/** What the program wrote. @throws when it did not end well */
async function run(script: string): Promise<string> {
  const { host, port, user, database, password } = server.settings;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [
      join(ROOT, "bin/sealift.js"),
      "-X",
      "--progress=none",
      "-v",
      `place=file://${home}/files`,
      "-v",
      "master_key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
      "-f",
      join(ROOT, "fixtures", script),
      `host=${host} port=${port} user=${user} dbname=${database}`,
    ],
    { env: { ...process.env, SEALIFT_KEYRING: join(home, "keyring"), PGPASSWORD: password ?? "" } },
  );
  return stdout + stderr;
}

describe("fixtures", () => {
  it("unload-encrypted.sql and copy-encrypted.sql", async () => {
    const out = await run("unload-encrypted.sql");
    assert.match(out, /pg_last_unload_count/);
    const back = await run("copy-encrypted.sql");
    assert.match(back, /sales are the same/);
    assert.match(back, /so are events/);
    assert.doesNotMatch(out + back, /AAECAwQF/);
  });

  it("copy-with-errors.sql", async () => {
    const out = await run("copy-with-errors.sql");
    assert.match(out, /2 record\(s\) could not be loaded/);
    assert.match(out, /String length exceeds DDL length/);
    assert.match(out, /Invalid digit/);
    assert.match(out, /three of four/);
  });
});
