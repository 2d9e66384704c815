import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { Engine } from "../../src/engines/engine.ts";
import { queryIdOf, tidied } from "../../src/engines/redshift/errors.ts";
import { parseRedshiftVersion } from "../../src/engines/redshift/version.ts";
import { openServer } from "../../src/engines/server.ts";
import { ShellError } from "../../src/errors.ts";
import { failureOf, collect } from "../contracts/engine-support.ts";
import { detailBlock } from "../harness/redshift-answers.ts";
import { VERSION_TEXT } from "../harness/redshift-catalogue.ts";
import { startPackage, type TestPostgres } from "../harness/postgres-server.ts";
import { startRedshiftStandIn, type RedshiftStandIn } from "../harness/redshift-stand-in.ts";

suite("select version()", () => {
  test("Redshift's names its own release after PostgreSQL's", () => {
    assert.deepEqual(parseRedshiftVersion(VERSION_TEXT), { release: "1.0.122914", postgresNumber: 80_002 });
  });
  for (const text of [
    "PostgreSQL 17.5 on x86_64-pc-linux-gnu",
    "PostgreSQL 8.0.2 on i686",
    "CockroachDB CCL v23.1.11",
    "",
  ]) {
    test(`none: ${text}`, () => assert.equal(parseRedshiftVersion(text), undefined));
  }
});

suite("an error's detail", () => {
  const error = new ShellError("engine/failed", "COPY failed", {
    detail: detailBlock({ error: "S3ServiceException:Access Denied,Status 403", code: "8001", query: "4711" }).split(
      "\n",
    ),
  });
  test("is one fact a line, and names the query", () => {
    const clean = tidied(error);
    assert.ok(clean instanceof ShellError);
    assert.deepEqual(clean.detail, ["error: S3ServiceException:Access Denied,Status 403", "code: 8001", "query: 4711"]);
    assert.equal(queryIdOf(clean), "4711");
    assert.match(clean.hint ?? "", /s3:PutObject/);
  });
  test("stays as it is when it is not the server's", () => {
    const lost = new ShellError("engine/lost", "gone", { detail: ["-----"] });
    assert.equal(tidied(lost), lost);
    assert.equal(queryIdOf(lost), undefined);
  });
});

suite("a cluster", () => {
  let server: TestPostgres;
  let cluster: RedshiftStandIn;
  let engine: Engine;
  before(async () => {
    server = await startPackage();
    cluster = await startRedshiftStandIn(server.settings);
    engine = await openServer(cluster.settings);
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
    await server.stop();
  });

  test("is recognised on connect; the server behind it is not taken for one", async () => {
    const { name, version, versionNumber } = engine.description;
    assert.deepEqual([name, version, versionNumber], ["redshift", "1.0.122914", 80_002]);
    await using behind = await openServer(server.settings);
    assert.equal(behind.description.name, "postgres");
  });

  test("says what it can do", () => {
    const { delegates, ...rest } = engine.capabilities;
    assert.deepEqual([...delegates], ["unload", "copy", "copy-job", "template"]);
    assert.deepEqual(rest, {
      parallel: false,
      cancel: true,
      copyBinary: false,
      copyStreams: false,
      manyDatabases: true,
    });
    assert.equal(engine.share, undefined);
  });

  test("gets plain SQL unchanged", async () => {
    const sql = "SELECT 'a\\\\b' AS x  -- as it stands";
    await collect(engine.run(sql));
    assert.equal(cluster.received.at(-1), sql);
    assert.deepEqual(await engine.rows("SELECT $1::text", ["p"]), [["p"]]);
    assert.deepEqual(
      (await engine.describeQuery("SELECT 1 AS one")).map(({ name }) => name),
      ["one"],
    );
  });

  test("has neither snapshots to lend nor COPY over the connection", async () => {
    const target = { schema: "public", name: "t", columns: ["a"], rowFormat: "text", freeze: false } as const;
    const failures = [
      await failureOf(engine.openSnapshot()),
      await failureOf(engine.copyIn(target, (async function* () {})())),
      await failureOf(Array.fromAsync(engine.copyRows("COPY t TO STDOUT"))),
    ];
    assert.deepEqual(
      failures.map(({ code }) => code),
      ["engine/unsupported", "engine/unsupported", "engine/unsupported"],
    );
  });

  test("refuses COPY from the client in its own words, with what to do", async () => {
    const error = await failureOf(collect(engine.run("COPY t FROM STDIN")));
    assert.match(error.message, /LOAD source is not supported/);
    assert.match(error.hint ?? "", /\\copy and STDIN need PostgreSQL/);
  });

  test("another database of it is a cluster, too", async () => {
    await using other = await engine.openDatabase("postgres");
    assert.equal(other.description.name, "redshift");
  });
});
