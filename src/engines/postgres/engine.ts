import { asShellError, ShellError } from "../../errors.ts";
import type { Event } from "../../events.ts";
import type { RowBlock } from "../../formats/rows.ts";
import type { SourceColumn } from "../../formats/source-column.ts";
import type { ByteStream } from "../../std/bytes.ts";
import type {
  CopyInTarget,
  Engine,
  EngineCapabilities,
  EngineDescription,
  QueryOptions,
  SharedConnection,
  Snapshot,
} from "../engine.ts";
import { aboutQuery, emptyQuery } from "../sql.ts";
import { copyIn } from "./copy-in.ts";
import { copyStatement } from "./copy-out.ts";
import { locationOf, throwIfAborted } from "./errors.ts";
import { queryMessage, readRowDescription } from "./messages.ts";
import { runStatements } from "./run.ts";
import { PostgresSession, type TransactionStatus } from "./session.ts";
import type { PostgresSettings } from "./settings.ts";
import { openPostgresSnapshot, type DumpSchema } from "./snapshot.ts";
import { versionNumberOf } from "./version.ts";

export interface PostgresOptions {
  /** Reads definitions for `Snapshot.dumpSchema`; without it that throws `engine/unsupported`. */
  readonly dumpSchema?: DumpSchema;
}

/** Connects to a PostgreSQL server. @throws ShellError `engine/connect` */
export async function openPostgres(settings: PostgresSettings, options: PostgresOptions = {}): Promise<Engine> {
  return new PostgresEngine(await PostgresSession.open(settings), options);
}

/** An engine over a connection of its own, from what another thread shared. @throws ShellError `engine/connect` */
export function joinPostgres(share: SharedConnection): Promise<Engine> {
  return openPostgres(share.recipe as PostgresSettings);
}

const withoutDump: DumpSchema = () =>
  Promise.reject(new ShellError("engine/unsupported", "this connection cannot read the definitions of objects"));

/** An engine over a session that is connected to PostgreSQL. */
export class PostgresEngine implements Engine {
  readonly capabilities: EngineCapabilities = {
    parallel: true,
    cancel: true,
    copyBinary: true,
    copyStreams: true,
    manyDatabases: true,
    delegates: new Set(),
  };
  readonly description: EngineDescription;
  readonly share: SharedConnection;
  readonly #session: PostgresSession;
  readonly #options: PostgresOptions;

  constructor(session: PostgresSession, options: PostgresOptions) {
    const { settings } = session;
    this.#session = session;
    this.#options = options;
    this.share = { engine: "postgres", recipe: settings };
    const version = session.parameter("server_version") ?? "";
    this.description = {
      name: "postgres",
      version: version.split(" ")[0] ?? "",
      versionNumber: versionNumberOf(version),
      database: settings.database,
      user: settings.user,
      location: locationOf(settings),
      superuser: session.parameter("is_superuser") === "on",
    };
  }

  get transaction(): TransactionStatus {
    return this.#session.transaction;
  }

  run(sql: string, options: QueryOptions = {}): AsyncIterable<Event> {
    return runStatements(this.#session, sql, options);
  }

  rows(
    sql: string,
    parameters?: readonly (string | null)[],
    signal?: AbortSignal,
  ): Promise<readonly (readonly (string | null)[])[]> {
    return this.#session.rows(sql, parameters, signal);
  }

  async describeQuery(query: string, signal?: AbortSignal): Promise<readonly SourceColumn[]> {
    let columns: readonly SourceColumn[] = [];
    const sql = emptyQuery(query);
    await using exchange = this.#session.begin(queryMessage(sql), {
      sql,
      ...(signal === undefined ? {} : { signal }),
    });
    try {
      await exchange.finish((message) => {
        if (message.type === "T") columns = readRowDescription(message.body);
      });
    } catch (thrown) {
      throw aboutQuery(asShellError(thrown), query);
    }
    return columns;
  }

  copyRows(statement: string, signal?: AbortSignal): AsyncIterable<RowBlock> {
    return copyStatement(this.#session, statement, { rowFormat: "text", ...(signal === undefined ? {} : { signal }) });
  }

  async openSnapshot(signal?: AbortSignal): Promise<Snapshot> {
    throwIfAborted(signal);
    return openPostgresSnapshot(this.#session.settings, this.#options.dumpSchema ?? withoutDump, signal);
  }

  openDatabase(database: string): Promise<Engine> {
    return openPostgres({ ...this.#session.settings, database }, this.#options);
  }

  copyIn(target: CopyInTarget, pieces: ByteStream, signal?: AbortSignal): Promise<bigint> {
    return copyIn(this.#session, target, pieces, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}
