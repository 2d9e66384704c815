import type { Engine } from "../engines/engine.ts";
import { asShellError, type ShellError } from "../errors.ts";
import type { Event } from "../events.ts";
import type { ParallelStep, ReadyQueue } from "./restore-order.ts";
import { runTransaction, type UndoLog } from "./restore-transaction.ts";

export interface StepsRun {
  readonly queue: ReadyQueue;
  readonly connections: readonly Engine[];
  /** How many steps there are, for progress. */
  readonly total: number;
  readonly jobId: string;
  readonly signal: AbortSignal;
  /** Takes what undoes a step before the step begins. */
  readonly undo: UndoLog;
}

/**
 * Indexes, constraints, triggers: each as soon as what it needs is there, on as many connections as are allowed to it.
 * After the first failure none begins.
 */
export class RestoreSteps {
  readonly #run: StepsRun;
  readonly #idle: Engine[];
  readonly #running = new Set<Promise<void>>();
  readonly #told: Event[] = [];
  #allowed = 0;
  #done = 0;
  #failure: ShellError | undefined;

  constructor(run: StepsRun) {
    this.#run = run;
    this.#idle = [...run.connections];
  }

  /** From here on `connections` steps may run at a time. */
  allow(connections: number): void {
    this.#allowed = connections;
    this.#fill();
  }

  /** @throws ShellError the first failure, when there was one */
  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Runs what is left on all connections, and tells what has been done since the beginning. @throws ShellError the first failure, once no step runs any more */
  async *finish(): AsyncGenerator<Event> {
    this.allow(this.#run.connections.length);
    while (this.#running.size > 0) {
      await Promise.race(this.#running);
      yield* this.#told.splice(0);
    }
    yield* this.#told.splice(0);
    this.throwFailure();
    this.#run.signal.throwIfAborted();
  }

  /** Begins nothing more and waits for what runs. */
  async settle(): Promise<void> {
    this.#allowed = 0;
    await Promise.all(this.#running);
  }

  #fill(): void {
    const { queue, signal, undo } = this.#run;
    while (this.#failure === undefined && !signal.aborted && this.#running.size < this.#allowed) {
      const [connection] = this.#idle;
      const step = connection === undefined ? undefined : queue.next();
      if (connection === undefined || step === undefined) return;
      this.#idle.shift();
      undo.push(step.undo);
      const work = this.#carryOut(connection, step).finally(() => {
        this.#running.delete(work);
        this.#idle.push(connection);
        this.#fill();
      });
      this.#running.add(work);
    }
  }

  async #carryOut(connection: Engine, step: ParallelStep): Promise<void> {
    const { queue, jobId, total, signal } = this.#run;
    try {
      await runTransaction(connection, [step], signal);
    } catch (thrown) {
      this.#failure ??= asShellError(thrown);
      return;
    } finally {
      queue.done(step);
    }
    this.#done += 1;
    this.#told.push({
      type: "progress",
      jobId,
      verb: "RESTORE",
      phase: "constraints",
      done: { steps: this.#done },
      total: { steps: total },
      active: [{ kind: "step", name: step.title, done: {} }],
    });
  }
}
