import type { DumpToc } from "../../formats/dump-toc.ts";
import type { RowBlock } from "../../formats/rows.ts";
import type { CopyOutOptions, SequenceValue, SharedSnapshot, Snapshot, TableInfo } from "../engine.ts";
import { quoteLiteral } from "../sql.ts";
import { readSequences, readTables } from "./catalogue.ts";
import { copyOut } from "./copy-out.ts";
import { PostgresSession } from "./session.ts";
import type { PostgresSettings } from "./settings.ts";
import { versionNumberOf } from "./version.ts";

/** Reads definitions at the instant of an exported snapshot, over a connection of its own. */
export type DumpSchema = (settings: PostgresSettings, snapshotId: string, signal?: AbortSignal) => Promise<DumpToc>;

/** First version that reads a range of ctid without a scan of the whole table ("TID Range Scan"). */
const BLOCK_RANGES_SINCE = 140_000;

/**
 * Values as text read back the same everywhere, rows come in physical order, nothing times out, and row-level security
 * refuses instead of leaving rows out.
 */
const SESSION_SETTINGS = `
  SET datestyle = 'ISO, MDY'; SET intervalstyle = postgres; SET extra_float_digits = 3; SET bytea_output = hex;
  SET timezone = 'UTC'; SET xmloption = content; SET synchronize_seqscans = off; SET row_security = off;
  SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0;
  SET search_path = ''`;

const BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

interface SnapshotRecipe {
  readonly settings: PostgresSettings;
  readonly snapshotId: string;
}

async function openReader(settings: PostgresSettings): Promise<PostgresSession> {
  const session = await PostgresSession.open(settings);
  const encoding = session.parameter("server_encoding") === "SQL_ASCII" ? "SQL_ASCII" : "UTF8";
  try {
    await session.execute(`${SESSION_SETTINGS}; SET client_encoding = ${encoding}; ${BEGIN}`);
  } catch (thrown) {
    await session[Symbol.asyncDispose]();
    throw thrown;
  }
  return session;
}

/**
 * Begins the transaction that all reads of one backup share. Abort cancels what it is asked: sizes and locks of tables may
 * wait for others. @throws ShellError `engine/connect` `engine/failed`
 */
export async function openPostgresSnapshot(
  settings: PostgresSettings,
  dumpSchema: DumpSchema,
  signal?: AbortSignal,
): Promise<PostgresSnapshot> {
  const session = await openReader(settings);
  try {
    const [row] = await session.rows(
      "SELECT pg_export_snapshot(), floor(extract(epoch FROM statement_timestamp()) * 1000)",
    );
    const instant = new Date(Number(row?.[1]));
    return new PostgresSnapshot(session, { dumpSchema, snapshotId: row?.[0] ?? "", instant, signal });
  } catch (thrown) {
    await session[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** What a worker thread can do with a shared snapshot. */
export type SnapshotReader = Pick<Snapshot, "copyOut"> & AsyncDisposable;

/** Reads the same instant over another connection; the snapshot that was shared has to stay open meanwhile. */
export async function joinPostgresSnapshot(share: SharedSnapshot): Promise<SnapshotReader> {
  const { settings, snapshotId } = share.recipe as SnapshotRecipe;
  const session = await openReader(settings);
  try {
    await session.execute(`SET TRANSACTION SNAPSHOT ${quoteLiteral(snapshotId)}`);
  } catch (thrown) {
    await session[Symbol.asyncDispose]();
    throw thrown;
  }
  return {
    copyOut: (table, options) => copyOut(session, table, options),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

interface SnapshotParts {
  readonly dumpSchema: DumpSchema;
  readonly snapshotId: string;
  readonly instant: Date;
  readonly signal: AbortSignal | undefined;
}

class PostgresSnapshot implements Snapshot {
  readonly instant: Date;
  readonly share: SharedSnapshot;
  readonly blockRanges: boolean;
  readonly #session: PostgresSession;
  readonly #dumpSchema: DumpSchema;
  readonly #snapshotId: string;
  readonly #versionNumber: number;
  readonly #signal: AbortSignal | undefined;

  constructor(session: PostgresSession, { dumpSchema, snapshotId, instant, signal }: SnapshotParts) {
    this.#session = session;
    this.#signal = signal;
    this.#dumpSchema = dumpSchema;
    this.#snapshotId = snapshotId;
    this.#versionNumber = versionNumberOf(session.parameter("server_version"));
    this.instant = instant;
    this.blockRanges = this.#versionNumber >= BLOCK_RANGES_SINCE;
    const recipe: SnapshotRecipe = { settings: session.settings, snapshotId };
    this.share = { engine: "postgres", recipe };
  }

  rows(sql: string): Promise<readonly (readonly (string | null)[])[]> {
    return this.#session.rows(sql, [], this.#signal);
  }

  dumpSchema(signal?: AbortSignal): Promise<DumpToc> {
    return this.#dumpSchema(this.#session.settings, this.#snapshotId, signal);
  }

  tables(): Promise<readonly TableInfo[]> {
    return readTables((sql) => this.rows(sql), this.#versionNumber);
  }

  sequences(): Promise<readonly SequenceValue[]> {
    return readSequences((sql) => this.rows(sql));
  }

  copyOut(table: TableInfo, options: CopyOutOptions): AsyncIterable<RowBlock> {
    return copyOut(this.#session, table, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}
