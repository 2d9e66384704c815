// What a process is at, and must take back when it fails: noted on this machine, in a file of its own, while it is under
// way. Of a process that was killed the note is all there is.
//
//   { "realm": "…", "writer": { "pid": 1, … }, "store": "https://minio/bucket", … }
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mayRun, ownIdentity, processRealm, type ProcessIdentity } from "./process-identity.ts";

/** Of what nobody asks about any more. */
const KEPT_MS = 30 * 86_400_000;

/** The facts of a note by their names. */
export type NotedWork = Readonly<Record<string, string>>;

/** Work whose process is dead. */
export interface DeadWork {
  readonly work: NotedWork;
  /** Once it is taken back, or told. */
  forget(): Promise<void>;
}

/** The notes of a folder. Nothing depends on them: what cannot be written or read is left out. */
export class WorkNotes {
  readonly #folder: string | undefined;

  /** @param folder made when it is needed; without one nothing is noted. */
  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** @returns strikes the note out, once the work is done or taken back. */
  async add(work: NotedWork): Promise<() => Promise<void>> {
    if (this.#folder === undefined) return async () => undefined;
    const path = join(this.#folder, `${randomBytes(12).toString("hex")}.json`);
    const note = { realm: processRealm(), writer: ownIdentity(), ...work };
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(path, `${JSON.stringify(note)}\n`, { mode: 0o600, flag: "wx" });
    } catch {
      // A disk that is full or may not be written must not keep the work from being done.
    }
    return async () => strike(path);
  }

  /** What dead processes of this machine have left of the work that is meant. */
  async ofTheDead(isMeant: (work: NotedWork) => boolean): Promise<readonly DeadWork[]> {
    const folder = this.#folder;
    if (folder === undefined) return [];
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json"));
    const found = await Promise.all(names.map(async (name) => readDead(join(folder, name), isMeant)));
    return found.filter((one) => one !== undefined);
  }
}

interface Note {
  readonly realm: string;
  readonly writer: ProcessIdentity;
  readonly work: NotedWork;
}

async function readDead(path: string, isMeant: (work: NotedWork) => boolean): Promise<DeadWork | undefined> {
  const note = await readNote(path);
  // The notes of another realm may be of a process that runs there: a container, or the machine before it was restarted.
  const isDead = note !== undefined && note.realm === processRealm() && !mayRun(note.writer);
  if (isDead && isMeant(note.work)) return { work: note.work, forget: async () => strike(path) };
  const modified = (await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now();
  if (Date.now() - modified > KEPT_MS) await strike(path);
  return undefined;
}

async function readNote(path: string): Promise<Note | undefined> {
  try {
    const { realm, writer, ...work } = JSON.parse(await readFile(path, "utf8")) as Partial<Note>;
    const isWhole = [realm, ...Object.values(work)].every((text) => typeof text === "string" && text !== "");
    return isWhole && typeof writer?.pid === "number" ? ({ realm, writer, work } as unknown as Note) : undefined;
  } catch {
    return undefined;
  }
}

async function strike(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}
