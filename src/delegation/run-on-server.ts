// Sends one statement and listens: notices pass through, and what the server did when it was to stop, or when the
// connection broke, is said as far as it is known.
import type { Engine } from "../engines/engine.ts";
import { asShellError, ShellError, type ShellErrorOptions } from "../errors.ts";
import type { Event } from "../events.ts";
import { interruptible } from "../std/interruptible.ts";
import { askBeside, type ServerJob } from "./server-log.ts";
import type { ServerText } from "./server-text.ts";

const PATIENCE_MS = 10_000;
const QUERY_CANCELED = "57014";

export interface ServerAnswer {
  readonly messages: readonly string[];
  /** The command tag. */
  readonly tag: string;
  readonly elapsedMs: number;
}

export interface ServerRun {
  readonly job: ServerJob;
  readonly signal: AbortSignal;
  readonly patienceMs: number | undefined;
  /** What is left of a statement that the server stopped. */
  readonly whenStopped: string;
}

/**
 * Yields all that the server says but the tag, which it returns.
 * @throws ShellError `engine/failed` and `engine/lost` with places in the source; `job/interrupted` that says whether
 * the server stopped.
 */
export async function* runOnServer(
  engine: Engine,
  text: ServerText,
  run: ServerRun,
): AsyncGenerator<Event, ServerAnswer> {
  const messages: string[] = [];
  let [tag, elapsedMs] = ["", 0];
  using patience = new Patience(run.signal, run.patienceMs ?? PATIENCE_MS);
  try {
    for await (const event of interruptible(engine.run(text.sql, { signal: run.signal }), patience.signal)) {
      if (event.type === "notice") messages.push(event.message);
      if (event.type === "finished") [tag, elapsedMs] = [event.tag, event.elapsedMs];
      else yield event;
    }
    return { messages, tag, elapsedMs };
  } catch (thrown) {
    if (patience.signal.aborted) throw await stillRunning(engine, run);
    throw await toldTruly(asShellError(thrown), engine, run, text);
  }
}

async function toldTruly(error: ShellError, engine: Engine, run: ServerRun, text: ServerText): Promise<ShellError> {
  const { verb } = run.job;
  const placed = error.span === undefined ? error : error.with({ span: text.sourceSpan(error.span) });
  if (error.code === "engine/lost") {
    const status = await statusLine(engine, run);
    const note = `the connection is gone, and the cluster may still carry the ${verb} out`;
    return placed.with({ note, detail: [...error.detail, ...status] });
  }
  if (!run.signal.aborted) return placed;
  if (isStop(error)) {
    const options: ShellErrorOptions = { cause: error, note: `the cluster stopped the ${verb}; ${run.whenStopped}` };
    return new ShellError("job/interrupted", "interrupted", options);
  }
  return placed.with({ note: `the ${verb} had failed before it could be stopped: ${error.message}` });
}

function isStop(error: ShellError): boolean {
  return error.code === "job/interrupted" || error.sqlState === QUERY_CANCELED;
}

/** The connection is of no use while the server does not answer: the session leaves it. */
async function stillRunning(engine: Engine, run: ServerRun): Promise<ShellError> {
  const { verb, processId } = run.job;
  return new ShellError("job/interrupted", `interrupted, but the cluster has not stopped the ${verb}`, {
    detail: await statusLine(engine, run),
    note: `the ${verb} may still be running`,
    cause: new ShellError("engine/lost", "the cluster did not answer a cancel request"),
    ...(processId === undefined ? {} : { hint: `SELECT pg_terminate_backend(${processId}) ends it` }),
  });
}

async function statusLine(engine: Engine, { job }: ServerRun): Promise<readonly string[]> {
  const status = await askBeside(engine, (beside) => job.statusIn(beside), PATIENCE_MS);
  return status === undefined ? [] : [status];
}

/** A signal that follows another one some time later. */
class Patience implements Disposable {
  readonly #controller = new AbortController();
  readonly #source: AbortSignal;
  readonly #begin: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: AbortSignal, forMs: number) {
    this.#source = source;
    this.#begin = () => {
      this.#timer = setTimeout(() => this.#controller.abort(), forMs);
    };
    source.addEventListener("abort", this.#begin, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#source.removeEventListener("abort", this.#begin);
  }
}
