// COPY as the cluster carries it out.
import type { CopyStatement } from "../../grammar/index.ts";
import type { Engine } from "../engines/engine.ts";
import { queryIdOf } from "../engines/redshift/errors.ts";
import { asShellError, type ShellError } from "../errors.ts";
import type { Events } from "../events.ts";
import { describeLoadError, type LoadError } from "../loads/load-errors.ts";
import type { CopyPlan } from "../plan/copy-plan.ts";
import { LOG_WAIT_MS, untilThere } from "./late-log.ts";
import { warningNotices, type Delegation, type DelegationContext } from "./delegation.ts";
import { readRefusedRows, type RefusedRows } from "./refused-rows.ts";
import { refuseOnServer } from "./refusals.ts";
import { runOnServer, type ServerAnswer } from "./run-on-server.ts";
import { askBeside, rowsOrNone, ServerJob } from "./server-log.ts";
import { serverText } from "./server-text.ts";

const LOADED = /completed, (\d+) record\(s\) loaded successfully/;
const LEFT_OUT = /completed, (\d+) record\(s\) could not be loaded/;
const POINTS_TO_LOG = /stl_load_errors|sys_load_error_detail/;

/** How many refused rows a failure shows. */
const SHOWN = 5;
const ASKING_MS = 10_000;

/**
 * Sends the statement and tells what came of it; the refused rows are left in `context.loadErrors`.
 * @throws ShellError `engine/retired`, `engine/unsupported` before anything is sent; `engine/failed` with the refused
 * rows; `job/interrupted`, `engine/lost`.
 */
export async function* copyOnServer(
  plan: CopyPlan,
  engine: Engine,
  delegation: Delegation<CopyStatement>,
  context: DelegationContext,
): Events {
  refuseOnServer(delegation);
  const load = new ServerLoad(plan, engine, context);
  yield* warningNotices(plan.warnings);
  yield* load.run(delegation);
}

class ServerLoad {
  readonly #plan: CopyPlan;
  readonly #engine: Engine;
  readonly #context: DelegationContext;

  constructor(plan: CopyPlan, engine: Engine, context: DelegationContext) {
    this.#plan = plan;
    this.#engine = engine;
    this.#context = context;
  }

  async *run({ statement, source, reading }: Delegation<CopyStatement>): Events {
    const { loadErrors, signal, patienceMs } = this.#context;
    loadErrors.kept = [];
    const text = serverText(statement, source, reading);
    const job = await ServerJob.begin(this.#engine, "COPY");
    const wasOpen = this.#engine.transaction !== "idle";
    const whenStopped = `nothing was loaded${wasOpen ? ", and the transaction has failed: ROLLBACK" : ""}`;
    let answer: ServerAnswer;
    try {
      answer = yield* runOnServer(this.#engine, text, { job, signal, patienceMs, whenStopped });
    } catch (thrown) {
      throw await this.#failure(asShellError(thrown), job, whenStopped);
    }
    yield* this.#report(answer, job);
  }

  async *#report({ messages, tag, elapsedMs }: ServerAnswer, job: ServerJob): Events {
    const { job: autoLoad, load } = this.#plan;
    if (autoLoad !== undefined) return yield { type: "finished", tag, elapsedMs };
    const refused = countIn(messages, LEFT_OUT) ?? "0";
    if (refused !== "0") {
      const found = await this.#refusedRows(job, { stated: undefined, isExpected: true });
      const { rows } = found;
      this.#context.loadErrors.kept = rows;
      if (rows.length > 0)
        yield { type: "notice", severity: "NOTICE", message: `\\errors lists ${rows.length} of them` };
      else if (found.late !== undefined) yield { type: "notice", severity: "NOTICE", ...found.late };
    }
    const rows = load.dryRun ? "0" : (countIn(messages, LOADED) ?? (await this.#lastCount()));
    yield {
      type: "finished",
      tag: rows === undefined ? tag : `COPY ${rows}`,
      elapsedMs,
      summary: { ...(rows === undefined ? {} : { rows }), refused },
    };
  }

  async #lastCount(): Promise<string | undefined> {
    const [row] = await rowsOrNone(this.#engine, "SELECT pg_last_copy_count()");
    return row?.[0] ?? undefined;
  }

  async #failure(error: ShellError, job: ServerJob, whenStopped: string): Promise<ShellError> {
    if (error.code !== "engine/failed") return error;
    const queryId = queryIdOf(error);
    const failed = error.with({ note: error.note ?? whenStopped });
    if (queryId === undefined && !POINTS_TO_LOG.test(error.message)) return failed;
    const isExpected = POINTS_TO_LOG.test(error.message);
    const { rows, unread, late } = await this.#refusedRows(job, { stated: queryId, isExpected });
    this.#context.loadErrors.kept = rows;
    if (rows.length > 0) {
      const detail = [...error.detail, ...shown(rows)];
      return failed.with({ detail, hint: error.hint ?? "\\errors lists the rows that were refused" });
    }
    if (late !== undefined) return failed.with({ detail: [...error.detail, late.message], hint: late.hint });
    if (unread === undefined) return failed;
    return failed.with({ detail: [...error.detail, `the refused rows could not be read: ${unread}`] });
  }

  /** Beside the session where a transaction is open: it may have failed, and must not fail by our question. */
  async #refusedRows(job: ServerJob, { stated, isExpected }: Expected): Promise<FoundRows> {
    const table = this.#plan.table.at(-1) ?? "";
    const engine = this.#engine;
    const ask = async (of: Engine, queryId: string | undefined, isWaiting: boolean): Promise<FoundRows> => {
      const question = async (): Promise<RefusedRows> => readRefusedRows(of, { job, queryId, table });
      return isWaiting ? this.#awaited(question) : question();
    };
    if (engine.transaction !== "idle") {
      const withinMs = ASKING_MS + (isExpected ? LOG_WAIT_MS : 0);
      const found = await askBeside(engine, async (beside) => ask(beside, stated, isExpected), withinMs);
      return found ?? { rows: [], unread: "no second connection" };
    }
    const queryId = stated ?? (await job.queryId(engine));
    // A query that never began has no rows to wait for.
    return ask(engine, queryId, isExpected && queryId !== undefined);
  }

  async #awaited(question: () => Promise<RefusedRows>): Promise<FoundRows> {
    const { signal, logClock: clock } = this.#context;
    const { answer, gaveUp } = await untilThere(question, ({ empty }) => empty === undefined, { clock, signal });
    if (gaveUp === undefined || answer.empty === undefined) return answer;
    const message = `${answer.empty.table} had none of the refused rows ${gaveUp}`;
    return { ...answer, late: { message, hint: `ask later: ${answer.empty.question}` } };
  }
}

interface Expected {
  /** The query's number as the failure says it. */
  readonly stated: string | undefined;
  /** Whether the cluster said that its log has rows. */
  readonly isExpected: boolean;
}

interface FoundRows extends RefusedRows {
  /** That the log was waited for in vain. */
  readonly late?: { readonly message: string; readonly hint: string };
}

function countIn(messages: readonly string[], pattern: RegExp): string | undefined {
  return messages.map((message) => pattern.exec(message)?.[1]).find((count) => count !== undefined);
}

function shown(rows: readonly LoadError[]): readonly string[] {
  const more = rows.length > SHOWN ? [`… ${rows.length - SHOWN} more`] : [];
  return [...rows.slice(0, SHOWN).map(describeLoadError), ...more];
}
