import { asShellError, ShellError } from "../errors.ts";
import type { Event } from "../events.ts";

export type JobStatus = "running" | "succeeded" | "failed" | "canceled" | "cancel-requested";

export interface JobRecord {
  readonly id: string;
  /** BACKUP or RESTORE. */
  readonly type: string;
  /** The statement with its secrets hidden. */
  readonly description: string;
  readonly created: Date;
  status: JobStatus;
  finished: Date | undefined;
  fraction: number;
  error: ShellError | undefined;
}

interface Running {
  readonly record: JobRecord;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** Detached jobs of this process. Each runs on a connection of its own, beside the session. */
export class JobRegistry {
  readonly #jobs = new Map<string, Running>();
  readonly #untold: JobRecord[] = [];
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  get records(): readonly JobRecord[] {
    return [...this.#jobs.values()].map((job) => job.record);
  }

  /** Starts a job and comes back at once. Its events are dropped but for progress; its end is told by `ended` events. */
  start(
    facts: Pick<JobRecord, "id" | "type" | "description">,
    work: (signal: AbortSignal) => AsyncIterable<Event>,
  ): void {
    const record: JobRecord = {
      ...facts,
      created: this.#now(),
      status: "running",
      finished: undefined,
      fraction: 0,
      error: undefined,
    };
    const controller = new AbortController();
    const ended = this.#drive(record, work(controller.signal));
    this.#jobs.set(facts.id, { record, controller, ended });
  }

  async #drive(record: JobRecord, events: AsyncIterable<Event>): Promise<void> {
    try {
      for await (const event of events) {
        if (event.type !== "progress" || event.total?.bytes === undefined || event.total.bytes === 0n) continue;
        record.fraction = Math.min(1, Number(event.done.bytes ?? 0n) / Number(event.total.bytes));
      }
      record.status = "succeeded";
      record.fraction = 1;
    } catch (thrown) {
      record.error = asShellError(thrown);
      record.status = record.status === "cancel-requested" ? "canceled" : "failed";
    }
    record.finished = this.#now();
    this.#untold.push(record);
  }

  /** Jobs that ended since this was last asked. */
  takeEnded(): readonly JobRecord[] {
    return this.#untold.splice(0);
  }

  /** Throws `option/value` for an id that is no job of this session. */
  find(id: string): JobRecord {
    return this.#find(id).record;
  }

  /** Asks a job to stop and waits until it has. */
  async cancel(id: string): Promise<void> {
    const job = this.#find(id);
    if (job.record.status !== "running") return;
    job.record.status = "cancel-requested";
    job.controller.abort();
    await job.ended;
  }

  /** Waits for one job to end. */
  async wait(id: string): Promise<JobRecord> {
    const job = this.#find(id);
    await job.ended;
    return job.record;
  }

  async waitForAll(): Promise<void> {
    await Promise.all([...this.#jobs.values()].map((job) => job.ended));
  }

  #find(id: string): Running {
    const job = this.#jobs.get(id);
    if (job !== undefined) return job;
    throw new ShellError("option/value", `job with ID ${id} does not exist`, {
      hint: "SHOW JOBS lists this session's",
    });
  }
}
