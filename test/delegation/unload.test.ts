import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { resolveConnection } from "../../src/connection/resolve.ts";
import { detailBlock } from "../harness/redshift-answers.ts";
import { redshiftStage } from "../harness/redshift-stage.ts";

const stage = redshiftStage();
const MASTER_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const ROLE = "IAM_ROLE 'arn:aws:iam::123456789012:role/unload'";

suite("UNLOAD on a cluster", () => {
  test("goes there as it was written, and is answered as our own UNLOAD is", async () => {
    const sql = `unload ('select * from t -- all of it') to 's3://bucket/out/' ${ROLE} /* small */ manifest   gzip`;
    stage.cluster.answer = () => ({
      files: [
        { path: "a", bytes: 70 },
        { path: "b", bytes: 30 },
      ],
    });
    const outcome = await stage.session.ok(`${sql};`);
    assert.deepEqual(stage.cluster.transfers, [sql]);
    assert.deepEqual(outcome.notices, ["INFO: UNLOAD completed, 3 record(s) unloaded successfully."]);
    assert.deepEqual(outcome.columns, ["rows", "files", "bytes", "stored_bytes", "manifest"]);
    assert.deepEqual(outcome.rows, [["3", "2", null, "100", "s3://bucket/out/manifest"]]);
    assert.ok(outcome.events.some((event) => event.type === "finished" && event.tag === "UNLOAD"));
  });

  test("credentials reach the cluster and are printed nowhere", async () => {
    const keys = "ACCESS_KEY_ID 'AKIAEXAMPLE' SECRET_ACCESS_KEY 'canary/secret+key' SESSION_TOKEN 'canary-token'";
    stage.cluster.answer = (text) => ({ error: { message: `syntax error in ${text}`, sqlState: "42601" } });
    const { events, error } = await stage.session.run(`UNLOAD ('select 1') TO 's3://b/p' ${keys}`);
    assert.ok(stage.cluster.transfers[0]?.includes(keys));
    const started = events.find((event) => event.type === "started");
    const shown = JSON.stringify([started, error?.message, error?.detail]);
    assert.ok(!shown.includes("canary"), shown);
  });

  test("what only we understand is translated: a bare query, secret references", async () => {
    const outcome = await stage.session.ok(
      "UNLOAD (SELECT id FROM t WHERE name = 'one') TO 's3://b/p' IAM_ROLE DEFAULT NULL AS secret('env:X')",
    );
    assert.deepEqual(stage.cluster.transfers, [
      "UNLOAD ($$SELECT id FROM t WHERE name = 'one'$$) TO 's3://b/p' IAM_ROLE DEFAULT NULL AS 'a secret nobody asked for'",
    ]);
    assert.equal(outcome.rows[0]?.[0], "1");
  });

  test("without a notice the count is the session's; without the STL log the SYS view has the files", async () => {
    stage.cluster.serverless = true;
    stage.cluster.answer = () => ({ notices: [], count: 7, files: [{ path: "a", bytes: 5 }] });
    const { rows } = await stage.session.ok("UNLOAD ('select 1') TO 's3://b/p' IAM_ROLE DEFAULT");
    assert.deepEqual(rows, [["7", "1", null, "5", null]]);
  });

  test("in a transaction the log is read beside it, and the transaction goes on", async () => {
    stage.cluster.serverless = true;
    stage.cluster.answer = () => ({ files: [{ path: "a", bytes: 5 }] });
    await stage.session.ok("BEGIN");
    await stage.session.ok("INSERT INTO t VALUES (4, 'four')");
    const { rows } = await stage.session.ok("UNLOAD ('select * from t') TO 's3://b/p' IAM_ROLE DEFAULT");
    assert.deepEqual(rows, [["4", "1", null, "5", null]]);
    assert.equal(stage.session.live.transaction, "open");
    await stage.session.ok("ROLLBACK");
  });

  test("the server's message, its detail line by line, and what to do", async () => {
    stage.cluster.answer = () => ({
      error: {
        message:
          "S3ServiceException:The bucket must be addressed using the specified endpoint,Status 301,Error PermanentRedirect",
        detail: detailBlock({ error: "S3ServiceException", code: "8001", context: "Listing bucket", query: "77" }),
      },
    });
    const error = await stage.session.fails("UNLOAD ('select 1') TO 's3://b/p' IAM_ROLE DEFAULT", "engine/failed");
    assert.equal(error.sqlState, "XX000");
    assert.deepEqual(error.detail, ["error: S3ServiceException", "code: 8001", "context: Listing bucket", "query: 77"]);
    assert.match(error.hint ?? "", /REGION/);
    assert.match(error.note ?? "", /files that it had finished, if any, are still at s3:\/\/b\/p/);
  });
});

