// What a session does with the other statements when a cluster is connected.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { resolveConnection } from "../../src/connection/resolve.ts";
import { secretSpansOf } from "../../src/script/secret-spans.ts";
import { dialectOf } from "../../src/session-dialect.ts";
import { redshiftStage } from "../harness/redshift-stage.ts";

const stage = redshiftStage();

suite("statements that need what a cluster lacks", () => {
  const cases: readonly (readonly [sql: string, hint: RegExp])[] = [
    ["BACKUP INTO '$'", /UNLOAD the tables to S3/],
    ["BACKUP INTO '$' WITH detached", /UNLOAD the tables to S3/],
    ["BACKUP TABLE t INTO '$' WITH encryption_passphrase = 'canary words'", /UNLOAD/],
    ["RESTORE FROM LATEST IN '$'", /restore into PostgreSQL or the embedded database/],
  ];
  for (const [sql, hint] of cases) {
    test(sql, async () => {
      const error = await stage.session.fails(sql.replace("$", stage.world.uri), "engine/unsupported");
      assert.match(
        error.message,
        /^(BACKUP|RESTORE) here needs COPY over the connection, which redshift does not have$/,
      );
      assert.match(error.hint ?? "", hint);
      assert.equal(error.note, "nothing was changed");
      assert.deepEqual(await stage.world.files(), {});
      assert.deepEqual(stage.cluster.received, []);
    });
  }

  test("SHOW BACKUPS needs no database and works", async () => {
    await stage.session.ok(`SHOW BACKUPS IN '${stage.world.uri}'`);
  });

  test("schedules are nobody's", async () => {
    await stage.session.fails("SHOW SCHEDULES", "engine/unsupported");
  });
});

suite("how texts are read", () => {
  test("as a cluster reads them, once connected: a backslash escapes", async () => {
    assert.equal(dialectOf(stage.session.live), "redshift");
    await stage.session.ok("SET standard_conforming_strings = off; SET escape_string_warning = off");
    stage.cluster.received.length = 0;
    const { rows } = await stage.session.ok("SELECT 'it\\'s; one' AS x; SELECT 2");
    assert.deepEqual(rows, [["it's; one"], ["2"]]);
    const unload = "UNLOAD ('select \\'a\\\\\\'b\\' as x') TO 's3://b/p' IAM_ROLE DEFAULT";
    await stage.session.ok(unload);
    assert.deepEqual(stage.cluster.transfers, [unload]);
  });

  for (const text of [
    "redshift://ann@localhost/dev",
    "postgres://ann@c.abc.eu-west-1.redshift.amazonaws.com:5439/dev",
    "host=w.123.us-east-1.redshift-serverless.amazonaws.com dbname=dev",
  ]) {
    test(`before it is connected: ${text}`, async () => {
      const { settings } = await resolveConnection({ text, environment: { HOME: "/nowhere" } });
      assert.equal(dialectOf({ settings, describe: () => undefined }), "redshift");
      const port = settings.kind === "postgres" ? settings.hosts[0]?.port : undefined;
      assert.equal(port, text.startsWith("host") ? 5432 : 5439);
    });
  }

  test("a secret is hidden whichever way the backslashes before it are read", () => {
    const text =
      "UNLOAD ('select \\'a;b\\'') TO 's3://b' CREDENTIALS 'aws_access_key_id=a;aws_secret_access_key=canary-x' NONSENSE;";
    const at = text.indexOf("canary");
    const spans = secretSpansOf({ name: "t", text });
    assert.ok(spans.some(({ start, end }) => start <= at && at < end));
  });

  test("every other server is PostgreSQL until it says otherwise", async () => {
    const { settings } = await resolveConnection({ text: "postgres://ann@redshift.example/dev", environment: {} });
    assert.equal(dialectOf({ settings, describe: () => undefined }), "postgres");
  });
});
