// COPY as the cluster carries it out.
import type { CopyStatement } from "../../grammar/index.ts";
import type { Engine } from "../engines/engine.ts";
import { queryIdOf } from "../engines/redshift/errors.ts";
import { asShellError, type ShellError } from "../errors.ts";
import type { Events } from "../events.ts";
import { describeLoadError, type LoadError } from "../loads/load-errors.ts";
import type { CopyPlan } from "../plan/copy-plan.ts";
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
      const { rows } = await this.#refusedRows(job, undefined);
      this.#context.loadErrors.kept = rows;
      if (rows.length > 0)
        yield { type: "notice", severity: "NOTICE", message: `\\errors lists ${rows.length} of them` };
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
    const { rows, unread } = await this.#refusedRows(job, queryId);
    this.#context.loadErrors.kept = rows;
    if (rows.length > 0) {
      const detail = [...error.detail, ...shown(rows)];
      return failed.with({ detail, hint: error.hint ?? "\\errors lists the rows that were refused" });
    }
    if (unread === undefined) return failed;
    return failed.with({ detail: [...error.detail, `the refused rows could not be read: ${unread}`] });
  }

  /** Beside the session where a transaction is open: it may have failed, and must not fail by our question. */
  async #refusedRows(job: ServerJob, stated: string | undefined): Promise<RefusedRows> {
    const table = this.#plan.table.at(-1) ?? "";
    const engine = this.#engine;
    if (engine.transaction !== "idle") {
      const ask = async (beside: Engine): Promise<RefusedRows> =>
        readRefusedRows(beside, { job, queryId: stated, table });
      return (await askBeside(engine, ask, ASKING_MS)) ?? { rows: [], unread: "no second connection" };
    }
    const queryId = stated ?? (await job.queryId(engine));
    return readRefusedRows(engine, { job, queryId, table });
  }
}

function countIn(messages: readonly string[], pattern: RegExp): string | undefined {
  return messages.map((message) => pattern.exec(message)?.[1]).find((count) => count !== undefined);
}

function shown(rows: readonly LoadError[]): readonly string[] {
  const more = rows.length > SHOWN ? [`… ${rows.length - SHOWN} more`] : [];
  return [...rows.slice(0, SHOWN).map(describeLoadError), ...more];
}
