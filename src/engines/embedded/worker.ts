/** The thread that owns the database. It lives from the opening of a directory to its close, or until it is ended. */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { COPY_DONE, copyDataHeader, copyFailMessage } from "../postgres/messages.ts";
import { bundledExtensions } from "./extensions.ts";
import { CONTROL, WINDOW_BYTES } from "./exchange.ts";
import type { CopyInput, ExchangeRequest, WorkerReply, WorkerRequest, WorkerSettings } from "./exchange.ts";
import { BACKEND, FRAME_HEADER_BYTES, FrameReader } from "./frames.ts";
import { pulledMessage } from "./pulled-message.ts";
import { RowBlocks } from "./row-blocks.ts";

/** Backend bytes are handed on at this size: one thread message costs more than one 8 KiB piece of the server. */
const BATCH_BYTES = 128 * 1024;
/** COPY data is framed in messages of this size: the server holds a whole message in its own memory. */
const COPY_FRAME_BYTES = 256 * 1024;
const LOG_LINES_KEPT = 20;

const START_PARAMETERS: readonly string[] = [
  ...PGlite.defaultStartParams,
  "-c",
  // As on any server; PGlite's own default leaves "$user" out.
  'search_path="$user", public',
  "-c",
  // The bound that a CHECKPOINT brings the write-ahead log back to.
  "max_wal_size=64MB",
  "-c",
  // Rows loaded into a table made or emptied by the same transaction need no write-ahead log, and nothing replicates.
  "wal_level=minimal",
  "-c",
  "max_wal_senders=0",
  "-c",
  // The log is read only to say why a server ended; below that it repeats statements, which may hold secrets.
  "log_min_messages=fatal",
];

/** A program that COPY … PROGRAM names cannot be run: refused by the server's own error, which keeps the session whole. */
class Database extends PGlite {
  override handleExternalCmd(command: string, mode: string): number {
    if (command.startsWith("locale -a")) return super.handleExternalCmd(command, mode);
    return 0;
  }
}

class DatabaseThread {
  readonly #settings: WorkerSettings;
  readonly #control: Int32Array;
  readonly #post: (reply: WorkerReply, transfer?: readonly ArrayBuffer[]) => void;
  readonly #log: string[] = [];
  #database: Database | undefined;
  #sentBytes = 0;
  #batch = new Uint8Array(BATCH_BYTES);
  #batchUsed = 0;
  #copy = 0;
  #copying = false;
  #wanted = false;
  /** What is left of the piece of COPY data under way. */
  #rest: Uint8Array | undefined;
  #payloadNext: Uint8Array | undefined;
  #ready = false;

  constructor(settings: WorkerSettings, post: (reply: WorkerReply, transfer?: readonly ArrayBuffer[]) => void) {
    this.#settings = settings;
    this.#control = new Int32Array(settings.control);
    this.#post = post;
  }

  async open(): Promise<void> {
    try {
      const { directory, database: name, program } = this.#settings;
      const database = new Database(directory, {
        database: name,
        ...(program === undefined ? {} : { pgliteWasmModule: program }),
        startParams: [...START_PARAMETERS],
        extensions: bundledExtensions,
        onStderr: (line) => this.#remember(line),
      });
      await database.waitReady;
      this.#database = database;
      this.#post({ type: "ready" });
    } catch (thrown) {
      this.#post({ type: "unusable", message: messageOf(thrown), log: this.#log });
    }
  }

  async handle(request: WorkerRequest): Promise<void> {
    if (request.type === "exchange") return this.#exchange(request);
    await this.#database?.close();
    this.#post({ type: "closed" });
  }

