// S3 does not tell who began an upload. So each one is noted on this machine while it is under way: what a process that is
// gone has noted is a dead upload, however young it is.
import { WorkNotes } from "../std/work-notes.ts";

export interface NotedUpload {
  /** Which bucket, of which service. */
  readonly store: string;
  /** Of the object, from the bucket's root. */
  readonly name: string;
  readonly uploadId: string;
}

/** An upload whose writer is dead. */
export interface DeadUpload extends NotedUpload {
  /** Once it is taken back. */
  forget(): Promise<void>;
}

/** The notes of a folder. Nothing depends on them: what cannot be written or read is left out. */
export class UploadNotes {
  readonly #notes: WorkNotes;

  /** @param folder made when it is needed; without one nothing is noted. */
  constructor(folder: string | undefined) {
    this.#notes = new WorkNotes(folder);
  }

  /** @returns strikes the note out, once the upload is an object or is taken back. */
  add({ store, name, uploadId }: NotedUpload): Promise<() => Promise<void>> {
    return this.#notes.add({ store, name, uploadId });
  }

  /** What dead processes of this machine have left in a store. */
  async ofTheDead(store: string): Promise<readonly DeadUpload[]> {
    const dead = await this.#notes.ofTheDead((work) => work["store"] === store);
    return dead.flatMap(({ work: { name, uploadId }, ...one }) =>
      name === undefined || uploadId === undefined ? [] : [{ store, name, uploadId, forget: async () => one.forget() }],
    );
  }
}
