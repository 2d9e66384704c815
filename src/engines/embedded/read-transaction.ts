import { ShellError } from "../../errors.ts";
import type { SharedSession } from "../pg-dump/session-transport.ts";
import type { RowFormat } from "../../formats/rows.ts";
import type { Message, Session } from "./session.ts";

/**
 * Values as text read back the same everywhere, rows come in physical order, nothing times out, and row-level security
 * refuses instead of leaving rows out.
 */
const READ_SETTINGS = `
  SET LOCAL datestyle = 'ISO, MDY'; SET LOCAL intervalstyle = postgres; SET LOCAL extra_float_digits = 3;
  SET LOCAL bytea_output = hex; SET LOCAL timezone = 'UTC'; SET LOCAL xmloption = content;
  SET LOCAL client_encoding = 'UTF8'; SET LOCAL synchronize_seqscans = off; SET LOCAL row_security = off;
  SET LOCAL search_path = ''`;

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

/** The one session, in a transaction that reads one instant. Any number of snapshots read in it: they all see the same. */
export class ReadTransaction {
  readonly instant: Date;
  readonly database: string;
  readonly versionNumber: number;
  /** Snapshots that have yet to end. */
  readers = 0;
  readonly #session: Session;
  readonly #life: number;

  private constructor(session: Session, row: readonly (string | null)[]) {
    const [instantMs, database, versionNumber] = row;
    this.instant = new Date(Number(instantMs));
    this.database = database ?? "";
    this.versionNumber = Number(versionNumber);
    this.#session = session;
    this.#life = session.life;
  }

  static async begin(session: Session, signal?: AbortSignal): Promise<ReadTransaction> {
    try {
      await session.query({ sql: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", signal });
      await session.query({ sql: READ_SETTINGS });
      // The first query after BEGIN takes the snapshot.
      const { rows } = await session.query({
        sql: `SELECT floor(extract(epoch FROM statement_timestamp()) * 1000), current_database(),
          current_setting('server_version_num')`,
      });
      return new ReadTransaction(session, rows[0] ?? []);
    } catch (thrown) {
      if (session.transaction !== "idle") await session.query({ sql: "ROLLBACK" });
      throw thrown;
    }
  }

  /** Whether the transaction still stands: closing, an abort or a crash of the server ends it. */
  get alive(): boolean {
    return !this.#session.closed && this.#session.life === this.#life && this.#session.transaction !== "idle";
  }

  async rows(sql: string): Promise<readonly (readonly (string | null)[])[]> {
    this.#check();
    return (await this.#session.query({ sql })).rows;
  }

  copy(sql: string, rowFormat: RowFormat, signal?: AbortSignal): AsyncIterable<readonly Message[]> {
    this.#check();
    return this.#session.messages({ sql, rowFormat, signal });
  }

  /** The session as pg_dump uses it. */
  async lend(): Promise<SharedSession> {
    this.#check();
    return {
      parameters: await readParameters(this.#session),
      exchange: async (messages, onData) => onData(await this.#session.transport(messages)),
      execute: async (sql) => {
        await this.#session.query({ sql });
      },
    };
  }

  async end(): Promise<void> {
    if (this.alive) await this.#session.query({ sql: "ROLLBACK" });
  }

  #check(): void {
    if (this.alive) return;
    throw new ShellError("engine/lost", "the snapshot is gone: the embedded database was closed or started again");
  }
}
