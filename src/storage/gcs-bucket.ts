import type { Readable } from "node:stream";
import { IdempotencyStrategy, Storage, type Bucket, type File, type FileMetadata } from "@google-cloud/storage";
import type { GoogleIdentity } from "../credentials/google.ts";
import { answerMs, STORE_TIMES, type CloudNetwork, type NetworkTimes } from "../credentials/network.ts";
import { principalOf } from "../credentials/principal.ts";
import type { Location } from "../location.ts";
import type { Action } from "./cloud-errors.ts";
import type { ByteStream } from "../std/bytes.ts";
import { gcsError, gcsStatus, isPassing } from "./gcs-errors.ts";
import { PART_BYTES } from "./parts.ts";
import { withinDeadline } from "../std/deadline.ts";
import { ObjectNames } from "./object-names.ts";
import { pause, untilSilent, type Gone } from "./resuming.ts";

// The library waits for a second or longer before it tries again, whatever it is told: trying again is done here. Every
// request may be repeated: what must not replace is told so, and knows its own object.
const NO_RETRIES = { autoRetry: false, maxRetries: 0, idempotencyStrategy: IdempotencyStrategy.RetryAlways };
const TRIES_MAX = 4;
const FIRST_PAUSE_MS = 500;

export interface GcsBucketOptions {
  /** Replaces Google's own; credentials go there too. */
  readonly endpoint: string | undefined;
  readonly network: CloudNetwork;
}

/** Requests to one bucket; every failure comes out in the words of storage. */
export class GcsBucket {
  readonly names: ObjectNames;
  readonly bucket: Bucket;
  readonly storage: Storage;
  readonly times: NetworkTimes;
  readonly #principal: string;

  constructor(location: Location, identity: GoogleIdentity, options: GcsBucketOptions) {
    const { endpoint, network } = options;
    this.times = { ...STORE_TIMES, ...network.times };
    this.#principal = principalOf(location);
    this.storage = new Storage({
      authClient: identity,
      universeDomain: identity.universeDomain,
      retryOptions: NO_RETRIES,
      // Of one request, whatever is in its body; how long is waited for it is decided below.
      timeout: answerMs(this.times, PART_BYTES),
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
   * Waits for a request of the library, which knows no signals: it may still take effect after the signal aborts. One
   * that fails in passing is sent again.
   * @param key for messages; empty when it is about the whole store.
   * @param bytes how long its body is.
   * @throws ShellError what the failure means; the signal's reason when it aborted.
   */
  async ask<T>(
    key: string,
    action: Action,
    signal: AbortSignal | undefined,
    request: (signal: AbortSignal) => Promise<T>,
    bytes = 0,
  ): Promise<T> {
    for (let failures = 0; ;) {
      try {
        return await withinDeadline(answerMs(this.times, bytes), signal, request);
      } catch (thrown) {
        signal?.throwIfAborted();
        failures += 1;
        if (failures >= TRIES_MAX || !isPassing(thrown)) throw this.translate(thrown, key, action);
      }
      await pause(Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), this.times.pauseMs), signal);
    }
  }

  translate(thrown: unknown, key: string, action: Action): unknown {
    const place = key === "" ? this.names.label : this.names.place(key);
    return gcsError(thrown, { bucket: this.bucket.name, place, action, principal: this.#principal });
  }

  /**
   * The bytes as they are stored, or what became of the version. The library's own stream cannot be stopped and leaves
   * its connection behind.
   * @throws what the library throws: who reads knows whether to go on.
   */
  async open(range: GcsRange, signal: AbortSignal | undefined): Promise<ByteStream | Gone> {
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
    };
    try {
      const { data } = await withinDeadline(this.times.silenceMs, signal, async (stop) =>
        this.storage.authClient.request<Readable>({ ...request, signal: stop }),
      );
      return untilSilent(data, this.times.silenceMs, signal);
    } catch (thrown) {
      if (gcsStatus(thrown) !== 404) throw thrown;
      return (await this.head(range.key, signal)) === undefined ? "deleted" : "replaced";
    }
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

/** User metadata is text in practice; the library's type allows more. */
export function userMetadata(metadata: FileMetadata | undefined): Readonly<Record<string, string>> {
  const entries = Object.entries(metadata?.metadata ?? {}).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
