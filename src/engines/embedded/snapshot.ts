import { ShellError } from "../../errors.ts";
import type { DumpToc } from "../../formats/dump-toc.ts";
import type { RowBlock } from "../../formats/rows.ts";
import { READ_SETTINGS, copyOutSql, readSequences, readTables } from "../catalog.ts";
import type { CopyOutOptions, SequenceValue, Snapshot, TableInfo } from "../engine.ts";
import { dumpSchemaToc } from "../pg-dump/dump-schema.ts";
import { openSessionTransport } from "../pg-dump/session-transport.ts";
import type { SharedSession } from "../pg-dump/session-transport.ts";
import type { Session } from "./session.ts";

/** What a server reports by ParameterStatus when a client connects (manual, "Asynchronous Operations"). */
const REPORTED = [
  "server_version",
  "server_encoding",
  "client_encoding",
  "is_superuser",
  "DateStyle",
  "IntervalStyle",
  "TimeZone",
  "integer_datetimes",
  "standard_conforming_strings",
  "default_transaction_read_only",
  "in_hot_standby",
];

async function readParameters(session: Session): Promise<ReadonlyMap<string, string>> {
  const names = REPORTED.map((name) => `('${name}')`).join(", ");
  // A session that no client logged in to has no session_authorization setting.
  const sql = `SELECT 'session_authorization', session_user::text
    UNION ALL SELECT name, current_setting(name, true) FROM (VALUES ${names}) AS reported(name)`;
  const { rows } = await session.query({ sql });
  return new Map(rows.map(([name, value]) => [name ?? "", value ?? ""]));
}

/** The one session, in a transaction that reads one instant. */
export class EmbeddedSnapshot implements Snapshot {
  readonly instant: Date;
  readonly blockRanges = true;
  readonly #session: Session;
  readonly #database: string;
  readonly #life: number;
  readonly #onEnd: () => void;
  #ended = false;

  private constructor(
    session: Session,
    facts: { readonly database: string; readonly instant: Date },
    onEnd: () => void,
  ) {
    this.#session = session;
    this.#database = facts.database;
    this.instant = facts.instant;
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
        sql: "SELECT floor(extract(epoch FROM statement_timestamp()) * 1000), current_database()",
      });
      const [instantMs, database] = rows[0] ?? [];
      return new EmbeddedSnapshot(session, { instant: new Date(Number(instantMs)), database: database ?? "" }, onEnd);
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

  /**
   * pg_dump runs in this very transaction: with one session there is none other, and nobody who could change a
   * definition meanwhile.
   */
  async dumpSchema(signal?: AbortSignal): Promise<DumpToc> {
    this.#check();
    const parameters = await readParameters(this.#session);
    const lent: SharedSession = {
      parameters,
      exchange: async (messages, onData) => onData(await this.#session.transport(messages)),
      execute: async (sql) => {
        await this.#session.query({ sql });
      },
    };
    return dumpSchemaToc(() => openSessionTransport(lent), {
      database: this.#database,
      ...(signal === undefined ? {} : { signal }),
    });
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
