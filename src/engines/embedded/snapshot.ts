import { ShellError } from "../../errors.ts";
import type { DumpToc } from "../../formats/dump-toc.ts";
import type { RowBlock } from "../../formats/rows.ts";
import type { CopyOutOptions, SequenceValue, Snapshot, TableInfo } from "../engine.ts";
import { dumpSchemaToc } from "../pg-dump/dump-schema.ts";
import { openSessionTransport } from "../pg-dump/session-transport.ts";
import { readSequences, readTables } from "../postgres/catalogue.ts";
import { copyOutStatement } from "../postgres/copy-out.ts";
import { interrupted, throwIfAborted } from "../postgres/errors.ts";
import type { ReadTransaction } from "./read-transaction.ts";
import type { Message } from "./session.ts";

/** One reader of a read transaction; the last one to be disposed ends it. */
export class EmbeddedSnapshot implements Snapshot {
  readonly instant: Date;
  readonly blockRanges = true;
  readonly #transaction: ReadTransaction;
  #ended = false;

  constructor(transaction: ReadTransaction) {
    this.#transaction = transaction;
    this.instant = transaction.instant;
    transaction.readers += 1;
  }

  rows(sql: string): Promise<readonly (readonly (string | null)[])[]> {
    return this.#open().rows(sql);
  }

  /**
   * pg_dump runs in this very transaction: with one session there is none other, and nobody who could change a
   * definition meanwhile.
   */
  async dumpSchema(signal?: AbortSignal): Promise<DumpToc> {
    const transaction = this.#open();
    const session = await transaction.lend();
    return dumpSchemaToc(() => openSessionTransport(session), {
      database: transaction.database,
      ...(signal === undefined ? {} : { signal }),
    });
  }

  tables(): Promise<readonly TableInfo[]> {
    const transaction = this.#open();
    return readTables((sql) => transaction.rows(sql), transaction.versionNumber);
  }

  sequences(): Promise<readonly SequenceValue[]> {
    const transaction = this.#open();
    return readSequences((sql) => transaction.rows(sql));
  }

  async *copyOut(table: TableInfo, options: CopyOutOptions): AsyncGenerator<RowBlock> {
    const { rowFormat, signal } = options;
    throwIfAborted(signal);
    yield* blocksOf(this.#open().copy(copyOutStatement(table, options), rowFormat, signal), signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#transaction.readers -= 1;
    if (this.#transaction.readers === 0) await this.#transaction.end();
  }

  #open(): ReadTransaction {
    if (this.#ended) throw new ShellError("bug/invariant", "the snapshot was used after its end");
    return this.#transaction;
  }
}

/** The blocks of a COPY … TO STDOUT; its failure is thrown after the last of them. */
export async function* blocksOf(
  answers: AsyncIterable<readonly Message[]>,
  signal: AbortSignal | undefined,
): AsyncGenerator<RowBlock> {
  let failure: ShellError | undefined;
  for await (const messages of answers) {
    for (const message of messages) {
      if (message.type === "block") yield message.block;
      else if (message.type === "error") failure ??= message.error;
    }
  }
  if (failure !== undefined) throw signal?.aborted === true ? interrupted(signal.reason) : failure;
}
