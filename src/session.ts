import type { ConnectionSettings } from "./connection/settings.ts";
import type { EngineDescription } from "./engines/engine.ts";
import type { ShellError } from "./errors.ts";
import type { Event } from "./events.ts";
import type { JobRegistry } from "./jobs/registry.ts";
import type { LastLoadErrors } from "./loads/load-errors.ts";
import type { SourceColumn } from "./formats/source-column.ts";
import type { ByteStream } from "./std/bytes.ts";

export interface ExecuteOptions {
  readonly signal?: AbortSignal;
  /** Data for a `COPY … FROM STDIN`; pulled only when the server asks for it. */
  readonly copySource?: ByteStream;
}

/** What the text of one statement is, without looking at its details. */
export interface StatementFacts {
  /** The first words: "BACKUP", "SELECT"; empty for an empty statement. */
  readonly verb: string;
  /** Carried out by this program rather than sent to the database as it stands. */
  readonly ours: boolean;
}

/** One conversation with at most one database. Offsets are into the statement text that was given. */
export interface Session extends AsyncDisposable {
  /** Where `connect` goes. */
  readonly settings: ConnectionSettings;
  /** The connected database; undefined until something needed it. */
  describe(): EngineDescription | undefined;
  /** Opens the database unless it is open. Throws `engine/connect`. */
  connect(signal?: AbortSignal): Promise<EngineDescription>;
  /** Leaves this database for another; on failure the old one stays. Throws `engine/connect`. */
  connectTo(settings: ConnectionSettings, signal?: AbortSignal): Promise<EngineDescription>;
  readonly transaction: "idle" | "open" | "failed";
  /** The rows that the last COPY from storage refused. */
  readonly loadErrors: LastLoadErrors;
  /** Jobs that go on beside the session, and those that did. */
  readonly detached: Pick<JobRegistry, "records">;
  /** Runs one statement, or the several that one text holds. A failure is the last event, `failed`; nothing is thrown. */
  execute(text: string, options?: ExecuteOptions): AsyncIterable<Event>;
  /** What would be done, as EXPLAIN shows it; a statement of the database is only named. Nothing is changed. */
  plan(text: string, signal?: AbortSignal): AsyncIterable<Event>;
  /** Every complaint that reading the text alone allows, each with its span. */
  check(text: string): Promise<readonly ShellError[]>;
  classify(text: string): StatementFacts;
  /** Waits for the detached jobs and tells how each ended; one that failed is a `failed` event. */
  settle(): AsyncIterable<Event>;
  /** The columns a query would give, without running it. Throws as `Engine.describeQuery`. */
  describeQuery(query: string): Promise<readonly SourceColumn[]>;
  /** A catalogue query with a small result. Parameters are sent apart from the text. Throws as `Engine.rows`. */
  rows(sql: string, parameters?: readonly (string | null)[]): Promise<readonly (readonly (string | null)[])[]>;
}
