// One process at a time changes the catalogue: a file beside it, made with O_EXCL, says who. A process that was killed
// leaves it behind; whoever finds that takes it away, under a guard, so that nobody takes away the lock of the next one.
import { randomBytes } from "node:crypto";
import { open, readFile, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { ShellError } from "../errors.ts";
import { mayRun, ownIdentity, processRealm, type ProcessIdentity } from "../std/process-identity.ts";

const TRIES_MAX = 100;
const WAIT_MS = 50;
/** A change takes milliseconds: a lock this old was left, whoever made it. */
const STALE_MS = 30_000;

interface Holder extends ProcessIdentity {
  readonly realm: string;
  readonly token: string;
}

/**
 * Waits for its turn. @param path of what is to be changed.
 * @returns lets go.
 * @throws ShellError `shell/file` when another process does not let go; what the file system throws.
 */
export async function lockFile(path: string): Promise<AsyncDisposable> {
  const lock = `${path}.lock`;
  const token = randomBytes(9).toString("hex");
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    if (await create(lock, token)) return { [Symbol.asyncDispose]: async () => letGo(lock, token) };
    if (await isLeft(lock)) await takeAway(lock, token);
    else await sleep(WAIT_MS);
  }
  const holder = await readHolder(lock);
  throw new ShellError("shell/file", `${path} is being changed by ${nameOf(holder)}`, {
    hint: `delete ${lock} when you know that no other sealift is running`,
  });
}

function nameOf(holder: Partial<Holder> | undefined): string {
  if (holder?.pid === undefined) return "another process";
  return holder.realm === processRealm() ? `process ${holder.pid}` : `process ${holder.pid} on ${holder.host}`;
}

async function create(lock: string, token: string): Promise<boolean> {
  const holder: Holder = { realm: processRealm(), ...ownIdentity(), token };
  try {
    await using file = await open(lock, "wx", 0o600);
    await file.writeFile(JSON.stringify(holder));
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST") return false;
    throw thrown;
  }
}

async function readHolder(lock: string): Promise<Partial<Holder> | undefined> {
  try {
    return JSON.parse(await readFile(lock, "utf8")) as Partial<Holder>;
  } catch {
    return undefined;
  }
}

async function isLeft(lock: string): Promise<boolean> {
  const holder = await readHolder(lock);
  if (holder?.realm === processRealm() && typeof holder.pid === "number" && !mayRun(holder as Holder)) return true;
  return isOld(lock);
}

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > STALE_MS;
}

async function takeAway(lock: string, token: string): Promise<void> {
  const guard = `${lock}.takeover`;
  if (!(await create(guard, token))) {
    if (await isOld(guard)) await rm(guard, { force: true });
    await sleep(WAIT_MS);
    return;
  }
  try {
    if (await isLeft(lock)) await rm(lock, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

async function letGo(lock: string, token: string): Promise<void> {
  if ((await readHolder(lock))?.token === token) await rm(lock, { force: true });
}
