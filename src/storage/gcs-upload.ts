// A resumable upload (Google's JSON API): one session, chunks in order, each a multiple of 256 KiB, the last one with the
// object's whole length; only that one makes the object appear. The library's own upload stream sends no credentials
// to an endpoint other than Google's and cannot be stopped from outside, so the chunks are sent here.
import { answerMs } from "../credentials/network.ts";
import { crc32c } from "../crypto/crc32c.ts";
import { ShellError } from "../errors.ts";
import { withinDeadline } from "../std/deadline.ts";
import { field } from "./cloud-errors.ts";
import { userMetadata, type GcsBucket } from "./gcs-bucket.ts";
import { gcsStatus } from "./gcs-errors.ts";
import { PART_BYTES, type Part } from "./parts.ts";
import { pause } from "./resuming.ts";
import { createMark, hasMark, withMark } from "./upload-mark.ts";
import type { Upload } from "./upload.ts";

const TRIES_MAX = 5;
const ABANDONS_MAX = 3;
const FIRST_DELAY_MS = 200;
const CONTENT_TYPE = "application/octet-stream";

export interface GcsUploadOptions {
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly ifAbsent: boolean;
}

/** What the session says of itself. */
type Progress = { readonly isDone: true } | { readonly isDone: false; readonly nextByte: number };

interface GcsAnswer {
  readonly status: number;
  readonly headers: Headers;
}

