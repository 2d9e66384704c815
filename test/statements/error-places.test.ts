// What a statement fails on when it runs points at the string of the text that it is about.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Code } from "../../src/errors.ts";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { embeddedTestDirectory, type TestDirectory } from "../harness/embedded-directory.ts";

let directory: TestDirectory & { readonly database: string };
let world: BackupWorld;
let session: TestSession;

before(async () => {
  directory = await embeddedTestDirectory();
  world = await BackupWorld.open();
  session = world.embedded(directory.database);
  await session.ok("CREATE KMS KEY 'local-kms:///one'; CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
  await session.ok(`BACKUP INTO '${world.uri}' WITH kms = 'local-kms:///one'`);
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** The part of the text that the failure points at. */
async function blamed(sql: string, code: Code): Promise<string | undefined> {
  const text = `/* two */ ${sql}`;
  const { span } = await session.fails(text, code);
  return span === undefined ? undefined : text.slice(span.start, span.end);
}

describe("an error points at", () => {
  const one = "'local-kms:///one'";

  test("the storage", async () => {
    const nowhere = `'${world.uri}-nowhere'`;
    assert.equal(
      await blamed(`SHOW BACKUPS IN '${world.uri}'; SHOW BACKUP LATEST IN ${nowhere}`, "backup/not-found"),
      nowhere,
    );
    assert.equal(await blamed(`COPY t FROM ${nowhere}`, "storage/not-found"), nowhere);
    await session.ok(`UNLOAD ('SELECT 1') TO '${world.uri}-x_' CSV`);
    const taken = `'${world.uri}-x_'`;
    assert.equal(await blamed(`UNLOAD ('SELECT 1') TO ${taken} CSV`, "storage/exists"), taken);
  });

  test("the only key, or all of several", async () => {
    const lost = "'local-kms:///lost'";
    const verify = `VERIFY BACKUP FROM LATEST IN '${world.uri}'`;
    assert.equal(await blamed(`${verify} WITH kms = ${lost}`, "key/unavailable"), lost);
    const two = `BACKUP INTO '${world.uri}' WITH kms = (${one}, ${lost})`;
    assert.equal(await blamed(two, "key/unavailable"), `${one}, ${lost}`);
  });

  test("the passphrase; the storage when no key is given", async () => {
    const verify = `VERIFY BACKUP FROM LATEST IN '${world.uri}'`;
    assert.equal(await blamed(`${verify} WITH encryption_passphrase = 'p'`, "key/passphrase"), "'p'");
    assert.equal(await blamed(verify, "key/required"), `'${world.uri}'`);
  });

  test("the keys that the error tells about", async () => {
    const lost = "'local-kms:///lost'";
    const alter = `ALTER BACKUP LATEST IN '${world.uri}' ADD NEW_KMS = ${lost} WITH OLD_KMS = ${one}`;
    assert.equal(await blamed(alter, "key/unavailable"), lost);
  });

  test("nothing, when it is about none of them", async () => {
    assert.equal(
      await blamed(`RESTORE TABLE t FROM LATEST IN '${world.uri}' WITH kms = ${one}`, "restore/conflict"),
      undefined,
    );
  });
});
