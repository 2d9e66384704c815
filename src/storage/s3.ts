// Objects in Amazon S3 and in what speaks its protocol. An object is one PutObject, or a multipart upload that
// CompleteMultipartUpload makes appear; keys are listed without a delimiter, folders with one.
import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { CloudNetwork } from "../credentials/network.ts";
import { ShellError } from "../errors.ts";
import type { Location } from "../location.ts";
import { streamOf, type ByteStream } from "../std/bytes.ts";
import { interruptible } from "../std/interruptible.ts";
import { checkMetadata } from "./metadata.ts";
import { readResuming, untilSilent, type Gone } from "./resuming.ts";
import { S3Bucket } from "./s3-bucket.ts";
import { connectS3 } from "./s3-client.ts";
import { s3Status } from "./s3-errors.ts";
import { S3Exclusive } from "./s3-exclusive.ts";
import { abortLeftovers } from "./s3-leftovers.ts";
import { S3Upload } from "./s3-upload.ts";
import type { GetOptions, Leftovers, ObjectInfo, ObjectStore, PutOptions, StoreCapabilities } from "./store.ts";
import { withoutMark } from "./upload-mark.ts";
import { UploadNotes } from "./upload-notes.ts";
import { uploadStream } from "./upload.ts";

/** A prefix of a bucket. */
export class S3Store implements ObjectStore {
  readonly label: string;
  readonly capabilities: StoreCapabilities = { atomicIfAbsent: true, metadata: true };
  readonly #client: S3Client;
  readonly #bucket: S3Bucket;
  readonly #exclusive: S3Exclusive;
  readonly #silenceMs: number;

  /** @param notes of uploads that are under way. */
  constructor(location: Location, network: CloudNetwork, notes = new UploadNotes(undefined)) {
    const { client, endpoint, silenceMs } = connectS3(location, network);
    this.#silenceMs = silenceMs;
    this.#client = client;
    this.#bucket = new S3Bucket({ client, endpoint }, location, notes);
    this.#exclusive = new S3Exclusive(this.#bucket, endpoint === undefined);
    this.label = this.#bucket.names.label;
  }

