import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
} from "@aws-sdk/client-s3";
import { ShellError } from "../errors.ts";
import { growingPartBytes, type Part } from "./parts.ts";
import { pause } from "./resuming.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { s3Status, wasRepeated } from "./s3-errors.ts";
import type { S3Exclusive } from "./s3-exclusive.ts";
import { createMark, hasMark, withMark } from "./upload-mark.ts";
import type { Upload } from "./upload.ts";

const CONFLICTS_MAX = 5;
const CONFLICT_DELAY_MS = 100;
const ABORTS_MAX = 4;
const ABORT_DELAY_MS = 100;

export interface S3UploadOptions {
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  /** How the key is kept from being replaced, if it must not be. */
  readonly exclusive: S3Exclusive | undefined;
}

type Condition = { readonly IfNoneMatch?: "*" };

/** A put as S3 takes it: one request, or a multipart upload. */
export class S3Upload implements Upload {
  readonly partsInFlight = 4;
  readonly partBytes = growingPartBytes;
  readonly #bucket: S3Bucket;
  readonly #options: S3UploadOptions;
  readonly #target: { readonly Bucket: string; readonly Key: string };
  readonly #mark = createMark();
  readonly #parts: CompletedPart[] = [];
  #uploadId: string | undefined;
  #strikeNote = async (): Promise<void> => undefined;
  #hasBrokenParts = false;

  constructor(bucket: S3Bucket, options: S3UploadOptions) {
    this.#bucket = bucket;
    this.#options = options;
    this.#target = { Bucket: bucket.bucket, Key: bucket.names.nameOf(options.key) };
  }

  async putWhole(bytes: Uint8Array): Promise<void> {
    const { exclusive, metadata } = this.#options;
    await this.#publish(async (condition) => {
      const command = new PutObjectCommand({
        ...this.#target,
        ...this.#bucket.writing,
        Body: bytes,
        Metadata: { ...(exclusive === undefined ? metadata : withMark(metadata, this.#mark)) },
        ...condition,
      });
      await this.#bucket.ask(this.#options.key, "be written", undefined, (client) => client.send(command));
    });
  }

  async begin(signal: AbortSignal): Promise<void> {
    const command = new CreateMultipartUploadCommand({
      ...this.#target,
      ...this.#bucket.writing,
      Metadata: { ...withMark(this.#options.metadata, this.#mark) },
    });
    const begun = await this.#bucket.ask(this.#options.key, "be written", signal, (client, options) =>
      client.send(command, options),
    );
    this.#uploadId = begun.UploadId;
    const { notes, noted } = this.#bucket;
    this.#strikeNote = await notes.add({ store: noted, name: this.#target.Key, uploadId: begun.UploadId ?? "" });
  }

  async putPart(part: Part, signal: AbortSignal): Promise<void> {
    const command = new UploadPartCommand({
      ...this.#target,
      UploadId: this.#uploadId,
      PartNumber: part.number,
      Body: part.bytes,
    });
    const stored = await this.#bucket
      .ask(this.#options.key, "be written", signal, (client, options) => client.send(command, options))
      .catch((thrown: unknown) => {
        this.#hasBrokenParts = true;
        throw thrown;
      });
    this.#parts.push({
      PartNumber: part.number,
      ETag: stored.ETag,
      ...(stored.ChecksumCRC32 === undefined ? {} : { ChecksumCRC32: stored.ChecksumCRC32 }),
    });
  }

  async publish(): Promise<void> {
    const Parts = this.#parts.toSorted((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
    await this.#publish(async (condition) => {
      const command = new CompleteMultipartUploadCommand({
        ...this.#target,
        UploadId: this.#uploadId,
        MultipartUpload: { Parts },
        ...condition,
      });
      await this.#bucket.ask(this.#options.key, "be written", undefined, (client) => client.send(command));
    });
    await this.#strikeNote();
  }

  async abandon(): Promise<void> {
    await this.#abort();
    await this.#strikeNote();
  }

  async #abort(): Promise<void> {
    const command = new AbortMultipartUploadCommand({ ...this.#target, UploadId: this.#uploadId });
    // A part that broke off here may still be coming there, and keep the upload from going. Source: the API reference
    // of AbortMultipartUpload, which says to abort again until nothing is left.
    for (let aborts = 1; ; aborts += 1) {
      try {
        await this.#bucket.ask(this.#options.key, "be written", undefined, (client) => client.send(command));
      } catch (thrown) {
        if (aborts > 1 && thrown instanceof ShellError && s3Status(thrown.cause) === 404) return;
        if (!this.#hasBrokenParts || aborts === ABORTS_MAX) throw thrown;
      }
      if (!this.#hasBrokenParts || aborts === ABORTS_MAX) return;
      await pause(ABORT_DELAY_MS * aborts);
    }
  }

  /** The one step that makes the object appear, under the condition the put has. */
  async #publish(send: (condition: Condition) => Promise<void>): Promise<void> {
    const { exclusive, key } = this.#options;
    const isOnce = async (condition: Condition): Promise<void> => {
      await send(condition).catch(async (thrown: unknown) => this.#forgiveOwn(thrown));
    };
    if (exclusive === undefined) await isOnce({});
    else if (await exclusive.isEnforced()) await this.#withoutConflict(() => isOnce({ IfNoneMatch: "*" }));
    else await exclusive.underLock(key, () => isOnce({}));
  }

  /** A repeated request that fails only because its first sending succeeded is a success. */
  async #forgiveOwn(thrown: unknown): Promise<void> {
    const cause = thrown instanceof ShellError ? thrown.cause : undefined;
    const mayBeOwn = s3Status(cause) === 412 || s3Status(cause) === 404;
    if (!mayBeOwn || !wasRepeated(cause)) throw thrown;
    const found = await this.#bucket.head(this.#options.key);
    if (!hasMark(found?.Metadata, this.#mark)) throw thrown;
  }

  /** 409 says that another conditional write is under way; who is first is known a little later. */
  async #withoutConflict(attempt: () => Promise<void>): Promise<void> {
    for (let conflicts = 1; ; conflicts += 1) {
      try {
        await attempt();
        return;
      } catch (thrown) {
        const cause = thrown instanceof ShellError ? thrown.cause : undefined;
        if (s3Status(cause) !== 409 || conflicts > CONFLICTS_MAX) throw thrown;
        if ((await this.#bucket.head(this.#options.key)) !== undefined) throw this.#taken(cause);
        await pause(CONFLICT_DELAY_MS * conflicts);
      }
    }
  }

  #taken(cause: unknown): ShellError {
    return new ShellError("storage/exists", `${this.#bucket.names.place(this.#options.key)} exists already`, { cause });
  }
}
