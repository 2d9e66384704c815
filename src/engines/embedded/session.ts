import { ShellError } from "../../errors.ts";
import type { RowBlock, RowFormat } from "../../formats/rows.ts";
import type { ByteStream } from "../../std/bytes.ts";
import { interrupted, serverError } from "../postgres/errors.ts";
import {
  parameterisedMessage,
  queryMessage,
  readDataRow,
  readFields,
  readRowDescription,
  readStrings,
} from "../postgres/messages.ts";
import type { SourceColumn } from "../../formats/source-column.ts";
import { Backend } from "./backend.ts";
import type { ExchangeOutput } from "./exchange.ts";
import { BACKEND, FrameReader } from "./frames.ts";

export type TransactionStatus = "idle" | "open" | "failed";

/** What the server says during one exchange, in its order. */
export type Message =
  | { readonly type: "columns"; readonly fields: readonly SourceColumn[] }
  | { readonly type: "row"; readonly values: readonly (string | null)[] }
  | { readonly type: "copy-data"; readonly bytes: Uint8Array }
  /** Only when blocks of rows were asked for. */
  | { readonly type: "block"; readonly block: RowBlock }
  | { readonly type: "tag"; readonly tag: string }
  | { readonly type: "notice"; readonly fields: ReadonlyMap<string, string> }
  | { readonly type: "notification"; readonly strings: readonly string[] }
  | { readonly type: "error"; readonly error: ShellError };

export interface SessionRequest {
  readonly sql: string;
  /** Sent apart from the text, which is then one statement. */
  readonly parameters?: readonly (string | null)[] | undefined;
  readonly copySource?: ByteStream | undefined;
  /** COPY … TO STDOUT comes as blocks of rows in this form. */
  readonly rowFormat?: RowFormat | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** All that small statements answered. */
export interface Answer {
  readonly rows: readonly (readonly (string | null)[])[];
  readonly tags: readonly string[];
}

/** Write-ahead log that may gather before a CHECKPOINT: nothing else ever shortens it, PGlite has no background writer. */
const CHECKPOINT_EVERY_BYTES = 256 * 1024 * 1024;

/**
 * The one session of an embedded database, over as many lives of its thread as it takes: after an abort or a crash of
 * the server the directory is opened again for the next statement, and the write-ahead log brings it to its last commit.
 */
export class Session {
  readonly #settings: { readonly directory: string; readonly database: string };
  #backend: Backend | undefined;
  #restarting: Promise<Backend> | undefined;
  #lastTurn: Promise<void> = Promise.resolve();
  #closed = false;
  #transaction: TransactionStatus = "idle";
  #life = 1;

  private constructor(settings: { readonly directory: string; readonly database: string }, backend: Backend) {
    this.#settings = settings;
    this.#backend = backend;
  }

  static async open(settings: { readonly directory: string; readonly database: string }): Promise<Session> {
    return new Session(settings, await Backend.start(settings));
  }

