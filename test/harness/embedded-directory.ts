import { cp, mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbedded } from "../../src/engines/embedded/embedded.ts";
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

/** Made once per version of PGlite and kept with the build. Test files that run at once may all make it; one wins. */
async function templateCluster(): Promise<string> {
  const manifest = await readFile(join(ROOT, "node_modules/@electric-sql/pglite/package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { readonly version: string };
  const cache = join(ROOT, "dist", "test-cache");
  const template = join(cache, `embedded-${version}`);
  if (await exists(template)) return template;
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, "draft-"));
  const made = join(draft, "database");
  await (await openEmbedded({ directory: made }))[Symbol.asyncDispose]();
  try {
    await rename(made, template);
  } catch (thrown) {
    if (!(await exists(template))) throw thrown;
  }
  await rm(draft, { recursive: true, force: true });
  return template;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
