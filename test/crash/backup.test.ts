import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ShellError } from "../../src/errors.ts";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { embeddedTestDirectory, type TestDirectory } from "../harness/embedded-directory.ts";
import type { ObjectStore } from "../../src/storage/store.ts";
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

interface Attempt {
  readonly error: ShellError | undefined;
  readonly operations: readonly string[];
}

/** Backs up with a store that may fail. */
async function attempt(uri: string, fault?: Fault): Promise<Attempt> {
  const stores: FaultyStore[] = [];
  const faulty = (store: ObjectStore): ObjectStore => {
    const made = new FaultyStore(store, fault);
    stores.push(made);
    return made;
  };
  world.hooks = { store: faulty };
  const { error } = await session.run(`BACKUP INTO '${uri}' ${KEYS}`);
  world.hooks = {};
  return { error, operations: stores.flatMap((store) => store.operations) };
}

/** What is listed must be whole. */
async function listed(uri: string): Promise<number> {
  const { rows } = await session.ok(`SHOW BACKUPS IN '${uri}'`);
  for (const [path] of rows) await session.ok(`VERIFY BACKUP FROM '${path}' IN '${uri}' ${KEYS}`);
  return rows.length;
}

interface Mode extends Pick<Fault, "when" | "stays"> {
  /** Whether other calls than puts can fail in a way of their own. */
  readonly everyCall: boolean;
}

describe("a store that fails at operation n", () => {
  const modes: Readonly<Record<string, Mode>> = {
    "without effect": { when: "before", everyCall: true },
    "halfway through": { when: "midway", everyCall: false },
    "after it took effect": { when: "after", everyCall: false },
    "and never answers again": { when: "after", stays: true, everyCall: false },
  };
  for (const [name, { everyCall, ...mode }] of Object.entries(modes)) {
    test(`${name}: the backup is absent or complete`, async () => {
      const folder = `${world.uri}/${name.replaceAll(" ", "-")}`;
      const { operations } = await attempt(`${folder}/0`);
      assert.ok(operations.length > 8, operations.join(", "));
      for (const [index, operation] of operations.entries()) {
        if (!everyCall && !operation.startsWith("put ")) continue;
        const uri = `${folder}/${index + 1}`;
        const error = new ShellError("storage/unavailable", `the store fails at ${operation}`);
        const outcome = await attempt(uri, { atOperation: index + 1, error, ...mode });
        const count = await listed(uri);
        const text = `${operation}: ${outcome.error?.note}, ${count} listed`;
        if (outcome.error?.note !== UNKNOWN) assert.equal(count, outcome.error === undefined ? 1 : 0, text);
        assert.match(outcome.error?.note ?? "nothing was written", noteOf(mode), text);
        if (outcome.error?.note === "nothing was written") assert.deepEqual(await filesBelow(uri), [], text);
        if (!everyCall && mode.stays !== true) continue;
        assert.equal((await attempt(uri)).error, undefined, `the next backup after ${text}`);
        assert.equal(await listed(uri), count + 1, text);
      }
    });
  }
});

/** A dead store may have the manifest or not, and cannot be asked. */
function noteOf(mode: Pick<Fault, "stays">): RegExp {
  return mode.stays === true
    ? /^(the store did not say whether .*|nothing was written|no backup was made; \d+ objects could not be deleted: .*)$/
    : /^nothing was written$/;
}

async function filesBelow(uri: string): Promise<readonly string[]> {
  const folder = `${uri.slice(world.uri.length + 1)}/`;
  return Object.keys(await world.files()).filter((path) => path.startsWith(folder));
}
