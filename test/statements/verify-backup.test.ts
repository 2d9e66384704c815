import assert from "node:assert/strict";
import { readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { embeddedTestDirectory } from "../harness/embedded-directory.ts";

let world: BackupWorld;
let session: TestSession;
let closing: AsyncDisposableStack;
let folder: string;

/** Enough for several files, so that worker threads read them. */
const SCRIPT = `
  CREATE TABLE a_small (a int); INSERT INTO a_small VALUES (1), (2);
  CREATE TABLE b_empty (b int);
  CREATE TABLE c_large AS SELECT i, md5(i::text) || md5((-i)::text) AS noise FROM generate_series(1, 200000) AS i`;

const verify = (): string => `VERIFY BACKUP FROM '${folder}' IN '${world.uri}' WITH encryption_passphrase = 'secret'`;

async function dataFiles(): Promise<readonly string[]> {
  const directory = join(world.directory, "collection", folder, "data");
  return (await readdir(directory)).map((name) => join(directory, name)).toSorted();
}

before(async () => {
  closing = new AsyncDisposableStack();
  const directory = closing.use(await embeddedTestDirectory());
  world = closing.use(await BackupWorld.open());
  session = world.embedded(directory.database);
  await session.ok(SCRIPT);
  folder = await session.backup(`BACKUP INTO '${world.uri}' WITH encryption_passphrase = 'secret'`);
});

after(() => closing.disposeAsync());

describe("VERIFY BACKUP over several threads", () => {
  test("tells every table in order, with what is in its files", async () => {
    const { rows } = await session.ok(verify());
    assert.deepEqual(
      rows.map(([, , name, , count, , , status]) => [name, count, status]),
      [
        ["a_small", "2", "ok"],
        ["b_empty", "0", "ok"],
        ["c_large", "200000", "ok"],
      ],
    );
    assert.ok(Number(rows[2]?.[3]) > 2, "several files");
    const shown = await session.ok(
      `SHOW BACKUP FROM '${folder}' IN '${world.uri}' WITH encryption_passphrase = 'secret'`,
    );
    const large = shown.rows.find((row) => row[2] === "c_large");
    assert.equal(rows[2]?.[5], large?.[shown.columns.indexOf("size_bytes")]);
  });

  test("progress counts files", async () => {
    const { events } = await session.ok(verify());
    const progress = events.flatMap((event) => (event.type === "progress" ? [event] : []));
    assert.deepEqual(
      progress.map(({ done }) => done.files),
      progress.map((_, index) => index + 1),
    );
    assert.equal(progress.at(-1)?.total?.files, progress.length);
  });

  test("progress tells each table's share and the bytes of all", async () => {
    const { events } = await session.ok(verify());
    const progress = events.flatMap((event) => (event.type === "progress" ? [event] : []));
    const last = progress.at(-1);
    assert.deepEqual([last?.done.bytes, last?.done.rows], [last?.total?.bytes, 200_002n]);
    const large = progress.flatMap(({ active = [] }) => active.filter(({ name }) => name === "public.c_large"));
    const bytes = large.map(({ done }) => done.bytes ?? 0n);
    assert.ok(bytes.length > 2 && bytes.every((one, at) => one >= (bytes[at - 1] ?? 0n)));
    assert.ok(large.every(({ total }) => total?.bytes === bytes.at(-1)));
  });

  test("names every damaged file and goes on", async () => {
    const files = await dataFiles();
    const [flipped = "", cut = "", gone = ""] = files.toSorted();
    const kept = await Promise.all([flipped, cut, gone].map((path) => readFile(path)));
    const bytes = Buffer.from(kept[0] ?? []);
    bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
    await writeFile(flipped, bytes);
    await truncate(cut, 10);
    await rm(gone);
    const { rows, error, events } = await session.run(verify());
    assert.equal(rows.length, 3);
    const last = events.findLast((event) => event.type === "progress");
    assert.equal(last?.done.bytes, last?.total?.bytes, "what is damaged is behind us as well");
    const damaged = rows.map((row) => Number(/^(\d+) damaged$/.exec(row.at(-1) ?? "")?.[1] ?? 0));
    assert.equal(
      damaged.reduce((sum, one) => sum + one, 0),
      3,
    );
    assert.ok(error?.code.startsWith("integrity/"));
    assert.match(error?.message ?? "", /^3 files of backup .* are damaged$/);
    for (const path of [flipped, cut, gone]) {
      const id = basename(path);
      assert.ok(error?.detail.some((line) => line.includes(id)));
    }
    await Promise.all([flipped, cut, gone].map((path, index) => writeFile(path, kept[index] ?? "")));
    await session.ok(verify());
  });

  test("stops when it is told to", async () => {
    const stop = new AbortController();
    let code: string | undefined;
    for await (const event of session.live.execute(verify(), { signal: stop.signal })) {
      if (event.type === "progress") stop.abort();
      if (event.type === "failed") ({ code } = event.error);
    }
    assert.equal(code, "job/interrupted");
  });
});
