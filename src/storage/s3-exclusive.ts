// `ifAbsent` on S3 and its likes.
//
// AWS decides `If-None-Match: *` in one step. Another store may answer 501, or take the header and not look at it:
// the first time, two puts of a probe tell. Where the header is not enforced, the publication is done under a lock:
//   1. put  .sealift-locks/<hash of key>/<random>      2. list that folder: alone → held, else take it back, wait, again
//   3. is the key taken?                               4. publish                  5. delete the lock
// Two writers may both see each other and both step back; as the stores list what was put before, they can never both
// be alone. A lock that its writer left behind counts for LOCK_MS.
import { createHash, randomBytes } from "node:crypto";
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { ShellError } from "../errors.ts";
import { LOCK_FOLDER } from "./object-names.ts";
import { pause } from "./resuming.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { isNotImplemented, s3Status } from "./s3-errors.ts";

const LOCK_MS = 600_000;
const WAIT_MS = 40;
const TRIES_MAX = 60;
const PROBE = `${LOCK_FOLDER}/probe`;

/** Publishing only where nothing is. */
export class S3Exclusive {
  readonly #bucket: S3Bucket;
  #isEnforced: Promise<boolean> | undefined;

  /** @param isAws whether the header is known to be enforced. */
  constructor(bucket: S3Bucket, isAws: boolean) {
    this.#bucket = bucket;
    this.#isEnforced = isAws ? Promise.resolve(true) : undefined;
  }

  /** Whether the store decides `If-None-Match` itself; asked of it once. */
  async isEnforced(signal?: AbortSignal): Promise<boolean> {
    this.#isEnforced ??= this.#probe(signal).catch((thrown: unknown) => {
      this.#isEnforced = undefined;
      throw thrown;
    });
    return this.#isEnforced;
  }

  /**
   * Publishes while nobody else does and the key is free.
   * @throws ShellError `storage/exists`; `storage/unavailable` when others hold the lock all the time.
   */
  async underLock(key: string, publish: () => Promise<void>): Promise<void> {
    // The key may have any length and any character; the lock's name must fit below the same root.
    const folder = `${LOCK_FOLDER}/${createHash("sha256").update(key).digest("hex").slice(0, 32)}/`;
    const own = folder + randomBytes(12).toString("hex");
    await this.#acquire(key, folder, own);
    try {
      if ((await this.#bucket.head(key)) !== undefined)
        throw new ShellError("storage/exists", `${this.#bucket.names.place(key)} exists already`);
      await publish();
    } finally {
      await this.#delete(own);
    }
  }

  async #acquire(key: string, folder: string, own: string): Promise<void> {
    for (let attempt = 0; attempt < TRIES_MAX; attempt += 1) {
      await this.#put(own, false);
      if (await this.#isAlone(folder, own)) return;
      await this.#delete(own);
      await pause(WAIT_MS * (1 + Math.random() * Math.min(attempt + 1, 10)));
      if ((await this.#bucket.head(key)) !== undefined)
        throw new ShellError("storage/exists", `${this.#bucket.names.place(key)} exists already`);
    }
    throw new ShellError("storage/unavailable", `${this.#bucket.names.place(key)} cannot be written: others lock it`, {
      hint: `if nobody else writes here, delete what is in ${this.#bucket.names.place(LOCK_FOLDER)}`,
    });
  }

  async #isAlone(folder: string, own: string): Promise<boolean> {
    const { bucket, names } = this.#bucket;
    const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: names.prefixOf(folder) });
    const found = await this.#bucket.ask("", "be listed", undefined, (client) => client.send(command));
    const others = (found.Contents ?? []).filter(({ Key }) => Key !== names.nameOf(own));
    // The store's own clock on both sides: that of this machine may be off.
    const mine = found.Contents?.find(({ Key }) => Key === names.nameOf(own))?.LastModified?.getTime();
    return others.every(({ LastModified }) => (mine ?? 0) - (LastModified?.getTime() ?? 0) > LOCK_MS);
  }

  async #probe(signal: AbortSignal | undefined): Promise<boolean> {
    const first = await this.#putIfAbsent(signal);
    if (first !== "stored") return first === "refused";
    const second = await this.#putIfAbsent(signal);
    // A writer that may not delete leaves an empty object that is never listed, and that spares the next one a request.
    await this.#delete(PROBE).catch(() => undefined);
    return second === "refused";
  }

  async #putIfAbsent(signal: AbortSignal | undefined): Promise<"stored" | "refused" | "unknown"> {
    try {
      await this.#put(PROBE, true, signal);
      return "stored";
    } catch (thrown) {
      const cause = thrown instanceof ShellError ? thrown.cause : undefined;
      // 409: another put of the same probe is under way, so the store does look.
      if (s3Status(cause) === 412 || s3Status(cause) === 409) return "refused";
      if (isNotImplemented(cause)) return "unknown";
      throw thrown;
    }
  }

  async #put(key: string, isExclusive: boolean, signal?: AbortSignal): Promise<void> {
    const command = new PutObjectCommand({
      Bucket: this.#bucket.bucket,
      Key: this.#bucket.names.nameOf(key),
      Body: new Uint8Array(0),
      ...(isExclusive ? { IfNoneMatch: "*" } : {}),
    });
    await this.#bucket.ask(key, "be written", signal, (client, options) => client.send(command, options));
  }

  async #delete(key: string): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.#bucket.bucket, Key: this.#bucket.names.nameOf(key) });
    await this.#bucket.ask(key, "be deleted", undefined, (client) => client.send(command));
  }
}
