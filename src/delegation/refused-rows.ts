// The rows that a cluster's COPY refused, from its logs, in the shape that our own COPY keeps them.
import type { Engine } from "../engines/engine.ts";
import { quoteLiteral } from "../engines/sql.ts";
import { asShellError } from "../errors.ts";
import type { Row } from "../events.ts";
import type { LoadError } from "../loads/load-errors.ts";
import { NO_ID, type ServerJob } from "./server-log.ts";

/** As many as our own COPY keeps. */
const KEPT = 1000;

interface ErrorLog {
  readonly table: string;
  readonly columns: string;
  readonly id: string;
  readonly session: string;
  readonly start: string;
}

/** Both give the same columns in the same order; SYS keeps no text of the row. */
const LOGS: readonly ErrorLog[] = [
  {
    table: "stl_load_errors",
    columns:
      "starttime, filename, line_number, colname, type, col_length, position, raw_line, raw_field_value, err_code, err_reason",
    id: "query",
    session: "session",
    start: "starttime",
  },
  {
    table: "sys_load_error_detail",
    columns:
      "start_time, file_name, line_number, column_name, column_type, column_length, position, '', '', error_code, error_message",
    id: "query_id",
    session: "session_id",
    start: "start_time",
  },
];

export interface RefusedRows {
  readonly rows: readonly LoadError[];
  /** Why no log could be read. */
  readonly unread?: string;
  /** The log that could be read and had none. */
  readonly empty?: EmptyLog;
}

export interface EmptyLog {
  readonly table: string;
  /** The question as a person can ask it later. */
  readonly question: string;
}

export interface RefusedQuestion {
  readonly job: ServerJob;
  /** Without it the session's errors since the statement began are meant. */
  readonly queryId: string | undefined;
  /** The table's name for the answer: the logs have its number. */
  readonly table: string;
}

/** From the first log that can be read and has some. */
export async function readRefusedRows(engine: Engine, question: RefusedQuestion): Promise<RefusedRows> {
  let unread: string | undefined;
  let empty: EmptyLog | undefined;
  for (const log of LOGS) {
    const asked = questionTo(log, question);
    if (asked === undefined) break;
    try {
      const sql = `SELECT ${log.columns} FROM ${log.table} WHERE ${asked.condition} ORDER BY 2, 3 LIMIT ${KEPT}`;
      const rows = await engine.rows(sql, asked.parameters);
      if (rows.length > 0) return { rows: rows.map((row) => loadErrorOf(row, question.table)) };
      empty ??= { table: log.table, question: printQuestion(log, asked) };
    } catch (thrown) {
      unread = `${log.table}: ${asShellError(thrown).message}`;
    }
  }
  if (empty !== undefined) return { rows: [], empty };
  return unread === undefined ? { rows: [] } : { rows: [], unread };
}

interface Asked {
  readonly condition: string;
  readonly parameters: readonly string[];
}

function questionTo(log: ErrorLog, { job, queryId }: RefusedQuestion): Asked | undefined {
  if (queryId !== undefined) return { condition: `${log.id} = $1`, parameters: [queryId] };
  if (job.processId === undefined || job.since === undefined) return undefined;
  return {
    // The clock has seconds: the id of the query before keeps its rows out.
    condition: `${log.session} = $1 AND ${log.start} >= $2 AND ${log.id} > $3`,
    parameters: [job.processId, job.since, job.lastId ?? NO_ID],
  };
}

function printQuestion({ table, start }: ErrorLog, { condition, parameters }: Asked): string {
  const printed = condition.replace(/\$(\d)/g, (_, number: string) => {
    const value = parameters[Number(number) - 1] ?? "";
    return /^-?\d+$/.test(value) ? value : quoteLiteral(value);
  });
  return `SELECT * FROM ${table} WHERE ${printed} ORDER BY ${start}`;
}

/** CHAR columns come with blanks behind their values. */
function loadErrorOf(row: Row, table: string): LoadError {
  const [start = "", file = "", line = "", column = "", type = "", length = "", ...rest] = row.map((value) =>
    (value ?? "").trimEnd(),
  );
  const [position = "", rawLine = "", rawValue = "", code = "", reason = ""] = rest;
  return {
    table,
    startedAt: new Date(`${start.replace(" ", "T")}Z`),
    file,
    line: Number(line),
    column,
    type: length === "" || length === "0" ? type : `${type}(${length})`,
    position: Number(position),
    rawLine,
    rawValue,
    code: Number(code),
    reason,
  };
}