/** A put as Google takes it: one request, or a resumable session. */
export class GcsUpload implements Upload {
  readonly partsInFlight = 1;
  readonly #bucket: GcsBucket;
  readonly #options: GcsUploadOptions;
  readonly #mark = createMark();
  #session = "";
  #sent = 0;
  #last: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(bucket: GcsBucket, options: GcsUploadOptions) {
    this.#bucket = bucket;
    this.#options = options;
  }

  partBytes(): number {
    return PART_BYTES;
  }

  async putWhole(bytes: Uint8Array): Promise<void> {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32c(bytes));
    const save = (): Promise<void> =>
      this.#bucket.file(this.#options.key).save(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
        resumable: false,
        validation: false,
        metadata: { ...this.#metadata(), crc32c: sum.toString("base64") },
        ...this.#precondition(),
      });
    await this.#once(() => this.#bucket.ask(this.#options.key, "be written", undefined, save, bytes.length));
  }

  async begin(signal: AbortSignal): Promise<void> {
    const file = this.#bucket.file(this.#options.key);
    const [session] = await this.#bucket.ask(this.#options.key, "be written", signal, () =>
      file.createResumableUpload({ metadata: this.#metadata(), ...this.#precondition() }),
    );
    this.#session = session;
  }

  async putPart(part: Part, signal: AbortSignal): Promise<void> {
    // The last chunk publishes, so it waits for that.
    if (part.isLast) this.#last = part.bytes;
    else await this.#send(part.bytes, undefined, signal);
  }

  async publish(): Promise<void> {
    await this.#once(() => this.#send(this.#last, this.#sent + this.#last.length));
  }

  async abandon(): Promise<void> {
    for (let failures = 0; ;) {
      try {
        await this.#request("DELETE", {});
        return;
      } catch (thrown) {
        failures += 1;
        // Lost, or too much for the store just now; what is gone already is as it should be.
        const error = this.#bucket.translate(thrown, this.#options.key, "be deleted");
        if (gcsStatus(thrown) === 404) return;
        if (!(error instanceof ShellError) || !error.retryable || failures >= ABANDONS_MAX) throw thrown;
        await pause(Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), this.#bucket.times.pauseMs));
      }
    }
  }

  #metadata(): { contentType: string; metadata: Record<string, string> } {
    return { contentType: CONTENT_TYPE, metadata: { ...withMark(this.#options.metadata, this.#mark) } };
  }

  #precondition(): { preconditionOpts?: { ifGenerationMatch: number } } {
    return this.#options.ifAbsent ? { preconditionOpts: { ifGenerationMatch: 0 } } : {};
  }

  /** A repeated request that fails only because its first sending succeeded is a success. */
  async #once(send: () => Promise<void>): Promise<void> {
    const { key } = this.#options;
    try {
      await send();
    } catch (thrown) {
      const status = gcsStatus(thrown instanceof ShellError ? thrown.cause : undefined);
      if (status !== 412 && status !== 404 && status !== 410) throw thrown;
      if (!hasMark(userMetadata(await this.#bucket.head(key)), this.#mark)) throw thrown;
    }
  }

  /** Sends a chunk, and what the session did not take of it again. @param total the object's length, if this ends it. */
  async #send(bytes: Uint8Array<ArrayBuffer>, total: number | undefined, signal?: AbortSignal): Promise<void> {
    const start = this.#sent;
    const end = start + bytes.length;
    for (let failures = 0; ;) {
      try {
        const rest = bytes.subarray(this.#sent - start);
        const range = `bytes ${this.#sent}-${end - 1}/${total ?? "*"}`;
        const progress = await this.#put(range, rest, signal);
        if (progress.isDone) return;
        this.#advance(progress.nextByte, start, end);
        if (this.#sent === end && total === undefined) return;
      } catch (thrown) {
        signal?.throwIfAborted();
        const error = this.#bucket.translate(thrown, this.#options.key, "be written");
        failures += 1;
        if (!(error instanceof ShellError) || !error.retryable || failures >= TRIES_MAX) throw error;
        await pause(Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), this.#bucket.times.pauseMs), signal);
        const progress = await this.#put(`bytes */${total ?? "*"}`, undefined, signal).catch(() => undefined);
        if (progress?.isDone === true) return;
        if (progress !== undefined) this.#advance(progress.nextByte, start, end);
        if (this.#sent === end && total === undefined) return;
      }
    }
  }

  #advance(nextByte: number, start: number, end: number): void {
    if (nextByte < start || nextByte > end) {
      const place = this.#bucket.names.place(this.#options.key);
      throw new ShellError("integrity/checksum", `${place} cannot be written: the store lost a part of the upload`);
    }
    this.#sent = nextByte;
  }

  async #put(range: string, body: Uint8Array<ArrayBuffer> | undefined, signal?: AbortSignal): Promise<Progress> {
    const answer = await this.#request("PUT", { "content-range": range }, body, signal);
    if (answer.status !== 308) return { isDone: true };
    const taken = /^bytes=0-(\d+)$/u.exec(answer.headers.get("range") ?? "")?.[1];
    return { isDone: false, nextByte: taken === undefined ? 0 : Number(taken) + 1 };
  }

  async #request(
    method: "PUT" | "DELETE",
    headers: Readonly<Record<string, string>>,
    body?: Uint8Array<ArrayBuffer>,
    signal?: AbortSignal,
  ): Promise<GcsAnswer> {
    const longestMs = answerMs(this.#bucket.times, body?.length ?? 0);
    return withinDeadline(longestMs, signal, async (stop) => this.#ask(method, headers, body, stop));
  }

  async #ask(
    method: "PUT" | "DELETE",
    headers: Readonly<Record<string, string>>,
    body: Uint8Array<ArrayBuffer> | undefined,
    signal: AbortSignal,
  ): Promise<GcsAnswer> {
    // A request that is stopped before it is under way throws from its body, where nobody can catch it: so this one is
    // stopped either before it begins, or in a later turn of the event loop.
    const late = new AbortController();
    const stop = (): void => void setImmediate(() => late.abort(signal.reason));
    signal.addEventListener("abort", stop, { once: true });
    try {
      const answer = await this.#bucket.storage.authClient.request({
        method,
        url: this.#session,
        headers,
        retry: false,
        responseType: "text",
        // 308: go on. 499: the session is ended, as was asked.
        validateStatus: (status) => (status >= 200 && status < 300) || status === 308 || status === 499,
        adapter: async (options, send) => {
          signal.throwIfAborted();
          return send(options);
        },
        signal: late.signal,
        // Of an error the library looks through all that has a forEach: byte by byte, for seconds.
        ...(body === undefined ? {} : { data: new DataView(body.buffer, body.byteOffset, body.length) }),
      });
      return { status: answer.status, headers: new Headers(field(answer, "headers") as Headers) };
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }
}
