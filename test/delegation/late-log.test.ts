// The log of refused rows comes some time after the failure that names it.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parse } from "../../grammar/index.ts";
import { copyOnServer } from "../../src/delegation/copy.ts";
import type { LogClock } from "../../src/delegation/late-log.ts";
import { openServer } from "../../src/engines/server.ts";
import { asShellError, type ShellError } from "../../src/errors.ts";
import type { Event } from "../../src/events.ts";
import type { LastLoadErrors } from "../../src/loads/load-errors.ts";
import { Reading } from "../../src/plan/reading.ts";
import { planCopy } from "../../src/statements/copy.ts";
import { Secret } from "../../src/std/secret.ts";
import type { RefusedLine } from "../harness/redshift-answers.ts";
import { redshiftStage } from "../harness/redshift-stage.ts";

const stage = redshiftStage();
const COPY = "COPY t FROM 's3://bucket/in/' IAM_ROLE DEFAULT";
const LOAD_FAILED = "Load into table 't' failed.  Check 'stl_load_errors' system table for details.";
const REFUSED: RefusedLine = {
  file: "s3://bucket/in/x",
  line: 3,
  column: "id",
  type: "int4",
  rawLine: "a|b",
  rawValue: "a",
  code: 1207,
  reason: "Invalid digit",
};

/** A clock that only pauses move. */
class Pauses implements LogClock {
  readonly pauses: number[] = [];
  readonly #onPause: () => void;

  constructor(onPause: () => void = () => undefined) {
    this.#onPause = onPause;
  }

  now(): number {
    return this.pauses.reduce((sum, ms) => sum + ms, 0);
  }

  async pause(ms: number): Promise<void> {
    this.pauses.push(ms);
    this.#onPause();
    return Promise.resolve();
  }
}

interface Told {
  readonly error: ShellError | undefined;
  readonly events: readonly Event[];
  readonly loadErrors: LastLoadErrors;
}

async function copied(sql: string, logClock: LogClock, abort = new AbortController(), begin?: string): Promise<Told> {
  const [statement] = parse(sql).statements;
  assert.ok(statement?.kind === "copy");
  const reading = new Reading(() => new Secret(""));
  const loadErrors: LastLoadErrors = { kept: [] };
  const context = { signal: abort.signal, loadErrors, logClock };
  const events: Event[] = [];
  await using engine = await openServer(stage.cluster.settings);
  if (begin !== undefined) for await (const _ of engine.run(begin)) continue;
  try {
    const delegation = { statement, source: sql, reading, execution: "auto" } as const;
    for await (const event of copyOnServer(planCopy(statement, reading), engine, delegation, context)) {
      events.push(event);
    }
  } catch (thrown) {
    return { error: asShellError(thrown), events, loadErrors };
  }
  return { error: undefined, events, loadErrors };
}

const failing = (): void => {
  stage.cluster.answer = () => ({ refused: [REFUSED], error: { message: LOAD_FAILED } });
};

suite("a log that is late", () => {
  for (const begin of [undefined, "BEGIN"]) {
    test(`is asked again until it has the rows${begin === undefined ? "" : ", in a transaction too"}`, async () => {
      failing();
      stage.cluster.lateQuestions = 6;
      const clock = new Pauses();
      const { error, loadErrors } = await copied(COPY, clock, undefined, begin);
      assert.match(error?.detail.join() ?? "", /s3:\/\/bucket\/in\/x, line 3/);
      assert.equal(loadErrors.kept.length, 1);
      assert.deepEqual(clock.pauses, [250, 500, 1000]);
    });
  }

  test("is given up after ten seconds, and asked for later", async () => {
    failing();
    stage.cluster.lateQuestions = 1000;
    const clock = new Pauses();
    const { error, loadErrors } = await copied(COPY, clock);
    assert.equal(error?.message, LOAD_FAILED);
    assert.deepEqual(error.detail, ["stl_load_errors had none of the refused rows within 10 s"]);
    assert.match(error.hint ?? "", /^ask later: SELECT \* FROM stl_load_errors WHERE query = \d+ ORDER BY starttime$/);
    assert.deepEqual(loadErrors.kept, []);
    const waited = clock.now();
    assert.ok(waited > 8000 && waited <= 10_000, String(waited));
  });

  test("is asked for by its own name on a serverless workgroup", async () => {
    failing();
    Object.assign(stage.cluster, { lateQuestions: 1000, serverless: true });
    const { error } = await copied(COPY, new Pauses());
    assert.match(error?.detail.join() ?? "", /^sys_load_error_detail had none/);
    assert.match(error?.hint ?? "", /FROM sys_load_error_detail WHERE query_id = \d+/);
  });

  test("is not waited for after Ctrl-C", async () => {
    failing();
    stage.cluster.lateQuestions = 1000;
    const abort = new AbortController();
    const clock = new Pauses(() => abort.abort());
    const { error } = await copied(COPY, clock, abort);
    assert.deepEqual(clock.pauses, [250]);
    assert.equal(error?.message, LOAD_FAILED);
    assert.deepEqual(error.detail, ["stl_load_errors had none of the refused rows when the wait was interrupted"]);
  });

  test("is not waited for when no row was refused, or none began to be read", async () => {
    stage.cluster.answer = () => ({ error: { message: "S3ServiceException:Access Denied,Status 403" } });
    const clock = new Pauses();
    await copied(COPY, clock);
    stage.cluster.answer = () => ({ neverBegan: true, error: { message: LOAD_FAILED } });
    await copied(COPY, clock);
    assert.deepEqual(clock.pauses, []);
  });

  test("tells of rows that were left out as well", async () => {
    const notices = [
      "Load into table 't' completed, 8 record(s) loaded successfully.",
      "Load into table 't' completed, 1 record(s) could not be loaded.  Check 'stl_load_errors' system table for details.",
    ];
    stage.cluster.answer = () => ({ refused: [REFUSED], notices });
    stage.cluster.lateQuestions = 2;
    const late = await copied(`${COPY} MAXERROR 5`, new Pauses());
    assert.equal(late.loadErrors.kept.length, 1);
    stage.cluster.lateQuestions = 1000;
    const never = await copied(`${COPY} MAXERROR 5`, new Pauses());
    assert.equal(never.error, undefined);
    const [notice] = never.events.filter((event) => event.type === "notice" && event.severity === "NOTICE");
    assert.ok(notice?.type === "notice");
    assert.equal(notice.message, "stl_load_errors had none of the refused rows within 10 s");
    assert.match(notice.hint ?? "", /^ask later: SELECT \* FROM stl_load_errors WHERE query = \d+/);
    assert.ok(never.events.some((event) => event.type === "finished" && event.tag === "COPY 8"));
  });
});
