import { after, before, beforeEach } from "node:test";
import { BackupWorld, type TestSession } from "./backup-world.ts";
import { startPackage, type TestPostgres } from "./postgres-server.ts";
import { usualAnswer } from "./redshift-answers.ts";
import { startRedshiftStandIn, type RedshiftStandIn } from "./redshift-stand-in.ts";

/** What the tests of one file say to a cluster. */
export interface RedshiftStage {
  readonly cluster: RedshiftStandIn;
  readonly world: BackupWorld;
  /** A fresh one for every test; it connects when a statement needs it. */
  readonly session: TestSession;
}

/** A cluster with a table `t (id int, name text)` of three rows, the same before every test. */
export function redshiftStage(): RedshiftStage {
  let server: TestPostgres;
  const stage = {} as { -readonly [K in keyof RedshiftStage]: RedshiftStage[K] };
  before(async () => {
    // What stands behind a Redshift is of one version, whichever the tests run against.
    server = await startPackage();
    stage.world = await BackupWorld.open();
    stage.cluster = await startRedshiftStandIn(server.settings);
  });
  beforeEach(async () => {
    Object.assign(stage.cluster, {
      answer: usualAnswer,
      ignoresCancel: false,
      drops: false,
      serverless: false,
      lateQuestions: 0,
      cancels: 0,
    });
    stage.session = stage.world.postgres(stage.cluster.settings);
    await stage.session.ok("DROP TABLE IF EXISTS t CASCADE; CREATE TABLE t (id int, name text)");
    await stage.session.ok("INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, NULL)");
    stage.cluster.received.length = 0;
    stage.cluster.transfers.length = 0;
  });
  after(async () => {
    try {
      await stage.world[Symbol.asyncDispose]();
      await stage.cluster[Symbol.asyncDispose]();
    } finally {
      // When one of them never began: a server that runs keeps the test's process alive.
      await server.stop();
    }
  });
  return stage;
}