suite("UNLOAD that never reaches the cluster", () => {
  const cases: readonly (readonly [clauses: string, code: string, at: string])[] = [
    ["TO 's3://b/p' IAM_ROLE DEFAULT CSV ESCAPE", "option/conflict", "ESCAPE"],
    ["TO 's3://b/p' IAM_ROLE DEFAULT KMS_KEY_ID 'k'", "option/missing", "KMS_KEY_ID"],
    ["TO 's3://b/p'", "location/credentials", "'s3://b/p'"],
    ["TO 'gs://b/p?AUTH=implicit'", "engine/unsupported", "'gs://b/p?AUTH=implicit'"],
    ["TO 'external://name/p'", "engine/unsupported", "'external://name/p'"],
    ["TO 's3://b/p?AUTH=implicit'", "engine/unsupported", "'s3://b/p?AUTH=implicit'"],
    [
      `TO 's3://b/p' IAM_ROLE DEFAULT ENCRYPTED MASTER_SYMMETRIC_KEY '${MASTER_KEY}'`,
      "engine/retired",
      "MASTER_SYMMETRIC_KEY",
    ],
    ["TO 's3://b/p' IAM_ROLE DEFAULT ENCRYPTED WITH kms = 'local-kms:///k'", "engine/retired", "kms"],
    [
      "TO 's3://b/p' IAM_ROLE DEFAULT WITH encryption_passphrase = 'canary words'",
      "engine/retired",
      "encryption_passphrase",
    ],
  ];
  for (const [clauses, code, at] of cases) {
    test(`${code}: ${clauses.replace(MASTER_KEY, "…")}`, async () => {
      const sql = `UNLOAD ('select 1') ${clauses}`;
      const { error } = await stage.session.run(sql);
      assert.equal(error?.code, code);
      const { start = 0, end = 0 } = error?.span ?? {};
      assert.ok(sql.slice(start, end).startsWith(at), `the place is ${sql.slice(start, end)}`);
      assert.deepEqual(stage.cluster.transfers, []);
    });
  }

  test("a master key inside CREDENTIALS, with the date, the reason and what is to come", async () => {
    const credentials = `aws_access_key_id=a;aws_secret_access_key=canary-secret;master_symmetric_key=${MASTER_KEY}`;
    const sql = `UNLOAD ('select 1') TO 's3://b/p' CREDENTIALS '${credentials}' ENCRYPTED`;
    const error = await stage.session.fails(sql, "engine/retired");
    assert.match(error.message, /stopped supporting client-side encryption on 2026-04-30/);
    assert.match(error.hint ?? "", /KMS_KEY_ID.*staging prefix.*is to come/);
    assert.equal(error.note, "nothing was sent to the cluster");
    assert.ok(!JSON.stringify(error).includes(MASTER_KEY));
    assert.deepEqual(
      stage.cluster.received.filter((text) => /unload/i.test(text)),
      [],
    );
  });

  test("SET execution = server sends a master key all the same, and shows what the cluster says", async () => {
    await stage.session.ok("SET execution = server");
    const sql = `UNLOAD ('select 1') TO 's3://b/p' IAM_ROLE DEFAULT ENCRYPTED MASTER_SYMMETRIC_KEY '${MASTER_KEY}'`;
    const error = await stage.session.fails(sql, "engine/failed");
    assert.equal(error.message, "client-side encryption is not supported");
    assert.deepEqual(stage.cluster.transfers, [sql]);
  });

  test("SET execution = client is refused: rows do not come over the connection", async () => {
    await stage.session.ok("SET execution = client");
    const error = await stage.session.fails("UNLOAD ('select 1') TO 's3://b/p' IAM_ROLE DEFAULT", "engine/unsupported");
    assert.match(error.message, /COPY over the connection/);
  });
});

suite("EXPLAIN on a cluster", () => {
  test("--check expects the cluster that redshift:// names, and connects to none", async () => {
    const { settings } = await resolveConnection({ text: "redshift://nobody@nowhere.invalid/dev", environment: {} });
    const session = stage.world.session(settings).live;
    const rows: unknown[] = [];
    for (const sql of ["UNLOAD ('select \\'a\\' as x') TO 's3://b/p' IAM_ROLE DEFAULT", "SELECT 1"]) {
      assert.deepEqual(await session.check(sql), []);
      for await (const event of session.plan(sql)) if (event.type === "rows") rows.push(event.rows[0]?.[1]);
    }
    assert.deepEqual(rows, ["redshift", "redshift"]);
  });

  test("says who would carry it out, and complains as running would", async () => {
    const { rows } = await stage.session.ok("EXPLAIN UNLOAD ('select 1') TO 's3://b/p' IAM_ROLE DEFAULT");
    assert.deepEqual(
      rows.map(([, executor]) => executor),
      ["redshift"],
    );
    await stage.session.fails(
      "EXPLAIN UNLOAD ('select 1') TO 's3://b/p' IAM_ROLE DEFAULT WITH kms = 'local-kms:///k'",
      "engine/retired",
    );
    assert.deepEqual(stage.cluster.transfers, []);
  });
});
