// Carries out a planned restore: definitions, rows, sequences, indexes and constraints, rights, statistics. Whatever
// fails, what was made is dropped again.
import type { Engine } from "../engines/engine.ts";
import { quoteQualified } from "../engines/sql.ts";
import { asShellError, ShellError } from "../errors.ts";
import type { Event, Phase } from "../events.ts";
import { importTables, type Imported } from "../transfer/import.ts";
import type { ManifestTable } from "./manifest.ts";
import { onFreshConnection } from "./fresh-connection.ts";
import { ReadyQueue, type ParallelStep, type RestoreStep } from "./restore-order.ts";
import type { RestorePlan } from "./restore-plan.ts";
import { RECOVER, type SegmentReader } from "./segments.ts";

export interface RestoreRun {
  readonly plan: RestorePlan<ManifestTable>;
  readonly reader: SegmentReader;
  /** Connections and worker threads at the most. */
  readonly jobs: number;
  readonly jobId: string;
  readonly signal: AbortSignal;
}

/** What takes each step back, oldest first. */
export type UndoLog = (readonly string[])[];

/** Definitions are made some hundred to a transaction: each one holds a lock until the end of its own. */
const STEPS_PER_TRANSACTION = 200;

/**
 * Restores into the engine's database. Returns how many rows were loaded.
 * @param undo takes the statements that take back what was made, step by step, as it is made.
 * @throws ShellError the first failure. What was made until then is still there: see `takeBack`.
 */
export async function* runRestore(engine: Engine, run: RestoreRun, undo: UndoLog): AsyncGenerator<Event, bigint> {
  const { plan, signal } = run;
  await using pool = await Pool.open(engine, run);
  const main = pool.first;
  yield phase(run, "schema", { objects: plan.preData.length });
  for (let at = 0; at < plan.preData.length; at += STEPS_PER_TRANSACTION) {
    signal.throwIfAborted();
    const steps = plan.preData.slice(at, at + STEPS_PER_TRANSACTION);
    undo.push(...steps.map((step) => step.undo));
    await runTransaction(main, steps);
  }
  const rows = yield* load(main, run);
  await runTransaction(main, [{ title: "sequence values", statements: plan.sequences, undo: [] }]);
  yield phase(run, "constraints", { steps: plan.postData.length });
  yield* runParallel(pool, run, undo);
  await runTransaction(main, [{ title: "grants", statements: plan.access, undo: [] }]);
  for (const statement of plan.refresh) await runStatement(main, statement, "materialized view");
  await analyze(pool, run);
  signal.throwIfAborted();
  await runTransaction(main, [{ title: "rights on what was there before", statements: plan.finish, undo: [] }]);
  return rows;
}

function phase(run: RestoreRun, name: Phase, facts: Readonly<Record<string, string | number>>): Event {
  return { type: "phase", jobId: run.jobId, verb: "RESTORE", phase: name, facts };
}

/** Connections to the target. An engine with one session is its own only connection and stays open. */
class Pool implements AsyncDisposable {
  readonly all: readonly Engine[];
  readonly #owned: boolean;
  /** name and value of what the user had set in the one session that is not ours to close. */
  #userSettings: readonly (readonly (string | null)[])[] = [];

  private constructor(all: readonly Engine[], owned: boolean) {
    this.all = all;
    this.#owned = owned;
  }

