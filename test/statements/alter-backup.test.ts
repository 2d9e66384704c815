import assert from "node:assert/strict";
import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { embeddedTestDirectory, type TestDirectory } from "../harness/embedded-directory.ts";

let world: BackupWorld;
let directory: TestDirectory & { readonly database: string };
let session: TestSession;
let folder: string;

const NAMES = ["old", "older", "new", "newest", "stranger", "lost"];
const key = (name: string): string => `'local-kms:///${name}'`;

before(async () => {
  directory = await embeddedTestDirectory();
  world = await BackupWorld.open();
  session = world.embedded(directory.database);
  await session.ok("CREATE TABLE notes AS SELECT 1 AS id");
  for (const name of NAMES) await session.ok(`CREATE KMS KEY ${key(name)}`);
  await rename(`${world.keyring}/lost.key`, `${world.keyring}/lost.away`);
  folder = await session.backup(`BACKUP INTO '${world.uri}' WITH kms = (${key("old")}, ${key("older")})`);
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function opens(name: string, uri = world.uri): Promise<boolean> {
  const { error } = await session.run(`VERIFY BACKUP FROM LATEST IN '${uri}' WITH kms = ${key(name)}`);
  if (error !== undefined) assert.equal(error.code, "key/mismatch");
  return error === undefined;
}

async function infoFiles(uri = world.uri): Promise<readonly string[]> {
  const names = await readdir(join(uri.slice("file://".length), folder));
  return names.filter((name) => name.startsWith("ENCRYPTION")).toSorted();
}

describe("ALTER BACKUP", () => {
  test("refuses a wrong old key, and a new one that is out of reach, and writes nothing", async () => {
    const old = await world.files();
    const alter = `ALTER BACKUP LATEST IN '${world.uri}' ADD`;
    const wrong = await session.fails(
      `${alter} NEW_KMS = ${key("new")} WITH OLD_KMS = ${key("stranger")}`,
      "key/mismatch",
    );
    assert.match(wrong.detail.join("\n"), /1 {2}local-kms:\/\/\/stranger +not a match/);
    assert.equal(wrong.note, "nothing was changed");
    const both = `NEW_KMS = (${key("new")}, ${key("lost")})`;
    const lost = await session.fails(`${alter} ${both} WITH OLD_KMS = ${key("old")}`, "key/unavailable");
    assert.match(lost.detail.join("\n"), /1 {2}local-kms:\/\/\/new +ok\n2 {2}local-kms:\/\/\/lost +not found/);
    assert.equal(lost.note, "nothing was written");
    const twice = `NEW_KMS = ${key("new")} WITH OLD_KMS = ${key("old")}`;
    await session.fails(`${alter} ${twice} ADD ${twice}`, "option/conflict");
    await session.fails(`ALTER BACKUP '2020/01/01-000000.00' IN '${world.uri}' ADD ${twice}`, "backup/not-found");
    assert.deepEqual(await world.files(), old);
    assert.equal(await opens("new"), false);
  });

  test("adds keys, any one of which opens the backup, as do the old ones", async () => {
    const sql = `ALTER BACKUP LATEST IN '${world.uri}' ADD NEW_KMS = ${key("new")} WITH OLD_KMS = (${key("lost")}, ${key("older")})`;
    const { columns, rows } = await session.ok(sql);
    assert.deepEqual(columns, ["path", "file", "keys_added", "new_kms", "opened_by"]);
    assert.deepEqual(rows, [[`/${folder}`, "ENCRYPTION_INFO-2", "1", "local-kms:///new", "local-kms:///older"]]);
    for (const name of ["old", "older", "new"]) assert.equal(await opens(name), true, name);
    assert.equal(await opens("newest"), false);
  });

  test("a key that was added can add the next", async () => {
    const sql = `ALTER BACKUP '${folder}' IN '${world.uri}' ADD NEW_KMS = ${key("newest")} WITH OLD_KMS = ${key("new")}`;
    const { rows } = await session.ok(sql);
    assert.equal(rows[0]?.[1], "ENCRYPTION_INFO-3");
    for (const name of ["old", "older", "new", "newest"]) assert.equal(await opens(name), true, name);
    assert.equal(await opens("stranger"), false);
    assert.deepEqual(await infoFiles(), ["ENCRYPTION_INFO", "ENCRYPTION_INFO-2", "ENCRYPTION_INFO-3"]);
  });

  test("without IN, the URI is the backup's own folder", async () => {
    const sql = `ALTER BACKUP '${world.uri}/${folder}' ADD NEW_KMS = ${key("stranger")} WITH OLD_KMS = ${key("old")}`;
    assert.equal((await session.ok(sql)).rows[0]?.[1], "ENCRYPTION_INFO-4");
    assert.equal(await opens("stranger"), true);
  });

  test("keeps CockroachDB's spelling where the collection has it", async () => {
    const uri = `file://${world.directory}/other`;
    const other = await session.backup(`BACKUP INTO '${uri}' WITH kms = ${key("old")}`);
    const path = join(world.directory, "other", other);
    await rename(join(path, "ENCRYPTION_INFO"), join(path, "ENCRYPTION-INFO"));
    const sql = `ALTER BACKUP LATEST IN '${uri}' ADD NEW_KMS = ${key("new")} WITH OLD_KMS = ${key("old")}`;
    assert.equal((await session.ok(sql)).rows[0]?.[1], "ENCRYPTION-INFO-2");
    for (const name of ["old", "new"]) assert.equal(await opens(name, uri), true, name);
  });

  test("has nothing to add to a backup in the clear or under a passphrase", async () => {
    for (const [place, options] of [
      ["clear", ""],
      ["phrased", "WITH encryption_passphrase = 'x'"],
    ] as const) {
      const uri = `file://${world.directory}/${place}`;
      await session.ok(`BACKUP INTO '${uri}' ${options}`);
      const sql = `ALTER BACKUP LATEST IN '${uri}' ADD NEW_KMS = ${key("new")} WITH OLD_KMS = ${key("old")}`;
      const error = await session.fails(sql, place === "clear" ? "key/not-encrypted" : "key/mismatch");
      assert.equal(error.note, "nothing was changed");
    }
  });
});
