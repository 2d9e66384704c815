// UNLOAD's query runs in the user's own session: it sees what a SELECT there would see, temporary tables and the open
// transaction's changes among it. Settings that change how values are printed hold for its length only.
import type { Engine } from "../engines/engine.ts";
import { aboutQuery, quoteIdentifier } from "../engines/sql.ts";
import { asShellError, ShellError } from "../errors.ts";
import type { RowBlock } from "../formats/rows.ts";
import type { SourceColumn } from "../formats/source-column.ts";
import { BEGIN_READING, execute, SETTINGS } from "./query-session.ts";
import { TableScan } from "./table-scan.ts";

const SAVEPOINT = "sealift_unload";

export class UnloadQuery implements AsyncDisposable {
  /** Of the query. */
  readonly columns: readonly SourceColumn[];
  readonly #engine: Engine;
  readonly #query: string;
  readonly #isNested: boolean;

  private constructor(engine: Engine, query: string, columns: readonly SourceColumn[], isNested: boolean) {
    this.#engine = engine;
    this.#query = query;
    this.columns = columns;
    this.#isNested = isNested;
  }

  /** Begins a transaction that reads one instant, or, in an open one, a part of it. @throws ShellError `engine/*` */
  static async open(engine: Engine, query: string, signal: AbortSignal): Promise<UnloadQuery> {
    const isNested = engine.transaction !== "idle";
    // A transaction that failed refuses the savepoint itself.
    await execute(engine, isNested ? `SAVEPOINT ${SAVEPOINT}` : BEGIN_READING);
    try {
      await execute(engine, SETTINGS);
      return new UnloadQuery(engine, query, await engine.describeQuery(query, signal), isNested);
    } catch (thrown) {
      await end(engine, isNested);
      throw thrown;
    }
  }

  /** Several connections for rows in any order, where the query is one large table; not in the user's own transaction, of
   *  which others see nothing. */
  async openTableScan(jobs: number): Promise<TableScan | undefined> {
    return this.#isNested ? undefined : TableScan.open(this.#engine, this.#query, jobs);
  }

  /** The rows in COPY's text form, in the query's order. What fails has its span in the query. */
  rows(signal: AbortSignal): AsyncIterable<RowBlock> {
    return this.#copy(copyOf(this.#query), signal);
  }

  /** The same with these columns, by their places, followed by others that name a folder; sorted by those. */
  partitionedRows(shown: readonly number[], keys: readonly number[], signal: AbortSignal): AsyncIterable<RowBlock> {
    // Names of our own, as a query may give one name twice; numbered, as sorting would not keep its order.
    const names = this.columns.map((_, index) => quoteIdentifier(`c${index}`));
    const list = [...shown, ...keys].map((index) => names[index]).join(", ");
    const order = [...keys.map((index) => names[index]), "place"].join(", ");
    const numbered = `SELECT given.*, row_number() OVER () AS place FROM (${this.#query}\n) AS given (${names.join(", ")})`;
    return this.#copy(copyOf(`SELECT ${list} FROM (${numbered}) AS numbered ORDER BY ${order}`), signal);
  }

  async *#copy(sql: string, signal: AbortSignal): AsyncGenerator<RowBlock> {
    try {
      yield* this.#engine.copyRows(sql, signal);
    } catch (thrown) {
      throw aboutQuery(asShellError(thrown), this.#query, sql.slice(0, sql.indexOf(this.#query)));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#engine, this.#isNested);
  }
}

/** The query may end in a comment. */
function copyOf(query: string): string {
  return `COPY (${query}\n) TO STDOUT`;
}

/** Undoes the settings with the rest: a lost connection has undone them already. */
async function end(engine: Engine, isNested: boolean): Promise<void> {
  if (engine.transaction === "idle") return;
  try {
    await execute(engine, isNested ? `ROLLBACK TO SAVEPOINT ${SAVEPOINT}; RELEASE SAVEPOINT ${SAVEPOINT}` : "ROLLBACK");
  } catch (thrown) {
    if (!(thrown instanceof ShellError) || thrown.code !== "engine/lost") throw thrown;
  }
}