  static async open(engine: Engine, run: RestoreRun): Promise<Pool> {
    const all: Engine[] = [];
    const owned = engine.capabilities.parallel;
    const pool = new Pool(all, owned);
    try {
      const count = owned ? Math.max(1, run.jobs) : 1;
      for (let index = 0; index < count; index += 1) {
        all.push(owned ? await engine.openDatabase(engine.description.database) : engine);
      }
      if (!owned) {
        pool.#userSettings = await engine.rows(
          "SELECT name, setting FROM pg_catalog.pg_settings WHERE source = 'session'",
        );
      }
      for (const connection of all) {
        for (const setting of run.plan.session) await connection.rows(setting);
      }
      return pool;
    } catch (thrown) {
      await pool[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  get first(): Engine {
    const [first] = this.all;
    if (first === undefined) throw new Error("a pool holds at least one connection");
    return first;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.all) {
      if (this.#owned) await connection[Symbol.asyncDispose]();
      else await this.#giveBack(connection);
    }
  }

  /** The session goes on after the restore: its settings are the user's again. */
  async #giveBack(connection: Engine): Promise<void> {
    await connection.rows("RESET ALL");
    for (const [name = null, value = null] of this.#userSettings) {
      await connection.rows("SELECT pg_catalog.set_config($1, $2, false)", [name, value]);
    }
  }
}

async function runTransaction(engine: Engine, steps: readonly RestoreStep[]): Promise<void> {
  if (steps.every((step) => step.statements.length === 0)) return;
  await engine.rows("BEGIN");
  try {
    for (const step of steps) {
      for (const statement of step.statements) await runStatement(engine, statement, step.title);
    }
    await engine.rows("COMMIT");
  } catch (thrown) {
    await engine.rows("ROLLBACK");
    throw thrown;
  }
}

async function runStatement(engine: Engine, statement: string, title: string): Promise<void> {
  try {
    // One entry of a dump may be several commands, which only the simple protocol takes as one text.
    for await (const _ of engine.run(statement));
  } catch (thrown) {
    const error = asShellError(thrown);
    throw error.code === "engine/failed"
      ? error.with({ detail: [`while restoring ${title}`, ...error.detail] })
      : error;
  }
}

async function* load(engine: Engine, run: RestoreRun): AsyncGenerator<Event, bigint> {
  const { plan, reader, jobs, signal } = run;
  const bytesTotal = plan.loads.reduce((sum, { table }) => sum + BigInt(table.bytes), 0n);
  yield phase(run, "load", { tables: plan.loads.length, bytes: String(bytesTotal) });
  const loads = plan.loads.map(({ table, created }) => ({
    target: {
      schema: table.schema,
      name: table.name,
      columns: table.columns,
      rowFormat: table.rowFormat,
      freeze: created,
    },
    segments: table.segments,
  }));
  const storedBytes = new Map(
    plan.loads.flatMap(({ table }) => table.segments.map((one) => [one.id, one.storedBytes])),
  );
  const read = async (id: string): Promise<Uint8Array> =>
    reader.readStored({ id, storedBytes: storedBytes.get(id) ?? 0 }, signal);
  const { keys } = reader;
  let [files, rows, bytes] = [0, 0n, 0n];
  for await (const loaded of namingFiles(importTables(engine, loads, { jobs, read, signal, keys }), reader)) {
    if (loaded.type !== "segment") continue;
    files += 1;
    rows += BigInt(loaded.rows);
    bytes += BigInt(loaded.bytes);
    const table = plan.loads[loaded.load]?.table;
    yield {
      type: "progress",
      jobId: run.jobId,
      verb: "RESTORE",
      phase: "load",
      done: { files, rows, bytes },
      total: { bytes: bytesTotal },
      active: [`${table?.schema}.${table?.name}`],
    };
  }
  return rows;
}

/** Loading knows segments; what a person can bring back is a file. */
async function* namingFiles(loaded: AsyncIterable<Imported>, reader: SegmentReader): AsyncGenerator<Imported> {
  try {
    yield* loaded;
  } catch (thrown) {
    const error = asShellError(thrown);
    if (!error.code.startsWith("integrity/")) throw error;
    const message = error.message.replace(/\bsegment ([0-9a-f]{64})/u, (_, id: string) => reader.label(id));
    throw new ShellError(error.code, message, { detail: error.detail, hint: error.hint ?? RECOVER, cause: error });
  }
}

/** Indexes, constraints, triggers: each as soon as what it needs is there, on as many connections as there are. */
async function* runParallel(pool: Pool, run: RestoreRun, undo: UndoLog): AsyncGenerator<Event, void> {
  const queue = new ReadyQueue(run.plan.postData);
  const idle = [...pool.all];
  const running = new Map<ParallelStep, Promise<{ step: ParallelStep; failure?: ShellError }>>();
  let failure: ShellError | undefined;
  let steps = 0;
  while (!queue.isDone) {
    const goesOn = failure === undefined && !run.signal.aborted;
    for (let step = next(queue, idle, goesOn); step !== undefined; step = next(queue, idle, goesOn)) {
      const connection = idle.pop() ?? pool.first;
      undo.push(step.undo);
      running.set(
        step,
        runStep(connection, step).finally(() => idle.push(connection)),
      );
    }
    if (running.size === 0) break;
    const done = await Promise.race(running.values());
    running.delete(done.step);
    queue.done(done.step);
    failure ??= done.failure;
    steps += 1;
    yield {
      type: "progress",
      jobId: run.jobId,
      verb: "RESTORE",
      phase: "constraints",
      done: { steps },
      total: { steps: run.plan.postData.length },
      active: [done.step.title],
    };
  }
  if (failure !== undefined) throw failure;
  run.signal.throwIfAborted();
}

/** Statistics of what was loaded, the largest tables first. */
async function analyze(pool: Pool, { plan, signal }: RestoreRun): Promise<void> {
  const waiting = plan.loads.map(({ table }) => table).toSorted((a, b) => Number(b.bytes) - Number(a.bytes));
  const work = async (connection: Engine): Promise<void> => {
    for (let table = waiting.shift(); table !== undefined; table = waiting.shift()) {
      signal.throwIfAborted();
      const name = quoteQualified(table.schema, table.name);
      await runStatement(connection, `ANALYZE ${name}`, `${table.schema}.${table.name}`);
    }
  };
  const done = await Promise.allSettled(pool.all.map(work));
  for (const outcome of done) if (outcome.status === "rejected") throw outcome.reason;
}

/** A step to start, when there is one, a connection for it, and no reason to stop. */
function next(queue: ReadyQueue, idle: readonly Engine[], goesOn: boolean): ParallelStep | undefined {
  return goesOn && idle.length > 0 ? queue.next() : undefined;
}

async function runStep(engine: Engine, step: ParallelStep): Promise<{ step: ParallelStep; failure?: ShellError }> {
  try {
    await runTransaction(engine, [step]);
    return { step };
  } catch (thrown) {
    return { step, failure: asShellError(thrown) };
  }
}

/**
 * Drops what was made, newest first. The statements take an effect away whether it was made or not.
 * @returns statements that failed.
 */
export async function takeBack(engine: Engine, undo: UndoLog): Promise<readonly string[]> {
  const statements = undo.toReversed().flat();
  const left: string[] = [];
  try {
    await onFreshConnection(engine, async (fresh) => {
      for (const statement of statements) {
        try {
          await fresh.rows(statement);
        } catch {
          left.push(statement);
        }
      }
    });
    return left;
  } catch {
    return statements;
  }
}
