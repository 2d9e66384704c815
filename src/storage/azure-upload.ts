// A block blob (Azure's Put Block and Put Block List): blocks are staged under ids of one length, and the list of them
// makes the object appear. Staged blocks that no list names are dropped by Azure after a week; they are never seen.
import { randomBytes } from "node:crypto";
import { ShellError } from "../errors.ts";
import type { AzureContainer } from "./azure-container.ts";
import { azureStatus } from "./azure-errors.ts";
import { azureMetadata, plainMetadata } from "./azure-metadata.ts";
import { growingPartBytes, type Part } from "./parts.ts";
import { createMark, hasMark, withMark } from "./upload-mark.ts";
import type { Upload } from "./upload.ts";

export interface AzureUploadOptions {
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly ifAbsent: boolean;
}

/** A put as Azure takes it: one request, or blocks and their list. */
export class AzureUpload implements Upload {
  readonly partsInFlight = 4;
  readonly partBytes = growingPartBytes;
  readonly #container: AzureContainer;
  readonly #options: AzureUploadOptions;
  readonly #mark = createMark();
  // Writers of the same name share one set of staged blocks: ids of their own keep them apart.
  readonly #writer = randomBytes(9).toString("hex");
  #parts = 0;

  constructor(container: AzureContainer, options: AzureUploadOptions) {
    this.#container = container;
    this.#options = options;
  }

  async putWhole(bytes: Uint8Array): Promise<void> {
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    await this.#once((options) => this.#blob().upload(body, body.length, { ...this.#publication(), ...options }), body);
  }

  async begin(): Promise<void> {
    // Staging a block is the beginning.
  }

  async putPart(part: Part, signal: AbortSignal): Promise<void> {
    const body = Buffer.from(part.bytes.buffer, part.bytes.byteOffset, part.bytes.length);
    const stage = (options: { abortSignal: AbortSignal }): Promise<unknown> =>
      this.#blob().stageBlock(this.#blockId(part.number), body, body.length, options);
    await this.#container.ask(this.#options.key, "be written", signal, stage, body.length);
    this.#parts = Math.max(this.#parts, part.number);
  }

  async publish(): Promise<void> {
    const ids = Array.from({ length: this.#parts }, (_, index) => this.#blockId(index + 1));
    await this.#once((options) => this.#blob().commitBlockList(ids, { ...this.#publication(), ...options }));
  }

  async abandon(): Promise<void> {
    // There is no request that drops staged blocks and leaves an object of the same name alone.
  }

  #blob(): ReturnType<AzureContainer["blob"]> {
    return this.#container.blob(this.#options.key);
  }

  #blockId(number: number): string {
    return Buffer.from(`${this.#writer}-${String(number).padStart(5, "0")}`).toString("base64");
  }

  #publication(): { metadata: Record<string, string>; conditions?: { ifNoneMatch: string } } {
    return {
      metadata: { ...azureMetadata(withMark(this.#options.metadata, this.#mark)) },
      ...(this.#options.ifAbsent ? { conditions: { ifNoneMatch: "*" } } : {}),
    };
  }

  /** A repeated request that fails only because its first sending succeeded is a success. */
  async #once(send: (options: { abortSignal: AbortSignal }) => Promise<unknown>, body?: Uint8Array): Promise<void> {
    const { key, ifAbsent } = this.#options;
    try {
      await this.#container.ask(key, "be written", undefined, send, body?.length);
    } catch (thrown) {
      const status = azureStatus(thrown instanceof ShellError ? thrown.cause : undefined);
      if (status !== 400 && status !== 409 && status !== 412) throw thrown;
      const found = await this.#container.head(key);
      if (hasMark(plainMetadata(found?.metadata), this.#mark)) return;
      // Who publishes first drops the blocks that others have staged: their lists are invalid then.
      const isTaken = ifAbsent && found !== undefined;
      if (!isTaken) throw thrown;
      const { names } = this.#container;
      throw new ShellError("storage/exists", `${names.place(key)} exists already`, { cause: thrown });
    }
  }
}
