// What a BACKUP that was killed has left is no backup, and SHOW BACKUPS says that it is there.
import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { embeddedTestDirectory, type TestDirectory } from "../harness/embedded-directory.ts";

let world: BackupWorld;
let directory: TestDirectory & { readonly database: string };
let session: TestSession;
before(async () => {
  directory = await embeddedTestDirectory();
  world = await BackupWorld.open();
  session = world.embedded(directory.database);
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

const LEFT = "2026/11/30-191954.75";

async function leave(folder: string): Promise<void> {
  const path = join(world.directory, "collection", folder);
  await mkdir(join(path, "data"), { recursive: true });
  await writeFile(join(path, "BACKUP-LOCK-1"), "lock");
  await writeFile(join(path, "data", "a"), "123456");
}

for (const form of ["", " WITH details"]) {
  test(`SHOW BACKUPS${form} tells of folders without a manifest`, async () => {
    await rm(join(world.directory, "collection"), { recursive: true, force: true });
    await session.ok(`BACKUP INTO '${world.uri}' WITH encryption_passphrase = 'p'`);
    const whole = await session.ok(`SHOW BACKUPS IN '${world.uri}'${form}`);
    assert.equal(whole.rows.length, 1);
    assert.ok(whole.events.every(({ type }) => type !== "notice"));
    await leave(LEFT);
    const one = await session.ok(`SHOW BACKUPS IN '${world.uri}'${form}`);
    assert.deepEqual(one.rows, whole.rows);
    const told = one.events.find((event) => event.type === "notice");
    assert.equal(told?.message, "one folder holds no complete backup");
    assert.equal(told?.detail, `/${LEFT}: 2 files, 10B`);
    await leave("incrementals/2026/11/30-191954.75/20261201/010203.04-1");
    const two = await session.ok(`SHOW BACKUPS IN '${world.uri}'${form}`);
    assert.match(JSON.stringify(two.events), /2 folders hold no complete backup/);
  });
}
