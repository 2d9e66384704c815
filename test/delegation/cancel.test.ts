import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parse } from "../../grammar/index.ts";
import { copyOnServer } from "../../src/delegation/copy.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { openServer } from "../../src/engines/server.ts";
import { asShellError, type ShellError } from "../../src/errors.ts";
import { Reading } from "../../src/plan/reading.ts";
import { planCopy } from "../../src/statements/copy.ts";
import { Secret } from "../../src/std/secret.ts";
import type { TestSession } from "../harness/backup-world.ts";
import { redshiftStage } from "../harness/redshift-stage.ts";

const stage = redshiftStage();
const COPY = "COPY t FROM 's3://bucket/in/' IAM_ROLE DEFAULT";
const UNLOAD = "UNLOAD ('select 1') TO 's3://bucket/out/' IAM_ROLE DEFAULT";

/** Runs it and asks to stop as soon as the cluster has begun. */
async function stopped(session: TestSession, sql: string): Promise<ShellError | undefined> {
  const abort = new AbortController();
  let error: ShellError | undefined;
  for await (const event of session.live.execute(sql, { signal: abort.signal })) {
    if (event.type === "notice" && event.message === "begun") abort.abort();
    if (event.type === "failed") error = event.error;
  }
  return error;
}

suite("Ctrl-C on a cluster", () => {
  test("COPY is stopped there, and nothing was loaded", async () => {
    stage.cluster.answer = () => ({ sleepSeconds: 600, effect: "INSERT INTO t VALUES (9, 'nine')" });
    const error = await stopped(stage.session, COPY);
    assert.equal(error?.code, "job/interrupted");
    assert.equal(error.note, "the cluster stopped the COPY; nothing was loaded");
    assert.equal(stage.cluster.cancels, 1);
    assert.deepEqual((await stage.session.ok("SELECT count(*) FROM t")).rows, [["3"]]);
  });

  test("UNLOAD is stopped there, and what it had written stays", async () => {
    stage.cluster.answer = () => ({ sleepSeconds: 600 });
    const error = await stopped(stage.session, UNLOAD);
    assert.equal(error?.code, "job/interrupted");
    assert.match(
      error.note ?? "",
      /^the cluster stopped the UNLOAD; files that it had finished, if any, are still at s3:/,
    );
    await stage.session.ok("SELECT 1");
  });

  test("in a transaction the transaction has failed", async () => {
    stage.cluster.answer = () => ({ sleepSeconds: 600 });
    await stage.session.ok("BEGIN");
    assert.match(
      (await stopped(stage.session, COPY))?.note ?? "",
      /nothing was loaded, and the transaction has failed/,
    );
    await stage.session.ok("ROLLBACK");
  });

  test("a failure that came before the cancel is told as what it was", async () => {
    stage.cluster.ignoresCancel = true;
    stage.cluster.answer = () => ({ sleepSeconds: 1, error: { message: "disk full" } });
    const error = await stopped(stage.session, COPY);
    assert.equal(error?.code, "job/interrupted");
    assert.equal(error.note, "the COPY had failed before it could be stopped: disk full");
  });

  test("a COPY that was done before the cancel is done", async () => {
    stage.cluster.ignoresCancel = true;
    stage.cluster.answer = () => ({
      sleepSeconds: 1,
      effect: "INSERT INTO t VALUES (9, 'nine')",
      notices: [],
      count: 1,
    });
    assert.equal(await stopped(stage.session, COPY), undefined);
    assert.deepEqual((await stage.session.ok("SELECT count(*) FROM t")).rows, [["4"]]);
  });
});

/** The same without a session, so that a test need not wait as long as a user would. */
async function impatiently(engine: Engine): Promise<ShellError> {
  const [statement] = parse(COPY).statements;
  assert.ok(statement?.kind === "copy");
  const reading = new Reading(() => new Secret(""));
  const abort = new AbortController();
  const delegation = { statement, source: COPY, reading, execution: "auto" } as const;
  const context = { signal: abort.signal, loadErrors: { kept: [] }, patienceMs: 100 };
  try {
    for await (const event of copyOnServer(planCopy(statement, reading), engine, delegation, context)) {
      if (event.type === "notice" && event.message === "begun") abort.abort();
    }
  } catch (thrown) {
    return asShellError(thrown);
  }
  throw assert.fail("it ended by itself");
}

suite("a cluster that does not answer", () => {
  test("a cancel that has no effect: the statement may still run, and how to end it", async () => {
    stage.cluster.ignoresCancel = true;
    stage.cluster.answer = () => ({ sleepSeconds: 30, status: "running" });
    const engine = await openServer(stage.cluster.settings);
    const error = await impatiently(engine);
    assert.equal(error.code, "job/interrupted");
    assert.match(error.message, /the cluster has not stopped the COPY/);
    assert.match(error.detail.join(), /^sys_load_history: query \d+ is running$/);
    assert.match(error.hint ?? "", /^SELECT pg_terminate_backend\(\d+\) ends it$/);
    assert.equal(error.note, "the COPY may still be running");
    stage.cluster.hangUp();
    await engine[Symbol.asyncDispose]();
  });

  test("a connection that breaks: the statement may go on, and the next one connects anew", async () => {
    stage.cluster.drops = true;
    stage.cluster.answer = () => ({ status: "running" });
    const error = await stage.session.fails(COPY, "engine/lost");
    assert.match(error.note ?? "", /the cluster may still carry the COPY out/);
    assert.match(error.detail.join("\n"), /sys_load_history: query \d+ is running/);
    stage.cluster.drops = false;
    await stage.session.ok("SELECT 1");
  });
});
