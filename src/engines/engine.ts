import type { ByteStream } from "../std/bytes.ts";
import type { Event } from "../events.ts";
import type { RowBlock, RowFormat } from "../formats/rows.ts";
import type { DumpToc } from "../formats/dump-toc.ts";
import type { SourceColumn } from "../formats/source-column.ts";

export type EngineName = "postgres" | "redshift" | "cockroach" | "embedded";

/** What an engine can do; statements ask this, never who the engine is. */
export interface EngineCapabilities {
  /** Connections one snapshot can be read from at once, and loads that can run at once. 1 for the embedded engine. */
  readonly parallel: boolean;
  /** The server can stop a running statement. */
  readonly cancel: boolean;
  /** COPY knows FORMAT binary. */
  readonly copyBinary: boolean;
  /** Rows go over the connection by COPY: BACKUP, RESTORE and our own UNLOAD and COPY are made of that. */
  readonly copyStreams: boolean;
  /** Databases beside this one can be connected to. */
  readonly manyDatabases: boolean;
  /** Statement kinds that go to the server as they stand because it carries them out itself. */
  readonly delegates: ReadonlySet<string>;
}

export interface EngineDescription {
  readonly name: EngineName;
  /** As the server says it: "17.5". */
  readonly version: string;
  /** server_version_num: 170005. */
  readonly versionNumber: number;
  readonly database: string;
  readonly user: string;
  /** Host and port, socket or directory: safe to print. */
  readonly location: string;
  readonly superuser: boolean;
}

export interface QueryOptions {
  readonly signal?: AbortSignal;
  /** Data for a `COPY … FROM STDIN`, in the text the statement announces. */
  readonly copySource?: ByteStream;
}

export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** A table whose rows can be copied: ordinary tables and leaf partitions, extension configuration tables. */
export interface TableInfo extends TableName {
  readonly oid: number;
  /** Columns that COPY carries, in order: no generated ones, no dropped ones. */
  readonly columns: readonly string[];
  /** `binary` only when every column's type has a binary form without object ids. */
  readonly rowFormat: RowFormat;
  /** Physical size of the main fork in 8 KiB blocks (as pg_relation_size says), 0 when empty. */
  readonly blocks: number;
  /** The planner's guess, -1 when it has none. */
  readonly estimatedRows: number;
  /** Total bytes of main fork and TOAST. */
  readonly estimatedBytes: number;
  /** Rows that belong to an extension's configuration table are filtered by this condition, as pg_dump does. */
  readonly condition?: string;
  /** What is not one table's rows is read by this query, which gives `columns`; nothing is locked for it. */
  readonly query?: string;
}

export interface SequenceValue extends TableName {
  /** As text: sequences are 64 bits wide. */
  readonly lastValue: string;
  readonly isCalled: boolean;
}

/** Blocks [fromBlock, toBlock) of a table's heap; `toBlock` absent means to the end, whatever the size is then. */
export interface BlockRange {
  readonly fromBlock: number;
  readonly toBlock?: number;
}

export interface CopyOutOptions {
  readonly rowFormat: RowFormat;
  /** The whole table when absent. */
  readonly range?: BlockRange;
  readonly signal?: AbortSignal;
}

/** One instant of one database; all reads of one backup go through one. Disposing ends its transaction. */
export interface Snapshot extends AsyncDisposable {
  /** Server time of the snapshot, UTC. */
  readonly instant: Date;
  /** Everything a worker thread needs to read the same instant over a connection of its own; structured-cloneable. Absent when the engine has one session. */
  readonly share?: SharedSnapshot;
  /** A block range is read without scanning the table up to it. */
  readonly blockRanges: boolean;
  /** Runs a catalogue query inside the snapshot. */
  rows(sql: string): Promise<readonly (readonly (string | null)[])[]>;
  /** Definitions of every object, by pg_dump at this instant. */
  dumpSchema(signal?: AbortSignal): Promise<DumpToc>;
  /** Tables that hold rows, whole database, in byte order of schema and name. */
  tables(): Promise<readonly TableInfo[]>;
  sequences(): Promise<readonly SequenceValue[]>;
  /** Rows of one range. Every block is valid until the next pull. */
  copyOut(table: TableInfo, options: CopyOutOptions): AsyncIterable<RowBlock>;
}

/** Opaque to all but the engine that made it. Holds credentials: never print it. */
export interface SharedSnapshot {
  readonly engine: EngineName;
  readonly recipe: unknown;
}

/** Everything a worker thread needs to load rows over a connection of its own; structured-cloneable. */
export interface SharedConnection {
  readonly engine: EngineName;
  readonly recipe: unknown;
}

export interface CopyInTarget extends TableName {
  readonly columns: readonly string[];
  readonly rowFormat: RowFormat;
  /** Empty the table in the loading transaction and freeze the rows: only for a table this restore made and that is loaded by one connection. */
  readonly freeze: boolean;
}

/**
 * A database to work on. One session: statements run one after another. Errors of the server are `engine/failed`
 * with its SQLSTATE, detail and hint; a lost connection is `engine/lost`.
 */
export interface Engine extends AsyncDisposable {
  readonly capabilities: EngineCapabilities;
  readonly description: EngineDescription;
  /** Transaction state as the last ReadyForQuery said: idle, in a transaction, in a failed one. */
  readonly transaction: "idle" | "open" | "failed";
  /**
   * Runs SQL text as it stands, possibly several statements, and tells what the server says: columns, rows,
   * copy-data, notices, finished; a failing statement throws after the events before it. Abort cancels on the server.
   */
  run(sql: string, options?: QueryOptions): AsyncIterable<Event>;
  /**
   * A query whose result is small: all rows, as text. Parameters are sent apart from the text. Abort cancels on the
   * server, where the query may wait for a lock.
   */
  rows(
    sql: string,
    parameters?: readonly (string | null)[],
    signal?: AbortSignal,
  ): Promise<readonly (readonly (string | null)[])[]>;
  /**
   * The columns a query would give, without running it. Domains are told as the types below them. Abort cancels as in
   * {@link rows}.
   * @throws ShellError `engine/failed`, its span in the query
   */
  describeQuery(query: string, signal?: AbortSignal): Promise<readonly SourceColumn[]>;
  /**
   * Runs a `COPY … TO STDOUT` in text form in this session and gives its rows; what the server notices is left out.
   * Every block is valid until the next pull. Leaving early stops the statement.
   */
  copyRows(statement: string, signal?: AbortSignal): AsyncIterable<RowBlock>;
  /** Abort cancels what the snapshot is being asked, too. */
  openSnapshot(signal?: AbortSignal): Promise<Snapshot>;
  /** The same server, another database, a connection of its own. Throws `engine/unsupported` without `manyDatabases`. */
  openDatabase(database: string): Promise<Engine>;
  /** For worker threads; absent when the engine has one session. */
  readonly share?: SharedConnection;
  /**
   * Loads rows in one transaction of its own. Each piece holds whole rows in COPY form without signature and trailer.
   * A piece may change once the next is pulled. Returns how many rows the server took. On failure nothing of it stays.
   * Throws `statement/transaction` when a transaction is open.
   */
  copyIn(target: CopyInTarget, pieces: ByteStream, signal?: AbortSignal): Promise<bigint>;
}
