import { ShellError } from "../../errors.ts";
import type { RowBlock } from "../../formats/rows.ts";
import type { BlockRange, CopyOutOptions, TableInfo } from "../engine.ts";
import { columnList, quoteIdentifier, quoteTable } from "../sql.ts";
import { CopyFrames } from "./copy-frames.ts";
import { throwIfAborted } from "./errors.ts";
import { queryMessage, readStrings } from "./messages.ts";
import type { PostgresSession } from "./session.ts";

/** The statement that sends one range of a table. Never reads the tables that inherit from it. */
export function copyOutStatement(table: TableInfo, options: CopyOutOptions): string {
  const { range, rowFormat } = options;
  if (table.query !== undefined) return `COPY (${table.query}) TO STDOUT (FORMAT ${rowFormat})`;
  const filters = [
    ...filtersOf(range),
    ...(table.condition === undefined ? [] : [`(${bareCondition(table.condition)})`]),
  ];
  const where = filters.length === 0 ? "" : ` WHERE ${filters.join(" AND ")}`;
  const select = `(SELECT ${table.columns.map(quoteIdentifier).join(", ")} FROM ONLY ${quoteTable(table)}${where})`;
  const source = filters.length === 0 ? `${quoteTable(table)}${columnList(table.columns)}` : select;
  return `COPY ${source} TO STDOUT (FORMAT ${rowFormat})`;
}

function filtersOf(range: BlockRange | undefined): readonly string[] {
  if (range === undefined) return [];
  const from = range.fromBlock === 0 ? [] : [`ctid >= '(${range.fromBlock},0)'`];
  return range.toBlock === undefined ? from : [...from, `ctid < '(${range.toBlock},0)'`];
}

/** pg_extension.extcondition begins with the word itself (manual, pg_extension_config_dump). */
function bareCondition(condition: string): string {
  return condition.replace(/^\s*where\b/i, "");
}

/** `Snapshot.copyOut` over one session. Leaving early stops the statement; the connection stays usable. */
export function copyOut(session: PostgresSession, table: TableInfo, options: CopyOutOptions): AsyncGenerator<RowBlock> {
  return copyStatement(session, copyOutStatement(table, options), options);
}

/** The rows of one `COPY … TO STDOUT` over one session. Leaving early stops the statement; the connection stays usable. */
export async function* copyStatement(
  session: PostgresSession,
  sql: string,
  options: Pick<CopyOutOptions, "rowFormat" | "signal">,
): AsyncGenerator<RowBlock> {
  const { signal } = options;
  throwIfAborted(signal);
  const frames = new CopyFrames(options.rowFormat);
  let sent = 0;
  await using exchange = session.begin(queryMessage(sql), signal === undefined ? { sql } : { signal, sql });
  try {
    for (;;) {
      const message = exchange.next();
      if (message?.type === "H") exchange.tap(frames);
      else if (message?.type === "c") exchange.tap(undefined);
      else if (message?.type === "C") sent = Number(/^COPY (\d+)/.exec(readStrings(message.body)[0] ?? "")?.[1]);
      else if (message !== undefined) continue;
      else if (frames.full) yield frames.take();
      else if (exchange.finished) break;
      else await exchange.more();
    }
    exchange.throwError();
    if (sent !== frames.rowsTotal) {
      throw new ShellError("integrity/rows", `the server sent ${sent} rows, but ${frames.rowsTotal} arrived`);
    }
    if (frames.rows > 0) yield frames.take();
  } finally {
    frames.discard();
  }
}
