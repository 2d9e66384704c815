// `npm run demo`: fixtures/demo.sql on the embedded database in a folder of its own, every statement echoed.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const place = mkdtempSync(join(tmpdir(), "sealift-demo-"));
process.stdout.write(`A database, a keyring and a collection are made in ${place} and removed at the end.\n`);
try {
  const run = spawnSync(
    process.execPath,
    [
      join(root, "bin/sealift.js"),
      "--progress=plain",
      "-v",
      `collection=file://${place}/collection`,
      "-f",
      join(root, "fixtures/demo.sql"),
      `embedded://${place}/database`,
    ],
    { stdio: "inherit", env: { ...process.env, SEALIFT_KEYRING: join(place, "keyring") } },
  );
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(place, { recursive: true, force: true });
}