  async put(key: string, body: ByteStream, options: PutOptions = {}): Promise<ObjectInfo> {
    const { signal, metadata } = options;
    const exclusive = options.ifAbsent === true ? this.#exclusive : undefined;
    checkMetadata(metadata, this.label);
    const upload = new S3Upload(this.#bucket, { key, metadata, exclusive });
    signal?.throwIfAborted();
    // Before a long write, not after it.
    await exclusive?.isEnforced(signal);
    const bytes = await uploadStream(body, upload, signal);
    return { key, bytes, ...(metadata === undefined ? {} : { metadata: withoutMark(metadata) }) };
  }

  async get(key: string, options: GetOptions = {}): Promise<ByteStream> {
    const { fromByte = 0, maxBytes, signal } = options;
    if (maxBytes === 0) return this.#nothingOf(key, signal);
    const lastByte = maxBytes === undefined ? undefined : fromByte + maxBytes - 1;
    const isWhole = fromByte === 0 && lastByte === undefined;
    try {
      const opened = await this.#bucket.open(key, isWhole ? undefined : rangeOf(fromByte, lastByte), undefined, signal);
      const bytes = opened.ContentLength ?? 0;
      const stream = readResuming(untilSilent(bodyOf(opened.Body), this.#silenceMs, signal), {
        place: this.#bucket.names.place(key),
        bytes,
        reopen: (at) => this.#reopen(key, rangeOf(fromByte + at, fromByte + bytes - 1), opened.ETag, signal),
        translate: (thrown) => this.#bucket.translate(thrown, key, "be read"),
        signal,
      });
      return interruptible(stream, signal);
    } catch (thrown) {
      // The range begins behind the end.
      if (thrown instanceof ShellError && s3Status(thrown.cause) === 416) return streamOf();
      throw thrown;
    }
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    const found = await this.#bucket.head(key, signal);
    if (found === undefined) return undefined;
    return {
      key,
      bytes: found.ContentLength ?? 0,
      ...(found.LastModified === undefined ? {} : { modified: found.LastModified }),
      metadata: withoutMark(found.Metadata),
    };
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo> {
    for await (const { Contents = [], EncodingType } of this.#pages(prefix, undefined, signal)) {
      for (const { Key = "", Size = 0, LastModified } of Contents) {
        signal?.throwIfAborted();
        const key = this.#bucket.names.keyOf(nameIn(EncodingType, Key));
        if (key === undefined) continue;
        yield { key, bytes: Size, ...(LastModified === undefined ? {} : { modified: LastModified }) };
      }
    }
  }

  async *folder(prefix: string, signal?: AbortSignal): AsyncIterable<string> {
    const { names } = this.#bucket;
    for await (const { Contents = [], CommonPrefixes = [], EncodingType } of this.#pages(prefix, "/", signal)) {
      const keys = Contents.map(({ Key = "" }) => names.keyOf(nameIn(EncodingType, Key)));
      const folders = CommonPrefixes.map(({ Prefix = "" }) => names.folderOf(nameIn(EncodingType, Prefix)));
      yield* [...keys, ...folders].filter((key) => key !== undefined);
    }
  }

  async *#pages(
    prefix: string,
    delimiter: string | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ListObjectsV2CommandOutput> {
    const { bucket, names } = this.#bucket;
    const query = {
      Bucket: bucket,
      Prefix: names.prefixOf(prefix),
      Delimiter: delimiter,
      EncodingType: "url" as const,
    };
    for (let token: string | undefined, hasMore = true; hasMore;) {
      const command = new ListObjectsV2Command({
        ...query,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      });
      const page = await this.#bucket.ask("", "be listed", signal, (client, options) => client.send(command, options));
      yield page;
      token = page.NextContinuationToken;
      hasMore = page.IsTruncated === true && token !== undefined;
    }
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.#bucket.bucket, Key: this.#bucket.names.nameOf(key) });
    try {
      await this.#bucket.ask(key, "be deleted", signal, (client, options) => client.send(command, options));
    } catch (thrown) {
      // AWS answers 204 for what is not there; some stores 404.
      const isMissing = thrown instanceof ShellError && (thrown.cause as Error | undefined)?.name === "NoSuchKey";
      if (!isMissing) throw thrown;
    }
  }

  async abortLeftovers(leftovers: Leftovers, signal?: AbortSignal): Promise<number> {
    return abortLeftovers(this.#bucket, leftovers, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
  }

  async #nothingOf(key: string, signal: AbortSignal | undefined): Promise<ByteStream> {
    if ((await this.#bucket.head(key, signal)) !== undefined) return streamOf();
    throw new ShellError("storage/not-found", `${this.#bucket.names.place(key)} does not exist`);
  }

  async #reopen(
    key: string,
    range: string,
    version: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<ByteStream | Gone> {
    try {
      const { Body } = await this.#bucket.open(key, range, version, signal);
      return untilSilent(bodyOf(Body), this.#silenceMs, signal);
    } catch (thrown) {
      const status = thrown instanceof ShellError ? s3Status(thrown.cause) : undefined;
      if (status === 412) return "replaced";
      if (status === 404) return "deleted";
      throw thrown;
    }
  }
}

function rangeOf(fromByte: number, lastByte: number | undefined): string {
  return `bytes=${fromByte}-${lastByte ?? ""}`;
}

/** Listed names are encoded as in a form: a blank is `+`. Not every store heeds the encoding that is asked for. */
function nameIn(encoding: string | undefined, name: string): string {
  return encoding === "url" ? decodeURIComponent(name.replaceAll("+", " ")) : name;
}

function bodyOf(body: unknown): Readable {
  if (body instanceof Readable) return body;
  throw new ShellError("bug/invariant", "the S3 client gave a body that is no stream of this runtime");
}
