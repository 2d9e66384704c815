import { BINARY_HEADER, BINARY_TRAILER } from "../../formats/rows.ts";
import type { ByteStream } from "../../std/bytes.ts";
import type { CopyInTarget } from "../engine.ts";
import { throwIfAborted } from "../postgres/errors.ts";
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
  throwIfAborted(signal);
  const source = new Batches(pieces);
  let rows = 0n;
  let begun = false;
  try {
    await session.query({ sql: "BEGIN" });
    begun = true;
    if (target.freeze) await session.query({ sql: `TRUNCATE TABLE ONLY ${quoteTable(target)}` });
    while (!source.ended) {
      const copySource = target.rowFormat === "binary" ? binaryStream(source.next()) : source.next();
      const { tags } = await session.query({ sql: copySql(target), copySource, signal });
      rows += BigInt(/^COPY (\d+)$/.exec(tags[0] ?? "")?.[1] ?? 0);
      // A transaction that goes on does not keep the log before the checkpoint.
      if (!source.ended) await session.query({ sql: "CHECKPOINT" });
    }
    throwIfAborted(signal);
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
  #ended = false;
  #pulling = false;

  constructor(pieces: ByteStream) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Whether the source has said that nothing more comes. */
  get ended(): boolean {
    return this.#ended;
  }

  async *next(): ByteStream {
    for (let bytes = 0; bytes < BATCH_BYTES;) {
      this.#pulling = true;
      const { done, value } = await this.#pieces.next();
      this.#pulling = false;
      if (done === true) {
        this.#ended = true;
        return;
      }
      bytes += value.length;
      yield value;
    }
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const closed = this.#pieces.return?.();
    // A source that hangs in the middle of a pull cannot be waited for: it ends when its pull does.
    if (!this.#pulling) await closed;
  }
}
