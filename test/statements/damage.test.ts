import assert from "node:assert/strict";
import { readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Code } from "../../src/errors.ts";
import { MANIFEST_VERSION } from "../../src/backups/manifest.ts";
import { checksumOf } from "../../src/backups/writer.ts";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { embeddedTestDirectory, type TestDirectory } from "../harness/embedded-directory.ts";

let world: BackupWorld;
let directory: TestDirectory & { readonly database: string };
let session: TestSession;
/** Folders of two backups: of two tables each, one encrypted, one in the clear. */
let sealed: string;
let clear: string;

before(async () => {
  directory = await embeddedTestDirectory();
  world = await BackupWorld.open();
  session = world.embedded(directory.database);
  await session.ok("CREATE TABLE notes AS SELECT n AS id, 'note ' || n AS body FROM generate_series(1, 100) AS n");
  await session.ok("CREATE TABLE more AS SELECT n AS id, 'more ' || n AS body FROM generate_series(1, 100) AS n");
  await session.ok("CREATE KMS KEY 'local-kms:///one'");
  sealed = join(world.directory, "collection", await session.backup(`BACKUP INTO '${world.uri}' ${KEYS}`));
  const uri = `file://${world.directory}/clear`;
  clear = join(world.directory, "clear", await session.backup(`BACKUP INTO '${uri}'`));
  await session.ok("DROP TABLE notes, more");
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

const KEYS = "WITH kms = 'local-kms:///one'";
type Undo = () => Promise<void>;

/** Damages, looks, and repairs whatever was seen. */
async function damaged(undo: Promise<Undo> | readonly Promise<Undo>[], look: () => Promise<void>): Promise<void> {
  const undos = await Promise.all([undo].flat());
  try {
    await look();
  } finally {
    for (const one of undos.toReversed()) await one();
  }
}

async function flip(path: string, at: number): Promise<Undo> {
  const bytes = await readFile(path);
  const changed = Buffer.from(bytes);
  const index = at < 0 ? changed.length + at : at;
  changed.writeUInt8((changed[index] ?? 0) ^ 1, index);
  await writeFile(path, changed);
  return () => writeFile(path, bytes);
}

async function cut(path: string, keep: number): Promise<Undo> {
  const bytes = await readFile(path);
  await truncate(path, keep < 0 ? bytes.length + keep : keep);
  return () => writeFile(path, bytes);
}

async function dataFiles(folder: string): Promise<readonly [string, string]> {
  const [first = "", second = ""] = (await readdir(join(folder, "data"))).map((name) => join(folder, "data", name));
  return [first, second];
}

async function swap(a: string, b: string): Promise<Undo> {
  const exchange = async (): Promise<void> => {
    await rename(a, `${a}.away`);
    await rename(b, a);
    await rename(`${a}.away`, b);
  };
  await exchange();
  return exchange;
}

async function remove(path: string): Promise<Undo> {
  const bytes = await readFile(path);
  await rm(path);
  return () => writeFile(path, bytes);
}

/** Both read everything: the one names the damage, the other refuses to load it and leaves the database empty. */
async function refusedBy(folder: () => string, code: Code, names: RegExp): Promise<void> {
  const [uri, keys] = folder() === sealed ? [world.uri, KEYS] : [`file://${world.directory}/clear`, ""];
  for (const sql of [`VERIFY BACKUP FROM LATEST IN '${uri}' ${keys}`, `RESTORE FROM LATEST IN '${uri}' ${keys}`]) {
    const error = await session.fails(sql, code);
    assert.equal(error.exitStatus, code === "backup/version" ? 3 : 13);
    assert.match([error.message, ...error.detail].join("\n"), names, sql);
    assert.ok(error.note, `${sql} says what state things are in: ${error.message}`);
    assert.deepEqual((await session.ok("SELECT to_regclass('notes'), to_regclass('more')")).rows, [[null, null]]);
  }
}

describe("a damaged backup is refused", () => {
  const folders = { encrypted: () => sealed, "in the clear": () => clear };
  for (const [name, folder] of Object.entries(folders)) {
    const data = /data\/[0-9a-f]{64}/;
    const inData: readonly (readonly [string, (path: string) => Promise<Undo>, Code])[] = [
      ["flipped at its start", (path) => flip(path, 0), "integrity/tampered"],
      ["flipped in its middle", (path) => flip(path, 60), "integrity/tampered"],
      ["flipped at its end", (path) => flip(path, -1), "integrity/tampered"],
      ["cut by a byte", (path) => cut(path, -1), "integrity/truncated"],
      ["empty", (path) => cut(path, 0), "integrity/truncated"],
      ["missing", remove, "integrity/missing"],
    ];
    for (const [how, damage, code] of inData) {
      test(`${name}: a data file ${how}`, async () => {
        const [path] = await dataFiles(folder());
        const isDigest = name === "in the clear" && code === "integrity/tampered";
        await damaged(damage(path), () => refusedBy(folder, isDigest ? "integrity/checksum" : code, data));
      });
    }

    test(`${name}: two data files swapped`, async () => {
      const reference = name === "encrypted" ? `'${world.uri}' ${KEYS}` : `'file://${world.directory}/clear'`;
      await damaged(swap(...(await dataFiles(folder()))), async () => {
        const { error } = await session.run(`VERIFY BACKUP FROM LATEST IN ${reference}`);
        assert.match(error?.code ?? "", /^integrity\/(tampered|truncated|checksum)$/);
        assert.match([error?.message, ...(error?.detail ?? [])].join("\n"), data);
      });
    });

    for (const [how, damage] of [
      ["flipped", (path: string) => flip(path, -3)],
      ["cut", (path: string) => cut(path, -5)],
    ] as const) {
      test(`${name}: the manifest ${how}`, async () => {
        const path = join(folder(), "BACKUP_MANIFEST");
        await damaged(damage(path), () => refusedBy(folder, "integrity/checksum", /the key was not tried/));
      });
    }

    test(`${name}: the checksum flipped`, async () => {
      const path = join(folder(), "BACKUP_MANIFEST-CHECKSUM");
      await damaged(flip(path, 0), () => refusedBy(folder, "integrity/checksum", /the key was not tried/));
    });
  }

  test("the manifest and its checksum changed together", async () => {
    const path = join(sealed, "BACKUP_MANIFEST");
    await damaged([flip(path, -3), flip(`${path}-CHECKSUM`, 0)], async () => {
      await writeFile(`${path}-CHECKSUM`, checksumOf(await readFile(path)));
      await refusedBy(() => sealed, "integrity/tampered", /manifest/);
    });
  });

  test("the manifest of a newer version", async () => {
    const path = join(clear, "BACKUP_MANIFEST");
    const manifest = JSON.parse(gunzipSync(await readFile(path)).toString()) as Record<string, unknown>;
    const newer = gzipSync(JSON.stringify({ ...manifest, version: MANIFEST_VERSION + 1 }));
    await damaged([flip(path, -3), flip(`${path}-CHECKSUM`, 0)], async () => {
      await writeFile(path, newer);
      await writeFile(`${path}-CHECKSUM`, checksumOf(newer));
      await refusedBy(
        () => clear,
        "backup/version",
        new RegExp(`written in manifest version ${MANIFEST_VERSION + 1}, this build reads up to ${MANIFEST_VERSION}$`),
      );
    });
  });

  test("a changed wrapped key", async () => {
    await damaged(flip(join(sealed, "ENCRYPTION_INFO"), -1), async () => {
      const { error } = await session.run(`VERIFY BACKUP FROM LATEST IN '${world.uri}' ${KEYS}`);
      assert.match(error?.code ?? "", /^(key\/mismatch|integrity\/tampered)$/);
      assert.equal(error?.note, "nothing was changed");
    });
  });

  test("a damaged ENCRYPTION_INFO beside one that is whole: the key of that one opens, and the damage is told", async () => {
    const collection = `file://${world.directory}/twice`;
    await session.ok("CREATE KMS KEY 'local-kms:///two'");
    const folder = join(world.directory, "twice", await session.backup(`BACKUP INTO '${collection}' ${KEYS}`));
    await session.ok(
      `ALTER BACKUP LATEST IN '${collection}' ADD NEW_KMS = 'local-kms:///two' WITH OLD_KMS = 'local-kms:///one'`,
    );
    const verify = `VERIFY BACKUP FROM LATEST IN '${collection}' WITH kms = 'local-kms:///two'`;
    await damaged(cut(join(folder, "ENCRYPTION_INFO"), 20), async () => {
      const { events } = await session.ok(verify);
      const warning = events.find((event) => event.type === "notice" && event.severity === "WARNING");
      assert.match(JSON.stringify(warning), /ENCRYPTION_INFO is damaged/);
      const keys = await session.ok(`SHOW BACKUP KEYS IN '${collection}'`);
      assert.match(JSON.stringify(keys.rows), /"damaged","ENCRYPTION_INFO",".* is damaged/);
      const error = await session.fails(verify.replace("///two", "///one"), "key/mismatch");
      assert.match(error.detail.join("\n"), /ENCRYPTION_INFO is damaged/);
      await damaged(cut(join(folder, "ENCRYPTION_INFO-2"), 20), async () => {
        const both = await session.fails(verify, "integrity/tampered");
        assert.match(both.hint ?? "", /bring it back/);
        assert.equal(both.note, "nothing was changed");
      });
    });
  });

  test("a manifest in the clear that names a size no segment has", async () => {
    const path = join(clear, "BACKUP_MANIFEST");
    const text = gunzipSync(await readFile(path)).toString();
    const changed = gzipSync(text.replaceAll(/"storedBytes":\d+/gu, '"storedBytes":1e15'));
    await damaged([flip(path, -3), flip(`${path}-CHECKSUM`, 0)], async () => {
      await writeFile(path, changed);
      await writeFile(`${path}-CHECKSUM`, checksumOf(changed));
      await refusedBy(() => clear, "integrity/truncated", /has \d+ bytes\n/);
    });
  });

  test("a missing ENCRYPTION_INFO", () =>
    damaged(remove(join(sealed, "ENCRYPTION_INFO")), () =>
      refusedBy(() => sealed, "integrity/missing", /it has no ENCRYPTION_INFO/),
    ));

  test("check_files names what is missing and what has another size", async () => {
    const [first, second] = await dataFiles(sealed);
    const sql = `SHOW BACKUP FROM LATEST IN '${world.uri}' ${KEYS}, check_files`;
    await damaged([remove(first), cut(second, 10)], async () => {
      const error = await session.fails(sql, "integrity/missing");
      assert.match(error.message, /^2 files of backup/);
      assert.match(error.detail.join("\n"), /missing[\s\S]*10 bytes, recorded|10 bytes, recorded[\s\S]*missing/);
    });
    await session.ok(sql);
  });

  test("repaired, it verifies and restores", async () => {
    await session.ok(`VERIFY BACKUP FROM LATEST IN '${world.uri}' ${KEYS}`);
    await session.ok(`RESTORE FROM LATEST IN '${world.uri}' ${KEYS}`);
    assert.deepEqual((await session.ok("SELECT count(*) FROM notes JOIN more USING (id)")).rows, [["100"]]);
  });
});
