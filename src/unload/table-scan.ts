// PARALLEL ON of a whole table: blocks of its heap are read over several connections that share one snapshot. Whatever
// could make another connection see something else than the session does is left to the one stream of `UnloadQuery`
// (docs/decisions/0006-parallel-unload.md).
import type { Engine } from "../engines/engine.ts";
import { lockForReading, quoteIdentifier, quoteLiteral, quoteTable } from "../engines/sql.ts";
import type { RowBlock } from "../formats/rows.ts";
import { plainScanOf, type PlainScan } from "./plain-scan.ts";
import { BEGIN_READING, execute, SETTING_NAMES, SETTINGS } from "./query-session.ts";

/** 8 MiB of heap: small enough that no connection ends long before the others. */
const RANGE_BLOCKS = 1024;
/** Smaller tables are read before other connections would be there. */
const BLOCKS_MIN = 4 * RANGE_BLOCKS;
/** First version that reads a range of ctid without a scan of the whole table. */
const BLOCK_RANGES_SINCE = 140_000;

interface PlainTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly blocks: number;
}

// Row security and inheritance make more of a query than its table. Other connections log in as the session did, and know
// nothing of the roles and settings it has taken on since, nor of its temporary tables.
const TABLE = `
SELECT n.nspname, c.relname, (pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int)::text,
  (SELECT pg_catalog.json_agg(a.attname ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_am m ON m.oid = c.relam
WHERE c.oid = pg_catalog.to_regclass($1) AND c.relkind = 'r' AND c.relpersistence <> 't' AND m.amname = 'heap'
  AND NOT c.relrowsecurity AND NOT c.relhassubclass
  AND current_user = (SELECT s.usename FROM pg_catalog.pg_stat_activity s WHERE s.pid = pg_catalog.pg_backend_pid())
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_settings s
                  WHERE s.source = 'session' AND s.name <> ALL ($3::text[]) AND s.name NOT LIKE 'transaction\\_%')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_get_keywords() k
                  WHERE k.catcode IN ('R', 'T') AND k.word = ANY ($2::text[]))`;

/** A table as several connections read it. Disposing closes them. */
export class TableScan implements AsyncDisposable {
  readonly #table: PlainTable;
  readonly #readers: readonly Engine[];
  readonly #others: readonly Engine[];
  #nextBlock = 0;
  #blocksRead = 0;

  private constructor(table: PlainTable, session: Engine, others: readonly Engine[]) {
    this.#table = table;
    this.#readers = [session, ...others];
    this.#others = others;
  }

  /**
   * In the session's transaction, which has begun for this query alone. `undefined` when the query is more than a large
   * table, or no other connection is to be had.
   */
  static async open(session: Engine, query: string, jobs: number): Promise<TableScan | undefined> {
    const { capabilities, description } = session;
    if (jobs < 2 || !capabilities.parallel || description.versionNumber < BLOCK_RANGES_SINCE) return undefined;
    const scan = plainScanOf(query);
    const table = scan === undefined ? undefined : await findTable(session, scan);
    if (table === undefined || table.blocks < BLOCKS_MIN) return undefined;
    const [row] = await session.rows("SELECT pg_catalog.pg_export_snapshot()");
    const snapshot = row?.[0] ?? "";
    const opened = await Promise.allSettled(Array.from({ length: jobs - 1 }, () => join(session, snapshot, table)));
    const others = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    return others.length === 0 ? undefined : new TableScan(table, session, others);
  }

  /** All rows in COPY's text form, in no order. Every block is valid until the next pull. */
  async *rows(signal: AbortSignal): AsyncGenerator<RowBlock> {
    const streams = this.#readers.map((reader) => this.#rangesOf(reader, signal));
    const next = async (at: number): Promise<Pulled> => ({ at, result: await streams[at]?.next() });
    const pending = new Map(streams.map((_, at) => [at, next(at)]));
    for (const pulled of pending.values()) pulled.catch(() => undefined);
    try {
      while (pending.size > 0) {
        const { at, result } = await Promise.race(pending.values());
        if (result === undefined || result.done === true) {
          pending.delete(at);
          continue;
        }
        yield result.value;
        const again = next(at);
        again.catch(() => undefined);
        pending.set(at, again);
      }
    } finally {
      await Promise.allSettled(streams.map((stream) => stream.return(undefined)));
    }
  }

  /** 0 to 1 of the table. */
  get share(): number {
    return Math.min(1, this.#blocksRead / this.#table.blocks);
  }

  /** Whoever is done with a range takes the next one. */
  async *#rangesOf(reader: Engine, signal: AbortSignal): AsyncGenerator<RowBlock> {
    const { blocks, columns } = this.#table;
    const list = columns.map(quoteIdentifier).join(", ");
    while (this.#nextBlock < blocks) {
      const from = this.#nextBlock;
      this.#nextBlock += RANGE_BLOCKS;
      // The last one goes to the end, wherever that is.
      const until = this.#nextBlock < blocks ? ` AND ctid < '(${this.#nextBlock},0)'` : "";
      const where = `ctid >= '(${from},0)'${until}`;
      yield* reader.copyRows(
        `COPY (SELECT ${list} FROM ONLY ${quoteTable(this.#table)} WHERE ${where}) TO STDOUT`,
        signal,
      );
      this.#blocksRead += RANGE_BLOCKS;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#others.map((other) => other[Symbol.asyncDispose]()));
  }
}

interface Pulled {
  readonly at: number;
  readonly result: IteratorResult<RowBlock, unknown> | undefined;
}

async function findTable(session: Engine, scan: PlainScan): Promise<PlainTable | undefined> {
  const path = scan.table.map(quoteIdentifier).join(".");
  const bare = `{${scan.bareNames.map((name) => JSON.stringify(name)).join(",")}}`;
  const [row] = await session.rows(TABLE, [path, bare, `{${SETTING_NAMES.join(",")}}`]);
  if (row === undefined) return undefined;
  const [schema, name, blocks, attributes] = row;
  const all = JSON.parse(attributes ?? "[]") as readonly string[];
  const columns = scan.columns ?? all;
  // A name that is no column may be the row itself, or one of the system's.
  if (columns.length === 0 || columns.some((column) => !all.includes(column))) return undefined;
  return { schema: schema ?? "", name: name ?? "", columns, blocks: Number(blocks) };
}

async function join(session: Engine, snapshot: string, table: PlainTable): Promise<Engine> {
  const other = await session.openDatabase(session.description.database);
  try {
    await execute(other, BEGIN_READING);
    await execute(other, `SET TRANSACTION SNAPSHOT ${quoteLiteral(snapshot)}; ${SETTINGS}`);
    // Who waits to change the table waits for the session, and this one would wait behind: for ever.
    await execute(other, `${lockForReading([table])} NOWAIT`);
    return other;
  } catch (thrown) {
    await other[Symbol.asyncDispose]();
    throw thrown;
  }
}