  async #exchange(request: ExchangeRequest): Promise<void> {
    const blocks =
      request.rowFormat === undefined
        ? undefined
        : new RowBlocks(request.rowFormat, ({ bytes, ends, rows }) => {
            this.#send({ type: "rows", bytes, ends, rows }, [bytes.buffer, ends.buffer]);
          });
    const frames = new FrameReader((type, bytes, start, end) => {
      this.#notice(type);
      if (blocks === undefined) return;
      if (type === BACKEND.copyData) blocks.add(bytes, start, end);
      else this.#append(bytes.subarray(start - FRAME_HEADER_BYTES, end));
    });
    this.#ready = false;
    this.#copying = false;
    this.#log.length = 0;
    try {
      await this.#database?.execProtocolRawStream(
        pulledMessage(request.message, () => this.#pull()),
        {
          syncToFs: false,
          onRawData: (bytes) => {
            if (blocks === undefined) this.#append(bytes);
            frames.push(bytes);
          },
        },
      );
      blocks?.flush();
      this.#flush();
      this.#post(this.#ready ? { type: "end" } : { type: "dead", message: "the server process ended", log: this.#log });
    } catch (thrown) {
      this.#post({ type: "dead", message: messageOf(thrown), log: this.#log });
    }
  }

  /** Follows the COPY sub-protocol: only the server's own messages tell when it reads COPY data. */
  #notice(type: number): void {
    if (type === BACKEND.copyInResponse) {
      this.#copying = true;
      this.#copy += 1;
      this.#wanted = false;
      this.#rest = undefined;
      this.#payloadNext = undefined;
      // The server reads at once: what it said so far must not wait for a full batch.
      this.#flush();
    } else if (type === BACKEND.error) {
      this.#copying = false;
    } else if (type === BACKEND.readyForQuery) {
      this.#ready = true;
    }
  }

  #append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const length = Math.min(bytes.length - at, this.#batch.length - this.#batchUsed);
      this.#batch.set(bytes.subarray(at, at + length), this.#batchUsed);
      this.#batchUsed += length;
      at += length;
      if (this.#batchUsed === this.#batch.length) this.#flush();
    }
  }

  #flush(): void {
    if (this.#batchUsed === 0) return;
    const bytes = this.#batch.subarray(0, this.#batchUsed);
    this.#batch = new Uint8Array(BATCH_BYTES);
    this.#batchUsed = 0;
    this.#send({ type: "bytes", bytes }, [bytes.buffer]);
  }

  #send(output: Extract<WorkerReply, { bytes: Uint8Array }>, transfer: readonly ArrayBuffer[]): void {
    if (Atomics.load(this.#control, CONTROL.discard) !== 0) return;
    const length = output.bytes.length;
    this.#post(output, transfer);
    this.#sentBytes = (this.#sentBytes + length) | 0;
    for (;;) {
      const taken = Atomics.load(this.#control, CONTROL.taken);
      if (((this.#sentBytes - taken) | 0) <= WINDOW_BYTES) return;
      if (Atomics.load(this.#control, CONTROL.discard) !== 0) return;
      Atomics.wait(this.#control, CONTROL.taken, taken);
    }
  }

  #pull(): Uint8Array | undefined {
    if (!this.#copying) return undefined;
    const payload = this.#payloadNext;
    if (payload !== undefined) {
      this.#payloadNext = undefined;
      return payload;
    }
    if (this.#rest === undefined) {
      const input = this.#nextInput();
      if (input.type === "end") {
        this.#copying = false;
        return COPY_DONE;
      }
      if (input.type === "fail") {
        this.#copying = false;
        return copyFailMessage(input.reason);
      }
      this.#rest = input.bytes;
    }
    const rest = this.#rest;
    this.#payloadNext = rest.subarray(0, COPY_FRAME_BYTES);
    this.#rest = rest.length > COPY_FRAME_BYTES ? rest.subarray(COPY_FRAME_BYTES) : undefined;
    return copyDataHeader(this.#payloadNext.length);
  }

  /** Blocks until the main thread has put COPY data into the port; asks for the piece after it, so that one is always under way. */
  #nextInput(): CopyInput {
    if (!this.#wanted) this.#post({ type: "want", copy: this.#copy });
    for (;;) {
      const supplied = Atomics.load(this.#control, CONTROL.supplied);
      const received = receiveMessageOnPort(this.#settings.copyData);
      if (received === undefined) {
        Atomics.wait(this.#control, CONTROL.supplied, supplied);
        continue;
      }
      const input: CopyInput = received.message;
      if (input.copy !== this.#copy) continue;
      this.#wanted = input.type === "data";
      if (this.#wanted) this.#post({ type: "want", copy: this.#copy });
      return input;
    }
  }

  #remember(line: string): boolean {
    this.#log.push(line);
    if (this.#log.length > LOG_LINES_KEPT) this.#log.shift();
    return false;
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

async function main(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error("this module runs in a worker thread");
  const thread = new DatabaseThread(workerData, (reply, transfer) => port.postMessage(reply, transfer ?? []));
  port.on("message", (request: WorkerRequest) => {
    void thread.handle(request);
  });
  await thread.open();
}

await main();
