import { ShellError } from "../../errors.ts";
import type { DumpToc } from "../../formats/dump-toc.ts";
import type { RowBlock } from "../../formats/rows.ts";
import { READ_SETTINGS, copyOutSql, readSequences, readTables } from "../catalog.ts";
import type { CopyOutOptions, SequenceValue, Snapshot, TableInfo } from "../engine.ts";
import type { Session } from "./session.ts";

/** The one session, in a transaction that reads one instant. */
export class EmbeddedSnapshot implements Snapshot {
  readonly instant: Date;
  readonly blockRanges = true;
  readonly #session: Session;
  readonly #life: number;
  readonly #onEnd: () => void;
  #ended = false;

  private constructor(session: Session, instant: Date, onEnd: () => void) {
    this.#session = session;
    this.instant = instant;
    this.#life = session.life;
    this.#onEnd = onEnd;
  }

  /** @param onEnd called once, when the session is free again. */
  static async open(session: Session, onEnd: () => void, signal?: AbortSignal): Promise<EmbeddedSnapshot> {
    await session.query({ sql: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", signal });
    try {
      await session.query({ sql: READ_SETTINGS });
      // The first query after BEGIN takes the snapshot.
      const { rows } = await session.query({
        sql: "SELECT pg_catalog.floor(EXTRACT(EPOCH FROM pg_catalog.clock_timestamp()) * 1000)",
      });
      return new EmbeddedSnapshot(session, new Date(Number(rows[0]?.[0])), onEnd);
    } catch (thrown) {
      if (session.transaction !== "idle") await session.query({ sql: "ROLLBACK" });
      throw thrown;
    }
  }

  async rows(sql: string): Promise<readonly (readonly (string | null)[])[]> {
    this.#check();
    return (await this.#session.query({ sql })).rows;
  }

  async tables(): Promise<readonly TableInfo[]> {
    return readTables((sql) => this.rows(sql));
  }

  async sequences(): Promise<readonly SequenceValue[]> {
    return readSequences((sql) => this.rows(sql));
  }

  async *copyOut(table: TableInfo, options: CopyOutOptions): AsyncGenerator<RowBlock> {
    this.#check();
    const { rowFormat, signal } = options;
    let failure: ShellError | undefined;
    for await (const messages of this.#session.messages({ sql: copyOutSql(table, options), rowFormat, signal })) {
      for (const message of messages) {
        if (message.type === "block") yield message.block;
        else if (message.type === "error") failure ??= message.error;
      }
    }
    if (failure !== undefined) throw failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    try {
      if (this.#session.life === this.#life && this.#session.transaction !== "idle") {
        await this.#session.query({ sql: "ROLLBACK" });
      }
    } finally {
      this.#onEnd();
    }
  }

  #check(): void {
    if (this.#ended) throw new ShellError("bug/invariant", "the snapshot was used after its end");
    if (this.#session.life !== this.#life || this.#session.transaction === "idle") {
      throw new ShellError("engine/lost", "the snapshot is gone: the embedded database was started again");
    }
  }
}
