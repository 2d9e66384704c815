// Carries out a planned restore: definitions, rows, sequences, indexes and constraints, rights, statistics. Whatever
// fails, what was made is dropped again.
import { TableTally } from "./table-tally.ts";
import type { Engine } from "../engines/engine.ts";
import { quoteQualified } from "../engines/sql.ts";
import { asShellError, ShellError } from "../errors.ts";
import type { Event, Phase } from "../events.ts";
import { RECOVER } from "../transfer/check.ts";
import { importTables, type Imported } from "../transfer/import.ts";
import type { ManifestLargeObjects, ManifestTable } from "./manifest.ts";
import { onFreshConnection } from "./fresh-connection.ts";
import { ReadyQueue } from "./restore-order.ts";
import type { RestorePlan } from "./restore-plan.ts";
import { restoreLargeObjects } from "./restore-large-objects.ts";
import { RestoreSteps } from "./restore-steps.ts";
import { runStatement, runTransaction, type UndoLog } from "./restore-transaction.ts";
import type { SegmentReader } from "./segments.ts";

export interface RestoreRun {
  readonly plan: RestorePlan<ManifestTable>;
  readonly largeObjects: ManifestLargeObjects | undefined;
  readonly reader: SegmentReader;
  /** Connections and worker threads at the most. */
  readonly jobs: number;
  readonly jobId: string;
  readonly signal: AbortSignal;
}

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
    await runTransaction(main, steps, signal);
  }
  const rows = yield* loadAndIndex(engine, pool, run, undo);
  await runTransaction(main, [{ title: "sequence values", statements: plan.sequences, undo: [] }], signal);
  yield* restoreLargeObjects(pool.all, run, undo);
  await runTransaction(main, [{ title: "grants", statements: plan.access, undo: [] }], signal);
  for (const statement of plan.refresh) await runStatement(main, statement, { title: "materialized view", signal });
  await analyze(pool, run);
  signal.throwIfAborted();
  await runTransaction(main, [{ title: "rights on what was there before", statements: plan.finish, undo: [] }]);
  return rows;
}

/** Rows, and what belongs to a table once its rows are there: a connection that has no more to load makes indexes. */
async function* loadAndIndex(
  engine: Engine,
  pool: Pool,
  run: RestoreRun,
  undo: UndoLog,
): AsyncGenerator<Event, bigint> {
  const { plan, jobId, signal } = run;
  const queue = new ReadyQueue(
    plan.postData,
    plan.loads.flatMap(({ dumpId }) => dumpId ?? []),
  );
  const total = plan.postData.length;
  const steps = new RestoreSteps({ queue, connections: pool.all, total, jobId, signal, undo });
  try {
    const rows = yield* load(engine, run, { queue, steps });
    yield phase(run, "constraints", { steps: total });
    queue.allLoaded();
    yield* steps.finish();
    return rows;
  } finally {
    await steps.settle();
  }
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

interface Meanwhile {
  readonly queue: ReadyQueue;
  readonly steps: RestoreSteps;
}

async function* load(engine: Engine, run: RestoreRun, { queue, steps }: Meanwhile): AsyncGenerator<Event, bigint> {
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
  const tally = new TableTally();
  for await (const loaded of namingFiles(importTables(engine, loads, { jobs, read, signal, keys }), reader)) {
    steps.throwFailure();
    const table = plan.loads[loaded.load]?.table;
    const [name, tableBytes] = [`${table?.schema}.${table?.name}`, BigInt(table?.bytes ?? 0)];
    if (loaded.type === "table") {
      tally.end(name, tableBytes);
      queue.loaded(plan.loads[loaded.load]?.dumpId ?? -1);
      // The only session of an engine is loading.
      if (engine.capabilities.parallel) steps.allow(Math.max(0, jobs - loaded.tasksLeft));
    }
    if (loaded.type !== "segment") continue;
    files += 1;
    rows += BigInt(loaded.rows);
    bytes += BigInt(loaded.bytes);
    tally.add(name, loaded, tableBytes);
    yield {
      type: "progress",
      jobId: run.jobId,
      verb: "RESTORE",
      phase: "load",
      done: { files, rows, bytes },
      total: { bytes: bytesTotal },
      active: tally.active,
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

/** Statistics of what was loaded, the largest tables first. */
async function analyze(pool: Pool, { plan, signal }: RestoreRun): Promise<void> {
  const waiting = plan.loads.map(({ table }) => table).toSorted((a, b) => Number(b.bytes) - Number(a.bytes));
  const work = async (connection: Engine): Promise<void> => {
    for (let table = waiting.shift(); table !== undefined; table = waiting.shift()) {
      signal.throwIfAborted();
      const name = quoteQualified(table.schema, table.name);
      await runStatement(connection, `ANALYZE ${name}`, { title: `${table.schema}.${table.name}`, signal });
    }
  };
  const done = await Promise.allSettled(pool.all.map(work));
  for (const outcome of done) if (outcome.status === "rejected") throw outcome.reason;
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
