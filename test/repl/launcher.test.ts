import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess, type SpawnSyncReturns } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { ROOT } from "../harness/root.ts";

const LAUNCHER = join(ROOT, "bin/sealift.js");
/** Makes the launcher believe it runs on an old Node. */
const PRETEND_OLD =
  "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.19.0'}})";

const elsewhere = mkdtempSync(join(tmpdir(), "sealift-launcher-"));
mkdirSync(join(elsewhere, "bin"));
copyFileSync(LAUNCHER, join(elsewhere, "bin/sealift.js"));
writeFileSync(join(elsewhere, "package.json"), '{"type":"module"}');
after(() => rmSync(elsewhere, { recursive: true }));

function run(flags: readonly string[], launcher: string, ...words: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [...flags, launcher, ...words], { encoding: "utf8" });
}

function hasOwnNode(): boolean {
  const platform = process.platform === "win32" ? "win" : process.platform;
  try {
    return existsSync(createRequire(LAUNCHER).resolve(`node-${platform}-${process.arch}/package.json`));
  } catch {
    return false;
  }
}

suite("launcher", () => {
  test("--version is package.json's, and needs nothing else of the project", () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    const { stdout, status } = run([], join(elsewhere, "bin/sealift.js"), "--version");
    assert.deepEqual([stdout, status], [`sealift ${version}\n`, 0]);
  });

  test("without a build it says what to do", () => {
    const { stderr, status } = run([], join(elsewhere, "bin/sealift.js"), "-c", "select 1");
    assert.deepEqual([stderr, status], ["sealift: it is not built yet; run npm run build\n", 1]);
  });

  test("on an old Node without the project's own it says so in one line", () => {
    const { stderr, status } = run(["--import", PRETEND_OLD], join(elsewhere, "bin/sealift.js"), "-c", "x");
    assert.match(stderr, /^sealift: Node 22\.15 or newer is needed, this is 20\.19\.0; [^\n]*\n$/);
    assert.equal(status, 1);
  });

  function startAtHome(home: string): SpawnSyncReturns<string> {
    const env = { PATH: process.env["PATH"], HOME: home };
    return spawnSync(process.execPath, [LAUNCHER, "--help"], { encoding: "utf8", env });
  }

  test("what was compiled is kept in a folder of the user's own, for the next start", () => {
    const home = mkdtempSync(join(elsewhere, "home-"));
    assert.equal(startAtHome(home).status, 0);
    const folder = join(home, ".cache/sealift/compiled");
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    const kept = readdirSync(folder, { recursive: true }).length;
    assert.ok(kept > 100, `${kept} files are kept`);
  });

  test("it starts without complaint where nothing can be kept", () => {
    const home = join(elsewhere, "a-file");
    writeFileSync(home, "");
    const missing = join(elsewhere, "nobody");
    for (const { status, stderr } of [startAtHome(home), startAtHome(missing)])
      assert.deepEqual([status, stderr], [0, ""]);
    assert.ok(!existsSync(missing));
  });

  test("in a directory that was removed it says so", () => {
    const gone = mkdtempSync(join(elsewhere, "gone-"));
    const script = `rmdir ${gone} && exec "$0" "$@"`;
    const words = ["-c", script, process.execPath, LAUNCHER, "-c", "select 1"];
    const { status, stderr } = spawnSync("/bin/sh", words, { encoding: "utf8", cwd: gone });
    assert.deepEqual([status, stderr], [1, "sealift: the directory you are in was removed; change to another one\n"]);
  });

  const skip = hasOwnNode() ? false : "runs with the optional package that holds Node: npm ci without --omit=optional";

  test("on an old Node it runs with the project's own and passes arguments, output and status on", { skip }, () => {
    const { stdout, stderr, status } = run(["--import", PRETEND_OLD], LAUNCHER, "--help");
    assert.deepEqual([stderr, status], ["", 0]);
    assert.match(stdout, /^Usage: sealift/);
    assert.equal(run(["--import", PRETEND_OLD], LAUNCHER, "--nonsense").status, 1);
  });

  /** A script of one command of the system's, once that command has said so; resolves to its status. */
  async function started(
    command: string,
  ): Promise<{ child: ChildProcess; said: string; ended: Promise<number | null> }> {
    const child = spawn(process.execPath, ["--import", PRETEND_OLD, LAUNCHER, "-f", "-"], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (piece: Buffer) => (said += piece.toString()));
    // A script that is still being typed: the shell waits for standard input.
    child.stdin.end(`\\! ${command}\n`);
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    await until(() => said.includes("started"));
    return { child, said, ended };
  }

  test("and passes signals on", { skip }, async () => {
    const { child, ended } = await started("printf started >&2; sleep 5");
    child.kill("SIGTERM");
    assert.equal(await ended, 143);
  });

  test("and does not outlive it when it is killed", { skip }, async () => {
    // The command's parent is the shell, which would go on alone.
    const { child, said, ended } = await started('printf "started by $PPID." >&2; exec sleep 15 <&- >&- 2>&-');
    const shell = Number(/by (\d+)\./.exec(said)?.[1]);
    assert.ok(isAlive(shell));
    child.kill("SIGKILL");
    await ended;
    await until(() => !isAlive(shell));
    assert.ok(!isAlive(shell));
  });
});

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

/** Gives up after ten seconds; what comes next says what was missing. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
}
