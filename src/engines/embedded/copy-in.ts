import { BINARY_HEADER, BINARY_TRAILER } from "../../formats/rows.ts";
import type { ByteStream } from "../../std/bytes.ts";
import type { CopyInTarget } from "../engine.ts";
import { columnList, quoteTable } from "../sql.ts";
import type { Session } from "./session.ts";

/** Rows are loaded by COPYs of about this size, with a CHECKPOINT between: nothing else shortens the write-ahead log. */
const BATCH_BYTES = 256 * 1024 * 1024;

/** `Engine.copyIn`: any number of COPYs in one transaction. */
export async function copyIn(
  session: Session,
  target: CopyInTarget,
  pieces: ByteStream,
  signal: AbortSignal | undefined,
): Promise<bigint> {
  const source = new Batches(pieces);
  let rows = 0n;
  let begun = false;
  try {
    await session.query({ sql: "BEGIN" });
    begun = true;
    if (target.freeze) await session.query({ sql: `TRUNCATE TABLE ONLY ${quoteTable(target)}` });
    for (let more = await source.hasMore(); more; more = await source.hasMore()) {
      const copySource = target.rowFormat === "binary" ? binaryStream(source.next()) : source.next();
      const { tags } = await session.query({ sql: copySql(target), copySource, signal });
      rows += BigInt(/^COPY (\d+)$/.exec(tags[0] ?? "")?.[1] ?? 0);
      // A transaction that goes on does not keep the log before the checkpoint.
      if (source.full) await session.query({ sql: "CHECKPOINT" });
    }
    signal?.throwIfAborted();
    await session.query({ sql: "COMMIT" });
    begun = false;
    return rows;
  } finally {
    await source.close();
    if (begun && session.transaction !== "idle") await session.query({ sql: "ROLLBACK" });
  }
}

function copySql(target: CopyInTarget): string {
  const options = [`FORMAT ${target.rowFormat}`, ...(target.freeze ? ["FREEZE"] : [])];
  return `COPY ${quoteTable(target)}${columnList(target.columns)} FROM STDIN (${options.join(", ")})`;
}

async function* binaryStream(rows: ByteStream): ByteStream {
  yield BINARY_HEADER;
  yield* rows;
  yield BINARY_TRAILER;
}

/** One stream of pieces as several, cut between pieces. */
class Batches {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #ahead: Uint8Array | undefined;
  #done = false;
  #bytes = 0;

  constructor(pieces: ByteStream) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Whether the last batch ended because of its size. */
  get full(): boolean {
    return this.#bytes >= BATCH_BYTES;
  }

  async hasMore(): Promise<boolean> {
    this.#ahead ??= await this.#pull();
    return this.#ahead !== undefined;
  }

  async *next(): ByteStream {
    this.#bytes = 0;
    while (!this.full) {
      const piece = this.#ahead ?? (await this.#pull());
      this.#ahead = undefined;
      if (piece === undefined) return;
      this.#bytes += piece.length;
      yield piece;
    }
  }

  async close(): Promise<void> {
    if (!this.#done) await this.#pieces.return?.();
    this.#done = true;
  }

  async #pull(): Promise<Uint8Array | undefined> {
    if (this.#done) return undefined;
    const result = await this.#pieces.next();
    if (result.done !== true) return result.value;
    this.#done = true;
    return undefined;
  }
}
