import assert from "node:assert/strict";
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { prepareDirectory } from "../../../src/engines/embedded/directory.ts";
import { openEmbedded } from "../../../src/engines/embedded/embedded.ts";
import { ShellError, type Code } from "../../../src/errors.ts";
import { emptyTestDirectory, embeddedTestDirectory } from "../../harness/embedded-directory.ts";

function failsWith(code: Code, message: RegExp): (thrown: unknown) => true {
  return (thrown) => {
    assert.ok(thrown instanceof ShellError, String(thrown));
    assert.equal(thrown.code, code);
    assert.match(thrown.message, message);
    return true;
  };
}

void describe("embedded: where the data lives", () => {
  void test("a directory is made on first use, readable by its owner alone, whole or not at all", async () => {
    await using scratch = await emptyTestDirectory();
    const directory = join(scratch.path, "a", "database");
    {
      await using engine = await openEmbedded({ directory });
      assert.equal(engine.description.name, "embedded");
      assert.match(engine.description.version, /^\d+\.\d+$/);
      assert.equal(Math.floor(engine.description.versionNumber / 10_000), Number.parseInt(engine.description.version));
      assert.deepEqual([engine.description.location, engine.description.superuser], [directory, true]);
      assert.deepEqual((await readdir(join(scratch.path, "a"))).sort(), ["database", "database.lock"]);
    }
    assert.deepEqual(await readdir(join(scratch.path, "a")), ["database"]);
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
  });

  void test("a cluster takes its name when it is whole; what a process that died making one left is cleared away", async () => {
    await using scratch = await emptyTestDirectory();
    const directory = join(scratch.path, "database");
    await mkdir(`${directory}.new-1/base`, { recursive: true });
    const broken = new Error("the disk is full");
    const making = prepareDirectory(directory, async (draft) => {
      await writeFile(join(draft, "PG_VERSION"), "18\n");
      assert.deepEqual(await readdir(scratch.path), [`database.new-${process.pid}`]);
      throw broken;
    });
    await assert.rejects(making, broken);
    assert.deepEqual(await readdir(scratch.path), []);
    await mkdir(directory);
    await prepareDirectory(directory, (draft) => writeFile(join(draft, "PG_VERSION"), "18\n"));
    assert.deepEqual(await readdir(directory), ["PG_VERSION"]);
  });

  void test("a parent that cannot be made is named", async () => {
    await using scratch = await emptyTestDirectory();
    await writeFile(join(scratch.path, "file"), "");
    const opening = openEmbedded({ directory: join(scratch.path, "file", "database") });
    await assert.rejects(opening, failsWith("engine/connect", /database: its parent directory cannot be made$/));
  });

  void test("a directory with other things in it is left alone", async () => {
    await using scratch = await emptyTestDirectory();
    await writeFile(join(scratch.path, "novel.txt"), "Chapter 1");
    const opening = openEmbedded({ directory: scratch.path });
    await assert.rejects(opening, failsWith("engine/connect", /neither empty nor an embedded database$/));
    assert.deepEqual(await readdir(scratch.path), ["novel.txt"]);
    await assert.rejects(stat(`${scratch.path}.lock`), /ENOENT/);
  });

  void test("a file instead of a directory is named", async () => {
    await using scratch = await emptyTestDirectory();
    const directory = join(scratch.path, "file");
    await writeFile(directory, "");
    await assert.rejects(openEmbedded({ directory }), failsWith("engine/connect", /not a directory$/));
  });

  void test("a cluster that lacks what it cannot start without is not touched", async () => {
    await using scratch = await emptyTestDirectory();
    const directory = join(scratch.path, "half");
    await mkdir(join(directory, "base"), { recursive: true });
    await writeFile(join(directory, "PG_VERSION"), "18\n");
    const opening = openEmbedded({ directory });
    await assert.rejects(opening, failsWith("engine/connect", /incomplete embedded database$/));
    assert.deepEqual((await readdir(directory)).sort(), ["PG_VERSION", "base"]);
  });

  void test("a database that the cluster does not have is named", async () => {
    await using scratch = await embeddedTestDirectory();
    const opening = openEmbedded({ directory: scratch.database, database: "nowhere" });
    await assert.rejects(opening, failsWith("engine/connect", /database "nowhere" does not exist$/));
    await assert.rejects(stat(`${scratch.database}.lock`), /ENOENT/);
  });

  void test("a database made by CREATE DATABASE can be opened", async () => {
    await using scratch = await embeddedTestDirectory();
    {
      await using engine = await openEmbedded({ directory: scratch.database });
      for await (const _event of engine.run("CREATE DATABASE annexe"));
    }
    await using engine = await openEmbedded({ directory: scratch.database, database: "annexe" });
    assert.equal(engine.description.database, "annexe");
  });
});

