import assert from "node:assert/strict";
import { chmod, cp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openEmbedded } from "../../src/engines/embedded/embedded.ts";
import { BackupWorld } from "../harness/backup-world.ts";
import { readRows } from "../harness/database-state.ts";
import { embeddedTestDirectory } from "../harness/embedded-directory.ts";
import { ROOT } from "../harness/root.ts";

const GOLDEN = join(ROOT, "fixtures", "golden");

const OPENED_BY: readonly (readonly [collection: string, options: string])[] = [
  ["passphrase", "WITH encryption_passphrase = 'golden'"],
  ["keys", "WITH kms = 'local-kms:///first'"],
  ["keys", "WITH kms = 'local-kms:///second'"],
  ["clear", ""],
];

for (const version of ["v1"]) {
  for (const [collection, options] of OPENED_BY) {
    test(`a collection of format ${version} stays readable: ${collection} ${options}`, async () => {
      await using directory = await embeddedTestDirectory();
      await using world = await BackupWorld.open();
      // Keys that others can read are refused, and a checkout gives its files to everybody.
      await cp(join(GOLDEN, version, "keyring"), world.keyring, { recursive: true });
      for (const name of await readdir(world.keyring)) await chmod(join(world.keyring, name), 0o600);
      const from = `FROM LATEST IN 'file://${join(GOLDEN, version, collection)}' ${options}`;
      const session = world.embedded(directory.database);
      const { rows } = await session.ok(`VERIFY BACKUP ${from}`);
      assert.ok(rows.length > 3 && rows.every((row) => row.at(-1) === "ok"));
      assert.ok((await session.ok(`SHOW BACKUP SCHEMAS ${from}`)).rows.length > 10);
      await session.ok(`RESTORE ${from}`);
      await session.close();
      await using engine = await openEmbedded({ directory: directory.database });
      const wanted = await readFile(join(GOLDEN, version, "rows.txt"), "utf8");
      assert.deepEqual(await readRows(engine), wanted.trimEnd().split("\n"));
    });
  }
}
