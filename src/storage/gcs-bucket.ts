import type { Readable } from "node:stream";
import { IdempotencyStrategy, Storage, type Bucket, type File, type FileMetadata } from "@google-cloud/storage";
import type { GoogleIdentity } from "../credentials/google.ts";
import type { Location } from "../location.ts";
import type { Action } from "./cloud-errors.ts";
import type { ByteStream } from "../std/bytes.ts";
import { gcsError, gcsStatus } from "./gcs-errors.ts";
import { ObjectNames } from "./object-names.ts";
import { untilAborted } from "./resuming.ts";

const RETRIES = {
  autoRetry: true,
  maxRetries: 3,
  retryDelayMultiplier: 2,
  maxRetryDelay: 8,
  totalTimeout: 60,
  // Every request here may be repeated: what must not replace is told so, and knows its own object.
  idempotencyStrategy: IdempotencyStrategy.RetryAlways,
};

/** Requests to one bucket; every failure comes out in the words of storage. */
export class GcsBucket {
  readonly names: ObjectNames;
  readonly bucket: Bucket;
  readonly storage: Storage;

  /** @param endpoint replaces Google's own; credentials go there too. */
  constructor(location: Location, identity: GoogleIdentity, endpoint: string | undefined) {
    this.storage = new Storage({
      authClient: identity,
      retryOptions: RETRIES,
      ...(endpoint === undefined ? {} : { apiEndpoint: endpoint, useAuthWithCustomEndpoint: true }),
    });
    // The library takes STORAGE_EMULATOR_HOST for the whole base, and leaves out the path that every emulator has.
    if (endpoint !== undefined) this.storage.baseUrl = `${endpoint.replace(/\/+$/u, "")}/storage/v1`;
    const userProject = location.text("GOOGLE_BILLING_PROJECT");
    this.bucket = this.storage.bucket(location.host, userProject === undefined ? {} : { userProject });
    this.names = new ObjectNames(location.path, location.label);
  }

  file(key: string): File {
    return this.bucket.file(this.names.nameOf(key));
  }

  /**
   * Waits for one request of the library, which knows no signals: it may still take effect after the signal aborts.
   * @param key for messages; empty when it is about the whole store.
   * @throws ShellError what the failure means; the signal's reason when it aborted.
   */
  async ask<T>(key: string, action: Action, signal: AbortSignal | undefined, request: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await orAborted(request(), signal);
    } catch (thrown) {
      signal?.throwIfAborted();
      throw this.translate(thrown, key, action);
    }
  }

  translate(thrown: unknown, key: string, action: Action): unknown {
    const place = key === "" ? this.names.label : this.names.place(key);
    return gcsError(thrown, { bucket: this.bucket.name, place, action });
  }

  /** The bytes as they are stored. The library's own stream cannot be stopped and leaves its connection behind. */
  async *read(range: GcsRange, signal: AbortSignal | undefined): ByteStream {
    const name = encodeURIComponent(this.names.nameOf(range.key));
    const generation = range.generation === undefined ? {} : { generation: range.generation };
    const payer = this.bucket.userProject === undefined ? {} : { userProject: this.bucket.userProject };
    const request = {
      url: `${this.storage.baseUrl}/b/${encodeURIComponent(this.bucket.name)}/o/${name}`,
      params: { alt: "media", ...generation, ...payer },
      // With this header a body that is stored compressed comes as it is, and `compress` leaves it so.
      headers: { range: `bytes=${range.fromByte}-${range.lastByte}`, "accept-encoding": "gzip" },
      compress: false,
      responseType: "stream" as const,
      retry: false,
      ...(signal === undefined ? {} : { signal }),
    };
    const { data } = await this.storage.authClient.request<Readable>(request);
    yield* untilAborted(data, signal);
  }

  /** `undefined` when there is no such object. */
  async head(key: string, signal?: AbortSignal): Promise<FileMetadata | undefined> {
    return this.ask(key, "be looked at", signal, async () => {
      try {
        const [metadata] = await this.file(key).getMetadata();
        return metadata;
      } catch (thrown) {
        const isBucket = /specified bucket/iu.test(thrown instanceof Error ? thrown.message : "");
        if (gcsStatus(thrown) === 404 && !isBucket) return undefined;
        throw thrown;
      }
    });
  }
}

/** Which bytes of which version of an object. */
export interface GcsRange {
  readonly key: string;
  readonly generation: string | number | undefined;
  readonly fromByte: number;
  readonly lastByte: number;
}

/** What the promise gives, or the signal's reason if that comes first. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** User metadata is text in practice; the library's type allows more. */
export function userMetadata(metadata: FileMetadata | undefined): Readonly<Record<string, string>> {
  const entries = Object.entries(metadata?.metadata ?? {}).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
