import type {
  GetObjectCommandOutput,
  HeadObjectCommandOutput,
  PutObjectCommandInput,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { principalOf } from "../credentials/principal.ts";
import type { Location } from "../location.ts";
import type { Action } from "./cloud-errors.ts";
import { ObjectNames } from "./object-names.ts";
import type { S3Connection } from "./s3-client.ts";
import { s3Error, s3Status } from "./s3-errors.ts";
import type { UploadNotes } from "./upload-notes.ts";

/** How the URI wants objects to be stored. */
export type S3Writing = Pick<PutObjectCommandInput, "ServerSideEncryption" | "SSEKMSKeyId" | "StorageClass">;

type Request<T> = (client: S3Client, options: { abortSignal?: AbortSignal }) => Promise<T>;

/** Requests to one bucket; every failure comes out in the words of storage. */
export class S3Bucket {
  readonly bucket: string;
  readonly names: ObjectNames;
  readonly writing: S3Writing;
  readonly notes: UploadNotes;
  /** What the bucket is called in notes. */
  readonly noted: string;
  readonly #client: S3Client;
  readonly #principal: string;

  constructor(
    { client, endpoint = "aws" }: Pick<S3Connection, "client" | "endpoint">,
    location: Location,
    notes: UploadNotes,
  ) {
    this.#client = client;
    this.notes = notes;
    this.noted = `${endpoint}/${location.host}`;
    this.#principal = principalOf(location);
    this.bucket = location.host;
    this.names = new ObjectNames(location.path, location.label);
    this.writing = writingOf(location);
  }

  /**
   * Sends one request.
   * @param key for messages; empty when it is about the whole store.
   * @throws ShellError what the failure means; the signal's reason when it aborted.
   */
  async ask<T>(key: string, action: Action, signal: AbortSignal | undefined, request: Request<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await request(this.#client, signal === undefined ? {} : { abortSignal: signal });
    } catch (thrown) {
      signal?.throwIfAborted();
      throw this.translate(thrown, key, action);
    }
  }

  translate(thrown: unknown, key: string, action: Action): unknown {
    const place = key === "" ? this.names.label : this.names.place(key);
    return s3Error(thrown, { bucket: this.bucket, place, action, principal: this.#principal });
  }

  /** `undefined` when there is no such object. */
  async head(key: string, signal?: AbortSignal): Promise<HeadObjectCommandOutput | undefined> {
    const input = { Bucket: this.bucket, Key: this.names.nameOf(key) };
    return this.ask(key, "be looked at", signal, async (client, options) => {
      try {
        return await client.send(new HeadObjectCommand(input), options);
      } catch (thrown) {
        if (s3Status(thrown) === 404) return undefined;
        throw thrown;
      }
    });
  }

  /** @param version the ETag that the object must still have, if any. */
  async open(
    key: string,
    range: string | undefined,
    version?: string,
    signal?: AbortSignal,
  ): Promise<GetObjectCommandOutput> {
    const command = new GetObjectCommand({
      Bucket: this.bucket,
      Key: this.names.nameOf(key),
      ...(range === undefined ? {} : { Range: range }),
      ...(version === undefined ? {} : { IfMatch: version }),
    });
    return this.ask(key, "be read", signal, (client, options) => client.send(command, options));
  }
}

function writingOf(location: Location): S3Writing {
  const mode = location.text("AWS_SERVER_ENC_MODE");
  const keyId = location.text("AWS_SERVER_KMS_ID");
  const storageClass = location.text("S3_STORAGE_CLASS");
  return {
    ...(mode === "aws:kms" || mode === "AES256" ? { ServerSideEncryption: mode } : {}),
    ...(keyId === undefined ? {} : { SSEKMSKeyId: keyId }),
    ...(storageClass === undefined ? {} : { StorageClass: storageClass as NonNullable<S3Writing["StorageClass"]> }),
  };
}
