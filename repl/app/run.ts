// One input that runs: before the user, or in the background, where what it says is kept until somebody looks.
import type { Interpreter, ScriptEvent, ScriptSource } from "../../src/index.ts";
import type { Cancellation } from "../cancel.ts";
import { tell } from "../tell.ts";
import { fractionOf } from "../progress/amounts.ts";
import { follow, remainingMs, type JobProgress } from "../progress/job-progress.ts";

export interface RunParts {
  readonly shell: Interpreter;
  readonly source: ScriptSource;
  readonly cancellation: Cancellation;
  readonly now: () => number;
}

/** Statements that may go on while others are run. */
const LONG_VERBS = /^(?:BACKUP|RESTORE|UNLOAD|COPY|VERIFY)\b/;
/** Events that a run in the background keeps; rows behind them are dropped, and that is said. */
const KEPT_EVENTS_MAX = 1000;

type Sink = (event: ScriptEvent) => Promise<void>;

export class Run {
  readonly shell: Interpreter;
  readonly cancellation: Cancellation;
  readonly startedMs: number;
  readonly #parts: RunParts;
  #sink: Sink | undefined;
  #kept: ScriptEvent[] = [];
  #dropped = 0;
  #progress: JobProgress | undefined;
  #leave: (() => void) | undefined;
  #mayGoBack = false;
  /** What its job said last, for whoever looks at it next. */
  #job: ScriptEvent | undefined;
  #endedMs: number | undefined;
  /** The statement that runs now, with its secrets hidden, and its verb. */
  statement = "";
  verb = "";
  failed = false;
  /** A statement is under way: between two of them there is nothing to cancel. */
  isAtWork = false;
  /** Comes when the input is done; rejects with what made showing it impossible. */
  readonly ended: Promise<void>;

  constructor(parts: RunParts, sink: Sink) {
    this.#parts = parts;
    this.#sink = sink;
    this.shell = parts.shell;
    this.cancellation = parts.cancellation;
    this.startedMs = parts.now();
    this.ended = this.#drive();
  }

  get isEnded(): boolean {
    return this.#endedMs !== undefined;
  }

  get elapsedMs(): number {
    return (this.#endedMs ?? this.#parts.now()) - this.startedMs;
  }

  /** 0 to 1 of the phase that runs; undefined when nobody knows. */
  get fraction(): number | undefined {
    return this.#progress === undefined ? undefined : fractionOf(this.#progress.done, this.#progress.total);
  }

  get remainingMs(): number | undefined {
    return this.#progress === undefined ? undefined : remainingMs(this.#progress, this.#parts.now());
  }

  /**
   * Only a statement of ours that is known to take long, and whose transaction is its own, can be left alone: what the
   * database sends for COPY TO STDOUT has to go somewhere.
   */
  get mayGoBack(): boolean {
    return this.#mayGoBack;
  }

  /** Waits until the input is done or is sent to the background. */
  async inFront(sink: Sink): Promise<"ended" | "left"> {
    if (this.#job !== undefined && !this.isEnded) await sink(this.#job);
    this.#sink = sink;
    for (const event of this.#kept.splice(0)) await sink(event);
    const left = new Promise<"left">((resolve) => {
      this.#leave = () => resolve("left");
    });
    return Promise.race([this.ended.then(() => "ended" as const), left]);
  }

  /** From now on what it says is kept. */
  sendBack(): void {
    this.#sink = undefined;
    this.#leave?.();
  }

  /** What was said in the background. */
  takeKept(): { readonly events: readonly ScriptEvent[]; readonly dropped: number } {
    const taken = { events: this.#kept, dropped: this.#dropped };
    [this.#kept, this.#dropped] = [[], 0];
    return taken;
  }

  async #drive(): Promise<void> {
    const { shell, source, cancellation, now } = this.#parts;
    try {
      await tell(shell.run(source, cancellation.signal), async (event) => {
        this.#observe(event, now());
        if (this.#sink !== undefined) await this.#sink(event);
        else this.#keep(event);
      });
    } finally {
      this.#endedMs = now();
    }
  }

  #keep(event: ScriptEvent): void {
    if (event.type === "statement" && (event.event.type === "progress" || event.event.type === "phase")) return;
    if (this.#kept.length < KEPT_EVENTS_MAX) this.#kept.push(event);
    else this.#dropped += 1;
  }

  #observe(event: ScriptEvent, at: number): void {
    if (event.type === "failed") this.failed = true;
    if (event.type !== "statement") return;
    const one = event.event;
    if (one.type === "started") {
      [this.statement, this.verb, this.#progress, this.isAtWork] = [one.statement, one.verb, undefined, true];
      // Asked before the statement begins one of its own.
      const isOutside = this.shell.session.transaction === "idle";
      this.#mayGoBack = one.ours && LONG_VERBS.test(one.verb) && isOutside;
    }
    if (one.type === "finished" || one.type === "failed") [this.#job, this.isAtWork] = [undefined, false];
    if (one.type !== "phase" && one.type !== "progress") return;
    this.#job = event;
    this.#progress = follow(this.#progress, one, at);
  }
}

/** How a run ended, and after how long. */
export function endOf({ failed, elapsedMs }: Run): string {
  return `${failed ? "failed" : "done"} after ${Math.round(elapsedMs / 1000)}s`;
}
