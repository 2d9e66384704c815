// `npm test [-- FRAGMENT …]`: every test file, or those whose path holds one of the fragments. Removes outputs of
// test files that no longer exist, so that a renamed test does not run twice.
import { spawnSync } from "node:child_process";
import { existsSync, globSync, rmSync } from "node:fs";
import { join, relative } from "node:path";

/** A file or a test that takes longer hangs, or does work that grows with the square of its input: no test measures time. */
const TEST_MS_MAX = 600_000;

const dist = import.meta.dirname;
const root = join(dist, "../..");

function testFiles(): string[] {
  const found: string[] = [];
  for (const file of globSync("**/*.test.js", { cwd: dist }).toSorted()) {
    const source = join(root, "test", file.replace(/\.js$/, ".ts"));
    if (existsSync(source) || existsSync(`${source}x`)) found.push(join(dist, file));
    else rmSync(join(dist, file));
  }
  return found;
}

const fragments = process.argv.slice(2);
const files = testFiles().filter(
  (file) => fragments.length === 0 || fragments.some((fragment) => relative(dist, file).includes(fragment)),
);
if (files.length === 0) {
  process.stderr.write(`no test file's path contains ${fragments.join(" or ")}\n`);
  process.exitCode = 1;
} else {
  // Three files at a time on two cores: some wait for a server of their own more than they work.
  const flags = ["--test-reporter=spec", "--test-concurrency=3", `--test-timeout=${TEST_MS_MAX}`];
  const run = spawnSync(process.execPath, ["--test", ...flags, ...files], { cwd: root, stdio: "inherit" });
  process.exitCode = run.status ?? 1;
}
