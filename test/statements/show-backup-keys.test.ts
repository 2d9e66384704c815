import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { embeddedTestDirectory, type TestDirectory } from "../harness/embedded-directory.ts";

let world: BackupWorld;
let directory: TestDirectory & { readonly database: string };
let session: TestSession;
let folders: string[];

/** The local key of this name. */
const kms = (name: string): string => `local-kms:///${name}`;

before(async () => {
  directory = await embeddedTestDirectory();
  world = await BackupWorld.open();
  session = world.embedded(directory.database);
  await session.ok("CREATE TABLE t AS SELECT 1 AS a");
  for (const name of ["one", "two", "lost"]) await session.ok(`CREATE KMS KEY '${kms(name)}'`);
  const into = `BACKUP INTO '${world.uri}'`;
  folders = [
    await session.backup(into),
    await session.backup(`${into} WITH kms = ('${kms("one")}', '${kms("two")}')`),
    await session.backup(`${into} WITH kms = '${kms("two")}'`),
    await session.backup(`${into} WITH encryption_passphrase = 'open sesame'`),
  ];
  await session.ok(
    `ALTER BACKUP '${folders[2]}' IN '${world.uri}' ADD NEW_KMS = '${kms("lost")}' WITH OLD_KMS = '${kms("two")}'`,
  );
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** One line a row: the number of the backup, then what is not null. */
async function shown(options = ""): Promise<string[]> {
  const { rows } = await session.ok(`SHOW BACKUP KEYS IN '${world.uri}' ${options}`);
  return rows.map(([path, ...cells]) => {
    const number = folders.indexOf(path?.slice(1) ?? "") + 1;
    return [number, ...cells.filter((cell) => cell !== null)].join(" | ");
  });
}

describe("SHOW BACKUPS WITH details", () => {
  it("adds kind, time, sizes and keys", async () => {
    const { columns, rows } = await session.ok(`SHOW BACKUPS IN '${world.uri}' WITH details`);
    assert.deepEqual(columns, [
      "path",
      "backup_type",
      "full_backup",
      "end_time",
      "stored_bytes",
      "files",
      "encryption",
      "keys",
    ]);
    assert.deepEqual(
      rows.map(([path, kind, full, , , , encryption, keys]) => [path, kind, full === path, encryption, keys]),
      [
        [`/${folders[0]}`, "full", true, "none", "0"],
        [`/${folders[1]}`, "full", true, "kms", "2"],
        [`/${folders[2]}`, "full", true, "kms", "2"],
        [`/${folders[3]}`, "full", true, "passphrase", "0"],
      ],
    );
    for (const [path, , , time, bytes, files] of rows) {
      assert.equal(time?.replace(/[^\d.]/g, "").slice(0, 14), path?.replace(/[^\d]/g, "").slice(0, 14));
      assert.ok(Number(bytes) > 500 && Number(files) >= 3);
    }
  });
});

describe("SHOW BACKUP KEYS", () => {
  it("needs no key to say which are recorded", async () => {
    const lines = await shown();
    assert.equal(lines[0], "1 | not encrypted");
    assert.deepEqual(
      lines.slice(1).map((line) => line.replace(/sha256:[0-9a-f]{12}/, "sha256")),
      [
        "2 | sha256 | recorded | ENCRYPTION_INFO",
        "2 | sha256 | recorded | ENCRYPTION_INFO",
        "3 | sha256 | recorded | ENCRYPTION_INFO-2",
        "3 | sha256 | recorded | ENCRYPTION_INFO",
        "4 | passphrase | recorded | ENCRYPTION_INFO",
      ],
    );
  });

  it("tells the given keys by their names, asking no service", async () => {
    assert.deepEqual(await shown(`WITH kms = ('${kms("one")}', '${kms("lost")}')`), [
      "1 | not encrypted",
      `2 | ${kms("one")} | recorded | ENCRYPTION_INFO`,
      `2 | ${kms("lost")} | not recorded`,
      `3 | ${kms("one")} | not recorded`,
      `3 | ${kms("lost")} | recorded | ENCRYPTION_INFO-2`,
      `4 | ${kms("one")} | not recorded`,
      `4 | ${kms("lost")} | not recorded`,
    ]);
  });

  it("WITH test opens every backup with every key", async () => {
    await rm(join(world.keyring, "lost.key"));
    const manifest = join(world.directory, "collection", folders[2] ?? "", "BACKUP_MANIFEST");
    await writeFile(manifest, "cockroach damaged");
    const lines = await shown(`WITH kms = ('${kms("one")}', '${kms("two")}', '${kms("lost")}'), test`);
    assert.deepEqual(
      lines.map((line) => line.split(" | ").slice(0, 4).join(" | ")),
      [
        "1 | not encrypted",
        `2 | ${kms("one")} | opens | ENCRYPTION_INFO`,
        `2 | ${kms("two")} | opens | ENCRYPTION_INFO`,
        lines[3]?.split(" | ").slice(0, 4).join(" | "),
        lines[4]?.split(" | ").slice(0, 4).join(" | "),
        `3 | ${kms("two")} | damaged | ENCRYPTION_INFO`,
        `3 | ${kms("lost")} | not found | ENCRYPTION_INFO-2`,
        lines[7]?.split(" | ").slice(0, 4).join(" | "),
        lines[8]?.split(" | ").slice(0, 4).join(" | "),
        lines[9]?.split(" | ").slice(0, 4).join(" | "),
      ],
    );
    assert.match(lines[3] ?? "", /^2 \| local-kms:\/\/\/lost \| not found/);
    assert.match(lines[4] ?? "", /^3 \| local-kms:\/\/\/one \| not a match \| /);
    assert.match(lines[7] ?? "", /^4 \| local-kms:\/\/\/one \| not a match \| /);
  });

  it("tests a passphrase", async () => {
    const lines = await shown("WITH encryption_passphrase = 'open sesame', test");
    assert.deepEqual(lines, [
      "1 | not encrypted",
      "2 | passphrase | not recorded",
      "3 | passphrase | not recorded",
      "4 | passphrase | opens | ENCRYPTION_INFO",
    ]);
    const wrong = await shown("WITH encryption_passphrase = 'open barley', test");
    assert.match(wrong[3] ?? "", /^4 \| passphrase \| not a match \| ENCRYPTION_INFO \| the passphrase does not open/);
  });

  it("refuses a test of no key", async () => {
    const error = await session.fails(`SHOW BACKUP KEYS IN '${world.uri}' WITH test`, "option/missing");
    assert.equal(error.message, "test needs keys to test");
  });
});
