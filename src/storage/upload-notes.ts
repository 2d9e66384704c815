// S3 does not tell who began an upload. So each one is noted on this machine while it is under way, in a file of its own:
// what a process that is gone has noted is a dead upload, however young it is.
//
//   { "realm": "…", "writer": { "pid": 1, … }, "store": "https://minio/bucket", "name": "full/name", "uploadId": "…" }
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mayRun, ownIdentity, processRealm, type ProcessIdentity } from "../std/process-identity.ts";

/** Of a bucket that nobody writes to any more. */
const KEPT_MS = 30 * 86_400_000;

export interface NotedUpload {
  /** Which bucket, of which service. */
  readonly store: string;
  /** Of the object, from the bucket's root. */
  readonly name: string;
  readonly uploadId: string;
}

interface Note extends NotedUpload {
  readonly realm: string;
  readonly writer: ProcessIdentity;
}

/** An upload whose writer is dead. */
export interface DeadUpload extends NotedUpload {
  /** Once it is taken back. */
  forget(): Promise<void>;
}

/** The notes of a folder. Nothing depends on them: what cannot be written or read is left out. */
export class UploadNotes {
  readonly #folder: string | undefined;

  /** @param folder made when it is needed; without one nothing is noted. */
  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** @returns strikes the note out, once the upload is an object or is taken back. */
  async add(upload: NotedUpload): Promise<() => Promise<void>> {
    if (this.#folder === undefined) return async () => undefined;
    const path = join(this.#folder, `${randomBytes(12).toString("hex")}.json`);
    const note: Note = { realm: processRealm(), writer: ownIdentity(), ...upload };
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(path, `${JSON.stringify(note)}\n`, { mode: 0o600, flag: "wx" });
    } catch {
      // A disk that is full or may not be written must not keep a backup from the cloud.
    }
    return async () => strike(path);
  }

  /** What dead processes of this machine have left in a store. */
  async ofTheDead(store: string): Promise<readonly DeadUpload[]> {
    const folder = this.#folder;
    if (folder === undefined) return [];
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json"));
    const found = await Promise.all(names.map(async (name) => readDead(join(folder, name), store)));
    return found.filter((one) => one !== undefined);
  }
}

async function readDead(path: string, store: string): Promise<DeadUpload | undefined> {
  const note = await readNote(path);
  // The notes of another realm may be of a process that runs there: a container, or the machine before it was restarted.
  const isDead = note !== undefined && note.realm === processRealm() && !mayRun(note.writer);
  if (isDead && note.store === store) return { ...note, forget: async () => strike(path) };
  const modified = (await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now();
  if (Date.now() - modified > KEPT_MS) await strike(path);
  return undefined;
}

async function readNote(path: string): Promise<Note | undefined> {
  try {
    const { realm, writer, store, name, uploadId } = JSON.parse(await readFile(path, "utf8")) as Partial<Note>;
    const isWhole = [realm, store, name, uploadId].every((text) => typeof text === "string" && text !== "");
    return isWhole && typeof writer?.pid === "number" ? ({ realm, writer, store, name, uploadId } as Note) : undefined;
  } catch {
    return undefined;
  }
}

async function strike(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}
