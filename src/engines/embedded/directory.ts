import { chmod, mkdir, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ShellError } from "../../errors.ts";

/** Makes a cluster in an empty directory that does not exist yet, and lets go of it. */
export type Initialise = (directory: string) => Promise<void>;

/**
 * Sees to it that `directory` holds a whole cluster. The lock must be held.
 *
 * A new cluster is made in a directory beside it, which takes its name only when it is whole: a process that dies on
 * the way leaves nothing under the name. Throws `engine/connect` for a directory that holds something else.
 */
export async function prepareDirectory(directory: string, initialise: Initialise): Promise<void> {
  const entries = await entriesOf(directory);
  if (entries !== undefined && entries.length > 0) return assertCluster(directory, entries);
  await removeLeftovers(directory);
  const draft = `${directory}${DRAFT_SUFFIX}${process.pid}`;
  await mkdir(draft, { mode: 0o700 });
  try {
    await initialise(draft);
    await chmod(draft, 0o700);
    if (entries !== undefined) await rmdir(directory);
    await rename(draft, directory);
  } catch (thrown) {
    await rm(draft, { recursive: true, force: true });
    throw thrown;
  }
}

const DRAFT_SUFFIX = ".new-";

/** Names in the directory; undefined when there is none. */
async function entriesOf(directory: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(directory);
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
    if (code === "ENOENT") return undefined;
    const reason = code === "ENOTDIR" ? "not a directory" : String(thrown);
    throw new ShellError("engine/connect", `${directory}: ${reason}`, { cause: thrown });
  }
}

/** The files a server cannot start without; a directory that has only some of them was written half. */
async function assertCluster(directory: string, entries: readonly string[]): Promise<void> {
  const [version, control] = await Promise.all([
    hasFile(directory, "PG_VERSION"),
    hasFile(directory, "global/pg_control"),
  ]);
  if (version && control) return;
  if (!version && !control && !entries.includes("base")) {
    throw new ShellError("engine/connect", `${directory}: neither empty nor an embedded database`, {
      hint: "name a new or an empty directory",
      note: "nothing was written",
    });
  }
  throw new ShellError("engine/connect", `${directory}: an incomplete embedded database`, {
    detail: [version ? "global/pg_control is missing" : "PG_VERSION is missing"],
    hint: "move the directory away to begin anew, or put back a whole copy of it",
    note: "nothing was written",
  });
}

async function hasFile(directory: string, name: string): Promise<boolean> {
  const found = await stat(join(directory, name)).catch(() => undefined);
  return found?.isFile() === true && found.size > 0;
}

/** What processes that died while making this cluster left behind. */
async function removeLeftovers(directory: string): Promise<void> {
  const parent = dirname(directory);
  const prefix = `${basename(directory)}${DRAFT_SUFFIX}`;
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix)) await rm(join(parent, name), { recursive: true, force: true });
  }
}
