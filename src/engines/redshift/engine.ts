// Amazon Redshift: PostgreSQL's protocol and the catalogue of its release 8.0, without COPY over the connection and
// without exported snapshots. UNLOAD and COPY are the cluster's own.
import { ShellError } from "../../errors.ts";
import type { Event } from "../../events.ts";
import type { RowBlock } from "../../formats/rows.ts";
import type { SourceColumn } from "../../formats/source-column.ts";
import type { Engine, EngineCapabilities, EngineDescription, QueryOptions, Snapshot } from "../engine.ts";
import { locationOf } from "../postgres/errors.ts";
import { queryMessage, readRowDescription } from "../postgres/messages.ts";
import { runStatements } from "../postgres/run.ts";
import type { PostgresSession, TransactionStatus } from "../postgres/session.ts";
import type { PostgresSettings } from "../postgres/settings.ts";
import { emptyQuery } from "../sql.ts";
import { tidied } from "./errors.ts";
import type { RedshiftVersion } from "./version.ts";

/** Statements that the cluster carries out itself. */
const DELEGATES: ReadonlySet<string> = new Set(["unload", "copy", "copy-job", "template"]);

const CAPABILITIES: EngineCapabilities = {
  parallel: false,
  cancel: true,
  copyBinary: false,
  copyStreams: false,
  manyDatabases: true,
  delegates: DELEGATES,
};

export interface RedshiftOptions {
  readonly version: RedshiftVersion;
  /** Opens another connection to the same cluster. */
  readonly open: (settings: PostgresSettings) => Promise<Engine>;
}

/** An engine over a session that is connected to a Redshift cluster or workgroup. */
export class RedshiftEngine implements Engine {
  readonly capabilities = CAPABILITIES;
  readonly description: EngineDescription;
  readonly #session: PostgresSession;
  readonly #options: RedshiftOptions;

  constructor(session: PostgresSession, options: RedshiftOptions) {
    const { settings } = session;
    this.#session = session;
    this.#options = options;
    this.description = {
      name: "redshift",
      version: options.version.release,
      versionNumber: options.version.postgresNumber,
      database: settings.database,
      user: settings.user,
      location: locationOf(settings),
      superuser: session.parameter("is_superuser") === "on",
    };
  }

  get transaction(): TransactionStatus {
    return this.#session.transaction;
  }

  /** As {@link Engine.run}; the block that Redshift's errors carry as their detail becomes one line a fact. */
  async *run(sql: string, options: QueryOptions = {}): AsyncIterable<Event> {
    try {
      yield* runStatements(this.#session, sql, options);
    } catch (thrown) {
      throw tidied(thrown);
    }
  }

  async rows(
    sql: string,
    parameters?: readonly (string | null)[],
    signal?: AbortSignal,
  ): Promise<readonly (readonly (string | null)[])[]> {
    try {
      return await this.#session.rows(sql, parameters, signal);
    } catch (thrown) {
      throw tidied(thrown);
    }
  }

  async describeQuery(query: string, signal?: AbortSignal): Promise<readonly SourceColumn[]> {
    let columns: readonly SourceColumn[] = [];
    const options = signal === undefined ? {} : { signal };
    await using exchange = this.#session.begin(queryMessage(emptyQuery(query)), options);
    await exchange.finish((message) => {
      if (message.type === "T") columns = readRowDescription(message.body);
    });
    return columns;
  }

  async *copyRows(): AsyncIterable<RowBlock> {
    yield* await Promise.reject<readonly RowBlock[]>(withoutCopy());
  }

  openSnapshot(): Promise<Snapshot> {
    return Promise.reject(
      new ShellError("engine/unsupported", "Redshift does not lend its snapshots to other connections"),
    );
  }

  openDatabase(database: string): Promise<Engine> {
    return this.#options.open({ ...this.#session.settings, database });
  }

  copyIn(): Promise<bigint> {
    return Promise.reject(withoutCopy());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}

function withoutCopy(): ShellError {
  return new ShellError("engine/unsupported", "Redshift has no COPY over the connection", {
    hint: "UNLOAD to S3, COPY from S3",
  });
}