  /** As the last ReadyForQuery said. */
  get transaction(): TransactionStatus {
    return this.#transaction;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Changes when the server was started again: transactions and settings of an earlier life are gone. */
  get life(): number {
    return this.#life;
  }

  /**
   * Runs SQL text and hands on what the server says. An error of the server is a message; what goes on after it is for
   * the caller to say. Throws `engine/lost` when the server dies and `job/interrupted` after an abort.
   */
  async *messages(request: SessionRequest): AsyncGenerator<readonly Message[]> {
    if (request.sql.includes("\0")) {
      throw new ShellError("syntax/unexpected", "a statement cannot hold a zero byte");
    }
    const { sql, parameters, rowFormat, copySource, signal } = request;
    const message = parameters === undefined ? queryMessage(sql) : parameterisedMessage(sql, parameters);
    let batch: Message[] = [];
    const frames = new FrameReader((type, bytes, start, end) => {
      const decoded = this.#decode(type, bufferOf(bytes, start, end), sql);
      if (decoded !== undefined) batch.push(decoded);
    });
    const exchange = { type: "exchange", message, ...(rowFormat === undefined ? {} : { rowFormat }) } as const;
    for await (const output of this.#outputs(exchange, { copySource, signal })) {
      if (output.type === "bytes") frames.push(output.bytes);
      else batch.push({ type: "block", block: output });
      if (batch.length > 0) yield batch;
      batch = [];
    }
  }

  /** Runs statements whose results are small; the rows of all of them together. Throws the server's error. */
  async query(request: SessionRequest): Promise<Answer> {
    const rows: (readonly (string | null)[])[] = [];
    const tags: string[] = [];
    let failure: ShellError | undefined;
    for await (const batch of this.messages(request)) {
      for (const message of batch) {
        if (message.type === "row") rows.push(message.values);
        else if (message.type === "tag") tags.push(message.tag);
        else if (message.type === "error") failure ??= message.error;
      }
    }
    if (failure !== undefined) throw request.signal?.aborted === true ? interrupted(request.signal.reason) : failure;
    return { rows, tags };
  }

  /** Sends frontend messages as they are and gives back all the server's bytes. */
  async transport(message: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    const frames = new FrameReader((type, bytes, start) => {
      if (type === BACKEND.readyForQuery) this.#transaction = statusOf(bytes[start]);
    });
    for await (const output of this.#outputs({ type: "exchange", message }, { signal })) {
      pieces.push(output.bytes);
      frames.push(output.bytes);
    }
    return Buffer.concat(pieces);
  }

  /** Runs CHECKPOINT when enough write-ahead log has gathered. Not within a transaction that has yet to choose its snapshot. */
  async checkpointWhenDue(): Promise<void> {
    const sql =
      "SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), redo_lsn) FROM pg_catalog.pg_control_checkpoint()";
    const { rows } = await this.query({ sql });
    if (Number(rows[0]?.[0] ?? 0) >= CHECKPOINT_EVERY_BYTES) await this.query({ sql: "CHECKPOINT" });
  }

  /** Ends the session and lets go of the directory. Safe to repeat. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const backend = (await this.#restarting?.catch(() => undefined)) ?? this.#backend;
    await backend?.close();
  }

  async *#outputs(...exchange: Parameters<Backend["exchange"]>): AsyncGenerator<ExchangeOutput> {
    using _turn = await this.#takeTurn();
    const backend = await this.#liveBackend();
    try {
      yield* backend.exchange(...exchange);
    } finally {
      if (!backend.alive) this.#transaction = "idle";
    }
  }

  async #liveBackend(): Promise<Backend> {
    if (this.#closed) throw new ShellError("engine/lost", "the embedded database is closed");
    if (this.#backend?.alive === true) return this.#backend;
    this.#restarting ??= this.#restart();
    try {
      this.#backend = await this.#restarting;
      return this.#backend;
    } finally {
      this.#restarting = undefined;
    }
  }

  async #restart(): Promise<Backend> {
    // Two threads in one directory would ruin it: the old one must be gone first.
    await this.#backend?.terminate();
    this.#life += 1;
    return Backend.start(this.#settings);
  }

  async #takeTurn(): Promise<Disposable> {
    const previous = this.#lastTurn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastTurn = promise;
    await previous;
    return { [Symbol.dispose]: resolve };
  }

  #decode(type: number, body: Buffer, sql: string): Message | undefined {
    switch (type) {
      case BACKEND.rowDescription:
        return { type: "columns", fields: readRowDescription(body) };
      case BACKEND.dataRow:
        return { type: "row", values: readDataRow(body) };
      case BACKEND.copyData:
        return { type: "copy-data", bytes: body };
      case BACKEND.commandComplete:
        return { type: "tag", tag: readStrings(body)[0] ?? "" };
      case BACKEND.error:
        return { type: "error", error: serverError(readFields(body), sql) };
      case BACKEND.notice:
        return { type: "notice", fields: readFields(body) };
      case BACKEND.notification:
        // The process id in front is always the one of the only session.
        return { type: "notification", strings: readStrings(body.subarray(4)) };
      case BACKEND.readyForQuery:
        this.#transaction = statusOf(body[0]);
        return undefined;
      default:
        return undefined;
    }
  }
}

/** The byte of a ReadyForQuery. */
function statusOf(byte: number | undefined): TransactionStatus {
  if (byte === 0x54) return "open";
  return byte === 0x45 ? "failed" : "idle";
}

function bufferOf(bytes: Uint8Array, start: number, end: number): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
}