void describe("embedded: one process at a time", () => {
  let scratch: Awaited<ReturnType<typeof embeddedTestDirectory>>;
  let lock: string;
  before(async () => {
    scratch = await embeddedTestDirectory();
    lock = `${scratch.database}.lock`;
  });
  after(() => scratch[Symbol.asyncDispose]());
  afterEach(() => rm(lock, { force: true }));

  void test("a directory that a running process has open is refused, naming it", async () => {
    await using engine = await openEmbedded({ directory: scratch.database });
    const refused = failsWith("engine/locked", new RegExp(`opened by process ${process.pid} on `));
    await assert.rejects(openEmbedded({ directory: scratch.database }), (thrown) => {
      refused(thrown);
      assert.ok(thrown instanceof ShellError && thrown.detail.includes(`lock: ${lock}`));
      return true;
    });
    assert.deepEqual(await engine.rows("SELECT 1"), [["1"]]);
  });

  void test("the lock is let go of once, however often the engine is disposed", async () => {
    const first = await openEmbedded({ directory: scratch.database });
    await Promise.all([first[Symbol.asyncDispose](), first[Symbol.asyncDispose]()]);
    await using _second = await openEmbedded({ directory: scratch.database });
    await first[Symbol.asyncDispose]();
    assert.ok((await stat(lock)).isFile());
  });

  const lockOf = (pid: number, more: object): string =>
    `${JSON.stringify({ pid, host: hostname(), processStart: "", openedAt: "2001-02-03T04:05:06Z", token: "t", ...more })}\n`;

  async function pidOfTheDead(): Promise<number> {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    return child.pid ?? 0;
  }

  void test("the lock of a process that is gone is taken over, and said so", async () => {
    const pid = await pidOfTheDead();
    await writeFile(lock, lockOf(pid, {}));
    const warnings: string[] = [];
    await using _engine = await openEmbedded({
      directory: scratch.database,
      warn: (message) => warnings.push(message),
    });
    assert.deepEqual(warnings, [`${lock}: taken over from process ${pid}, which is gone`]);
    assert.match(await readFile(lock, "utf8"), new RegExp(`"pid":${process.pid},`));
  });

  void test("of several processes that find a stale lock at once, one takes it over", async () => {
    const contender = join(import.meta.dirname, "../../harness/embedded-contender.js");
    const gone = await pidOfTheDead();
    for (let round = 0; round < 4; round += 1) {
      await writeFile(lock, lockOf(gone, {}));
      const children = [1, 2, 3, 4].map(() => fork(contender, [scratch.database]));
      await Promise.all(children.map((child) => once(child, "message")));
      const answers = children.map(async (child): Promise<string> => {
        const [answer]: string[] = await once(child, "message");
        return answer ?? "nothing";
      });
      for (const child of children) child.send("now");
      assert.deepEqual((await Promise.all(answers)).sort(), [
        "engine/locked",
        "engine/locked",
        "engine/locked",
        "taken",
      ]);
      await Promise.all(
        children.map(async (child) => {
          child.kill("SIGKILL");
          await once(child, "exit");
        }),
      );
    }
  });

  void test("a process that bears a dead one's number does not hold its lock", async (context) => {
    if (process.platform !== "linux") {
      context.skip("runs on Linux, where the test can tell when a process was started");
      return;
    }
    await writeFile(lock, lockOf(process.pid, { processStart: "1" }));
    await using engine = await openEmbedded({ directory: scratch.database });
    assert.deepEqual(await engine.rows("SELECT 1"), [["1"]]);
  });

  void test("the lock of another machine counts, whatever runs here", async () => {
    await writeFile(lock, lockOf(await pidOfTheDead(), { host: "elsewhere" }));
    const refused = failsWith("engine/locked", /opened by process \d+ on elsewhere$/);
    await assert.rejects(openEmbedded({ directory: scratch.database }), refused);
  });

  void test("a lock without content counts while its writer may be at it", async () => {
    await writeFile(lock, "");
    await assert.rejects(openEmbedded({ directory: scratch.database }), failsWith("engine/locked", /another process$/));
    await utimes(lock, new Date(0), new Date(0));
    await using engine = await openEmbedded({ directory: scratch.database });
    assert.deepEqual(await engine.rows("SELECT 1"), [["1"]]);
  });

  void test("a process that ends without disposing leaves no lock; one that is killed leaves one that is taken over", async () => {
    const loader = join(import.meta.dirname, "../../harness/embedded-loader.js");
    for (const [signal, taken] of [
      ["SIGTERM", 0],
      ["SIGKILL", 1],
    ] as const) {
      const child = fork(loader, [scratch.database, "idle"]);
      await once(child, "message");
      child.kill(signal);
      await once(child, "exit");
      const warnings: string[] = [];
      await using _engine = await openEmbedded({ directory: scratch.database, warn: (said) => warnings.push(said) });
      assert.equal(warnings.length, taken);
    }
  });
});
