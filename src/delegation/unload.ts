// UNLOAD as the cluster carries it out.
import type { UnloadStatement } from "../../grammar/index.ts";
import type { Engine } from "../engines/engine.ts";
import { asShellError } from "../errors.ts";
import type { Events, Row } from "../events.ts";
import type { UnloadPlan } from "../plan/unload-plan.ts";
import { RESULT } from "../unload/run.ts";
import { warningNotices, type Delegation, type DelegationContext } from "./delegation.ts";
import { refuseOnServer } from "./refusals.ts";
import { runOnServer, type ServerAnswer } from "./run-on-server.ts";
import { askBeside, rowsOrNone, ServerJob } from "./server-log.ts";
import { serverText } from "./server-text.ts";

const UNLOADED = /UNLOAD completed, (\d+) record\(s\) unloaded successfully/;
const ASKING_MS = 10_000;

/** One row a file. */
const FILE_LOGS = [
  "SELECT count(*), sum(transfer_size) FROM stl_unload_log WHERE query = $1",
  "SELECT count(*), sum(transfer_size) FROM sys_unload_detail WHERE query_id = $1",
];

/**
 * Sends the statement and answers as our own UNLOAD does, as far as the cluster says it.
 * @throws ShellError `engine/retired`, `engine/unsupported` before anything is sent; `engine/failed`,
 * `job/interrupted`, `engine/lost`.
 */
export async function* unloadOnServer(
  plan: UnloadPlan,
  engine: Engine,
  delegation: Delegation<UnloadStatement>,
  context: DelegationContext,
): Events {
  refuseOnServer(delegation);
  const { statement, source, reading } = delegation;
  const text = serverText(statement, source, reading);
  yield* warningNotices(plan.warnings);
  const job = await ServerJob.begin(engine, "UNLOAD");
  const { signal, patienceMs } = context;
  const whenStopped = `files that it had finished, if any, are still at ${plan.target.label}`;
  let answer: ServerAnswer;
  try {
    answer = yield* runOnServer(engine, text, { job, signal, patienceMs, whenStopped });
  } catch (thrown) {
    const error = asShellError(thrown);
    throw error.code === "engine/failed" ? error.with({ note: error.note ?? whenStopped }) : error;
  }
  const rows = await rowCount(engine, answer);
  const [files, storedBytes] = await fileCounts(engine, job);
  const isListed = plan.manifest !== "none" && rows !== "0" && files !== "0";
  const manifest = isListed ? `${reading.text(statement.target)}manifest` : null;
  yield { type: "columns", columns: RESULT };
  yield { type: "rows", rows: [[rows, files, null, storedBytes, manifest]] };
  const summary = Object.entries({ rows, files, stored_bytes: storedBytes }).flatMap(([name, value]) =>
    value === null ? [] : [[name, Number(value)] as const],
  );
  yield { type: "finished", tag: "UNLOAD", elapsedMs: answer.elapsedMs, summary: Object.fromEntries(summary) };
}

async function rowCount(engine: Engine, { messages }: ServerAnswer): Promise<string | null> {
  const said = messages.map((message) => UNLOADED.exec(message)?.[1]).find((count) => count !== undefined);
  if (said !== undefined) return said;
  const [row] = await rowsOrNone(engine, "SELECT pg_last_unload_count()");
  return row?.[0] ?? null;
}

type FileCounts = readonly [files: string | null, storedBytes: string | null];

const UNKNOWN: FileCounts = [null, null];

/** How many files and bytes, by the cluster's log; unknown where that cannot be read. */
async function fileCounts(engine: Engine, job: ServerJob): Promise<FileCounts> {
  const id = await job.queryId(engine);
  if (id === undefined) return UNKNOWN;
  if (engine.transaction === "idle") return readFileCounts(engine, id);
  return (await askBeside(engine, async (beside) => readFileCounts(beside, id), ASKING_MS)) ?? UNKNOWN;
}

async function readFileCounts(engine: Engine, id: string): Promise<FileCounts> {
  for (const sql of FILE_LOGS) {
    const [row] = await engine.rows(sql, [id]).catch((): readonly Row[] => []);
    const [files = null, bytes = null] = row ?? [];
    if (files !== null && files !== "0") return [files, bytes];
  }
  return UNKNOWN;
}
