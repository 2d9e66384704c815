import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { dumpSchemaToc } from "../../../src/engines/pg-dump/dump-schema.ts";
import type { DumpToc } from "../../../src/formats/dump-toc.ts";
import { ROOT } from "../../harness/root.ts";

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "sealift-pg-dump-"));
});
after(() => rmSync(folder, { recursive: true }));

function run(path: string, signal?: AbortSignal): Promise<DumpToc> {
  const environment = { PATH: "/usr/bin:/bin", PGPASSWORD: "canary-password", FIXTURES: join(ROOT, "fixtures") };
  const never = (): Promise<never> => Promise.reject(new Error("the program connects by itself"));
  const stop = signal === undefined ? {} : { signal };
  return dumpSchemaToc(never, { database: "it's", snapshotId: "3-1", binary: { path, environment }, ...stop });
}

function program(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}

describe("an installed pg_dump", () => {
  test("gets secrets by its environment, the rest by arguments", async () => {
    const path = program(
      "good",
      `case "$*" in *canary*) exit 7;; esac
       [ "$PGPASSWORD" = canary-password ] || exit 8
       case "$*" in *--snapshot=3-1*"dbname='it\\\\'s'"*) ;; *) echo "pg_dump: error: $*" >&2; exit 9;; esac
       cat "$FIXTURES/dumps/native-15.dump"`,
    );
    assert.equal((await run(path)).database, "tocfix");
  });

  test("one that is older than the server", async () => {
    const path = program("old", "echo 'pg_dump: error: aborting because of server version mismatch' >&2; exit 1");
    await assert.rejects(run(path), { code: "engine/unsupported" });
  });

  test("one that is not there, and one that does not run", async () => {
    await assert.rejects(run(join(folder, "absent")), { code: "shell/file" });
    writeFileSync(join(folder, "text"), "not a program", { mode: 0o644 });
    await assert.rejects(run(join(folder, "text")), { code: "shell/file" });
  });

  test("one that writes something else", async () => {
    await assert.rejects(run(program("other", "echo 'CREATE TABLE x ();'")), { code: "backup/version" });
  });

  test("is stopped by the signal", async () => {
    const signal = AbortSignal.timeout(100);
    await assert.rejects(run(program("slow", "exec sleep 30"), signal), { code: "job/interrupted" });
  });
});
