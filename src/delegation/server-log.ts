// What the cluster writes down about loads and unloads. STL tables have more to say; they cannot be read everywhere
// (not on serverless workgroups), where the SYS views can.
import type { Engine } from "../engines/engine.ts";
import type { Row } from "../events.ts";

/** The statement as the cluster's logs know it. */
export class ServerJob {
  readonly verb: "UNLOAD" | "COPY";
  /** The server process of the session; absent when it could not be asked. */
  readonly processId: string | undefined;
  /** The server's clock when the statement was sent. */
  readonly since: string | undefined;
  /** The session's last query of this kind before this one. */
  readonly lastId: string | undefined;

  private constructor(verb: "UNLOAD" | "COPY", [processId, since, lastId]: Row) {
    this.verb = verb;
    this.processId = processId ?? undefined;
    this.since = since ?? undefined;
    this.lastId = lastId ?? undefined;
  }

  /** Asks what tells this statement from others; in a failed transaction nothing can be asked. */
  static async begin(engine: Engine, verb: "UNLOAD" | "COPY"): Promise<ServerJob> {
    if (engine.transaction === "failed") return new ServerJob(verb, []);
    const [row] = await rowsOrNone(engine, `SELECT pg_backend_pid(), getdate(), ${lastIdOf(verb)}`);
    return new ServerJob(verb, row ?? []);
  }

  /** The id of the query, once it has begun; `undefined` when it never did. */
  async queryId(engine: Engine): Promise<string | undefined> {
    const [row] = await rowsOrNone(engine, `SELECT ${lastIdOf(this.verb)}`);
    const id = row?.[0] ?? NO_ID;
    return id === NO_ID || id === this.lastId ? undefined : id;
  }

  /** One line about how far the statement has come, by the history that the cluster keeps. */
  async statusIn(engine: Engine): Promise<string | undefined> {
    if (this.processId === undefined || this.since === undefined) return undefined;
    const history = this.verb === "UNLOAD" ? "sys_unload_history" : "sys_load_history";
    const [row] = await engine.rows(
      `SELECT query_id, status FROM ${history} WHERE session_id = $1 AND start_time >= $2 ORDER BY start_time DESC LIMIT 1`,
      [this.processId, this.since],
    );
    return row === undefined ? undefined : `${history}: query ${row[0] ?? "?"} is ${(row[1] ?? "unknown").trim()}`;
  }
}

/** What the functions answer before the first statement of their kind. */
export const NO_ID = "-1";

function lastIdOf(verb: "UNLOAD" | "COPY"): string {
  return verb === "UNLOAD" ? "pg_last_unload_id()" : "pg_last_copy_id()";
}

/** Where it harms nothing, a question that fails has no answer. Inside a transaction a failure ends that, so it is told. */
export async function rowsOrNone(engine: Engine, sql: string): Promise<readonly Row[]> {
  return engine.transaction === "idle" ? engine.rows(sql).catch((): readonly Row[] => []) : engine.rows(sql);
}

/**
 * Asks over a connection of its own, so that the session's transaction is left alone. `undefined` when that fails or
 * takes longer than `withinMs`: what is asked here only adds to what is known.
 */
export async function askBeside<T>(
  engine: Engine,
  ask: (beside: Engine) => Promise<T>,
  withinMs: number,
): Promise<T | undefined> {
  const work = async (): Promise<T> => {
    await using beside = await engine.openDatabase(engine.description.database);
    return await ask(beside);
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), withinMs);
  });
  try {
    return await Promise.race([work().catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
