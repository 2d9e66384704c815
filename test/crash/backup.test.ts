import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ShellError } from "../../src/errors.ts";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { embeddedTestDirectory, type TestDirectory } from "../harness/embedded-directory.ts";
import { FaultyStore, type Fault } from "../harness/faulty-store.ts";

let world: BackupWorld;
let directory: TestDirectory & { readonly database: string };
let session: TestSession;

before(async () => {
  directory = await embeddedTestDirectory();
  world = await BackupWorld.open();
  session = world.embedded(directory.database);
  await session.ok("CREATE TABLE notes AS SELECT 1 AS id, 'one' AS body; CREATE TABLE more AS SELECT 2 AS id");
  await session.ok("CREATE KMS KEY 'local-kms:///one'");
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

const UNKNOWN = "the store did not say whether the backup was made: SHOW BACKUPS IN tells";
const KEYS = "WITH kms = 'local-kms:///one'";

/** Backs up with a store that fails; answers whether it said it succeeded, and how many operations it had. */
async function attempt(
  uri: string,
  fault?: Fault,
): Promise<{ readonly error?: ShellError; readonly operations: number }> {
  const stores: FaultyStore[] = [];
  world.hooks = {
    store: (store) => {
      stores.push(new FaultyStore(store, fault));
      return stores.at(-1) ?? assert.fail();
    },
  };
  const { error } = await session.run(`BACKUP INTO '${uri}' ${KEYS}`);
  world.hooks = {};
  const operations = stores.reduce((sum, store) => sum + store.operations.length, 0);
  return error === undefined ? { operations } : { error, operations };
}

/** What is listed must be whole; what is not listed must not be there in part. */
async function listed(uri: string): Promise<number> {
  const { rows } = await session.ok(`SHOW BACKUPS IN '${uri}'`);
  for (const [path] of rows) await session.ok(`VERIFY BACKUP FROM '${path}' IN '${uri}' ${KEYS}`);
  return rows.length;
}

describe("a store that fails at operation n", () => {
  const modes: readonly (readonly [string, Pick<Fault, "when" | "stays">])[] = [
    ["without effect", { when: "before" }],
    ["halfway through", { when: "midway" }],
    ["after it took effect", { when: "after" }],
    ["and never answers again", { when: "after", stays: true }],
  ];
  for (const [name, mode] of modes) {
    test(`${name}: the backup is absent or complete`, async () => {
      const counted = `${world.uri}/${mode.when}${mode.stays === true ? "-dead" : ""}`;
      const { operations } = await attempt(`${counted}/0`);
      assert.ok(operations > 8, `${operations} operations`);
      for (let at = 1; at <= operations; at += 1) {
        const uri = `${counted}/${at}`;
        const error = new ShellError("storage/unavailable", `the store fails at operation ${at}`);
        const outcome = await attempt(uri, { atOperation: at, error, ...mode });
        const count = await listed(uri);
        const text = `operation ${at}: ${outcome.error?.message} ${outcome.error?.note}, ${count} listed`;
        if (outcome.error?.note === UNKNOWN) continue;
        assert.equal(count, outcome.error === undefined ? 1 : 0, text);
        assert.match(outcome.error?.note ?? "nothing was written", noteOf(mode), text);
        if (outcome.error?.note === "nothing was written") assert.deepEqual(await filesBelow(uri), [], text);
        assert.equal((await attempt(uri)).error, undefined, `the next backup works after ${text}`);
        assert.equal(await listed(uri), count + 1, text);
        await session.ok(`SHOW BACKUP FROM LATEST IN '${uri}' ${KEYS}`);
      }
    });
  }
});

/** A dead store may have the manifest or not, and cannot be asked. */
function noteOf(mode: Pick<Fault, "stays">): RegExp {
  return mode.stays === true
    ? /^(nothing was written|no backup was made; \d+ objects could not be deleted: .*)$/
    : /^nothing was written$/;
}

async function filesBelow(uri: string): Promise<readonly string[]> {
  const folder = `${uri.slice(world.uri.length + 1)}/`;
  return Object.keys(await world.files()).filter((path) => path.startsWith(folder));
}
