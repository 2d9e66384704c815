// The example scripts for UNLOAD and COPY do what they say, run by the program as a user runs them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
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

function run(script: string): string {
  const { host, port, user, database } = server.settings;
  const result = spawnSync(
    process.execPath,
    [
      join(ROOT, "bin/sealift.js"),
      ...["-X", "--progress=none", "-v", `place=file://${home}/files`],
      ...["-v", "master_key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="],
      ...["-f", join(ROOT, "fixtures", script)],
      `postgresql:///${database}?host=${host}&port=${port}&user=${user}`,
    ],
    { encoding: "utf8", env: { ...process.env, SEALIFT_KEYRING: join(home, "keyring"), PGPASSWORD: "" } },
  );
  assert.equal(result.status, 0, result.stderr);
  return result.stdout + result.stderr;
}

describe("fixtures", () => {
  it("unload-encrypted.sql and copy-encrypted.sql", () => {
    const out = run("unload-encrypted.sql");
    assert.match(out, /pg_last_unload_count/);
    const back = run("copy-encrypted.sql");
    assert.match(back, /sales are the same/);
    assert.match(back, /so are events/);
    assert.doesNotMatch(out + back, /AAECAwQF/);
  });

  it("copy-with-errors.sql", () => {
    const out = run("copy-with-errors.sql");
    assert.match(out, /2 record\(s\) could not be loaded/);
    assert.match(out, /String length exceeds DDL length/);
    assert.match(out, /Invalid digit/);
    assert.match(out, /three of four/);
  });
});
