import { cp, mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openEmbedded } from "../../src/engines/embedded/embedded.ts";
import { asShellError } from "../../src/errors.ts";
import { ROOT } from "./root.ts";

/** A directory of its own below the system's temporary one, gone with everything in it when disposed. */
export interface TestDirectory extends AsyncDisposable {
  readonly path: string;
}

export async function emptyTestDirectory(): Promise<TestDirectory> {
  const path = await mkdtemp(join(tmpdir(), "sealift-embedded-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A fresh embedded database in `database` below a test directory: a copy, because making one takes seconds. */
export async function embeddedTestDirectory(): Promise<TestDirectory & { readonly database: string }> {
  const template = await templateCluster();
  const directory = await emptyTestDirectory();
  const database = join(directory.path, "database");
  await cp(template, database, { recursive: true });
  return { ...directory, database };
}

/** Made once per version of PGlite and kept with the build. Of test files that run at once one makes it, the others wait. */
async function templateCluster(): Promise<string> {
  const manifest = await readFile(join(ROOT, "node_modules/@electric-sql/pglite/package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { readonly version: string };
  const cache = join(ROOT, "dist", "test-cache");
  await mkdir(cache, { recursive: true });
  const template = join(cache, `embedded-${version}`);
  while (!(await exists(template)) || (await exists(`${template}.lock`))) {
    try {
      await (await openEmbedded({ directory: template }))[Symbol.asyncDispose]();
    } catch (thrown) {
      if (asShellError(thrown).code !== "engine/locked") throw thrown;
      await delay(100);
    }
  }
  return template;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
