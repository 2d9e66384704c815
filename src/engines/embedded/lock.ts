/**
 * Who has an embedded database open. PGlite locks nothing and two processes in one directory ruin it, so a file
 * `<directory>.lock` beside the directory, made with O_EXCL, names the process that owns it.
 */
import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { ShellError } from "../../errors.ts";
import { mayRun, ownIdentity, type ProcessIdentity } from "../../std/process-identity.ts";

const WRITING_MS_MAX = 10_000;

interface Owner extends ProcessIdentity {
  readonly openedAt: string;
  readonly token: string;
}

export interface LockOptions {
  /** Told when a lock of a process that is gone was taken over. */
  readonly warn: (message: string) => void;
}

/** Holds the directory until disposed, or until the process ends. */
export class DirectoryLock implements AsyncDisposable {
  readonly path: string;
  readonly #token: string;
  readonly #onExit = (): void => this.#removeNow();

  private constructor(path: string, token: string) {
    this.path = path;
    this.#token = token;
    process.once("exit", this.#onExit);
  }

  /** Throws `engine/locked` when a process that runs holds the directory. */
  static async take(directory: string, options: LockOptions): Promise<DirectoryLock> {
    const path = `${directory}.lock`;
    const owner: Owner = {
      ...ownIdentity(),
      openedAt: new Date().toISOString(),
      token: randomUUID(),
    };
    if (await create(path, owner)) return new DirectoryLock(path, owner.token);
    const holder = await assertStale(directory, path);
    if (!(await takeOver(path, owner))) throw locked(directory, path, await readOwner(path));
    options.warn(`${path}: taken over from process ${holder?.pid ?? "unknown"}, which is gone`);
    return new DirectoryLock(path, owner.token);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.removeListener("exit", this.#onExit);
    if ((await readOwner(this.path))?.token === this.#token) await rm(this.path, { force: true });
  }

  #removeNow(): void {
    try {
      const owner: Owner = JSON.parse(readFileSync(this.path, "utf8"));
      if (owner.token === this.#token) rmSync(this.path, { force: true });
    } catch {
      // Whoever opens the directory next finds that this process is gone.
    }
  }
}

async function create(path: string, owner: Owner): Promise<boolean> {
  try {
    await using file = await open(path, "wx", 0o600);
    await file.writeFile(`${JSON.stringify(owner)}\n`);
    return true;
  } catch (thrown) {
    if (hasCode(thrown, "EEXIST")) return false;
    throw new ShellError("engine/connect", `${path}: the lock cannot be written`, {
      cause: thrown,
      detail: [String(thrown)],
    });
  }
}

/** Undefined when there is no lock or its content is not whole. */
async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    const owner: Partial<Owner> = JSON.parse(await readFile(path, "utf8"));
    const { pid, host, processStart = "", openedAt = "", token = "" } = owner;
    return pid === undefined || host === undefined ? undefined : { pid, host, processStart, openedAt, token };
  } catch {
    return undefined;
  }
}

/** A lock without content is being written; if it stays so, its writer died in between. */
async function isFresh(path: string): Promise<boolean> {
  return (await ageMs(path)) < WRITING_MS_MAX;
}

/** Not a number for a file that is not there, which compares to nothing. */
async function ageMs(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? Number.NaN : Date.now() - found.mtimeMs;
}

/** Who holds the lock and is gone. Throws `engine/locked` when it runs. */
async function assertStale(directory: string, path: string): Promise<Owner | undefined> {
  const holder = await readOwner(path);
  if (holder === undefined ? await isFresh(path) : mayRun(holder)) throw locked(directory, path, holder);
  return holder;
}

/**
 * Puts a new lock in place of a stale one. Several processes may have found it stale: only the one that makes the guard
 * file goes on, and looks again, because an earlier holder of the guard may have put a lock of its own there.
 */
async function takeOver(path: string, owner: Owner): Promise<boolean> {
  const guard = `${path}.takeover`;
  // A guard is held for a moment; one that is older belongs to a process that died in that moment.
  if ((await ageMs(guard)) > WRITING_MS_MAX) await rm(guard, { force: true });
  if (!(await create(guard, owner))) return false;
  try {
    const holder = await readOwner(path);
    // Let go of meanwhile: from here on anybody may make one without the guard.
    if (Number.isNaN(await ageMs(path))) return await create(path, owner);
    if (holder === undefined ? await isFresh(path) : mayRun(holder)) return false;
    // Replaces the lock in one step: whoever asks in between finds the old one or the new one.
    const draft = `${guard}.${process.pid}`;
    await create(draft, owner);
    await rename(draft, path);
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

function locked(directory: string, path: string, holder: Owner | undefined): ShellError {
  const who = holder === undefined ? "another process" : `process ${holder.pid} on ${holder.host}`;
  return new ShellError("engine/locked", `${directory}: opened by ${who}`, {
    detail: [`lock: ${path}`, ...(holder === undefined ? [] : [`since: ${holder.openedAt}`])],
    hint:
      holder !== undefined && holder.host !== hostname()
        ? "if that process is gone, delete the lock file"
        : "end that process, or use another directory",
  });
}

function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === code;
}
