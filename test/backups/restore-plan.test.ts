import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { RestoreStep } from "../../src/backups/restore-order.ts";
import { planRestore } from "../../src/backups/restore-plan.ts";
import type { DumpEntry } from "../../src/formats/dump-toc.ts";
import { openRestoreSource, refusal, type RestoreSource, type Wanted } from "../harness/restore-source.ts";
import { ROOT } from "../harness/root.ts";
import { applyPlan, dump, normalised, openSession, readSequences, runParallel, undo } from "../harness/schema.ts";

let source: RestoreSource;
before(async () => {
  source = await openRestoreSource();
});
after(() => source.server.stop());

const DATABASE: Wanted = { selection: { kind: "database" } };

describe("a whole database", () => {
  test("dump, plan, apply, dump gives the same", async () => {
    await source.server.withDatabase(async (settings) => {
      assert.ok(normalised(source.toc).length > 200);
      const plan = planRestore(await source.request(settings, DATABASE));
      assert.deepEqual(plan.reports, []);
      await using session = await openSession(settings);
      await applyPlan(session, plan);
      assert.deepEqual(normalised(await dump(settings)), normalised(source.toc));
      await session.run("RESET search_path");
      assert.deepEqual(await readSequences(session), source.sequences);
    });
  });

  test("what comes after the rows may run on several connections at once", async () => {
    await source.server.withDatabase(async (settings) => {
      const plan = planRestore(await source.request(settings, DATABASE));
      await using first = await openSession(settings);
      await applyPlan(first, { ...plan, postData: [], access: [], refresh: [], finish: [] });
      await using second = await openSession(settings);
      await using third = await openSession(settings);
      await runParallel([first, second, third], plan);
      await applyPlan(first, { ...plan, preData: [], sequences: [], postData: [] });
      assert.deepEqual(normalised(await dump(settings)), normalised(source.toc));
    });
  });

  test("a subscription is made without a connection, and is undone", async () => {
    await source.server.withDatabase(async (settings) => {
      await using session = await openSession(settings);
      await session.run(readFileSync(join(ROOT, "fixtures", "every-object-subscription.sql"), "utf8"));
      const { entries } = await dump(settings);
      await session.run('DROP SUBSCRIPTION "We;rd subscription"');
      const plan = planRestore({ ...(await source.request(settings, DATABASE)), entries });
      const started: RestoreStep[] = [];
      await applyPlan(session, plan, started);
      const count =
        "SELECT count(*) FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())";
      assert.deepEqual(await session.query(count), [["1"]]);
      await undo(session, plan, started);
      await undo(session, plan, started);
      assert.deepEqual(await session.query(count), [["0"]]);
    });
  });

  test("undo after the last step leaves nothing", async () => {
    await source.server.withDatabase(async (settings) => {
      const empty = normalised(await dump(settings));
      const plan = planRestore(await source.request(settings, DATABASE));
      await using session = await openSession(settings);
      const started: RestoreStep[] = [];
      await applyPlan(session, { ...plan, finish: [] }, started);
      await undo(session, plan, started);
      assert.deepEqual(normalised(await dump(settings)), empty);
    });
  });

  test("undo in the middle leaves nothing", async () => {
    await source.server.withDatabase(async (settings) => {
      const empty = normalised(await dump(settings));
      const plan = planRestore(await source.request(settings, DATABASE));
      const breaks = [...plan.preData.keys()].filter((index) => index % 40 === 20);
      await using session = await openSession(settings);
      for (const index of breaks) {
        const broken = plan.preData.with(index, { title: "broken", statements: ["SELECT 1/0"], undo: [] });
        const started: RestoreStep[] = [];
        await assert.rejects(applyPlan(session, { ...plan, preData: broken }, started), /division by zero/);
        await undo(session, plan, started);
        assert.deepEqual(normalised(await dump(settings)), empty);
      }
    });
  });

  test("large objects are reported, and nothing is said about them", async () => {
    await source.server.withDatabase(async (settings) => {
      const [schema] = source.toc.entries.filter(({ type }) => type === "SCHEMA");
      assert.ok(schema !== undefined);
      const blob: DumpEntry = {
        ...schema,
        dumpId: 1_000_001,
        type: "BLOB METADATA",
        tag: "777",
        drop: "",
        create: "SELECT pg_catalog.lo_create('777');",
      };
      const grant: DumpEntry = {
        ...blob,
        dumpId: 1_000_002,
        type: "ACL",
        tag: "LARGE OBJECT 777",
        create: "GRANT SELECT ON LARGE OBJECT 777 TO app_reader;",
        dependencies: [blob.dumpId],
      };
      const plan = planRestore({
        ...(await source.request(settings, DATABASE)),
        entries: [...source.toc.entries, blob, grant],
      });
      assert.deepEqual(
        plan.reports.map(({ kind }) => kind),
        ["large-objects"],
      );
      assert.doesNotMatch(JSON.stringify({ ...plan, makes: [] }), /777/);
    });
  });

  test("is refused where its names are taken", async () => {
    await source.server.withDatabase(async (settings) => {
      await using session = await openSession(settings);
      await session.run(
        "CREATE SCHEMA sales; CREATE VIEW sales.status AS SELECT 1; CREATE TABLE sales.customer_pkey ()",
      );
      const wanted = await source.request(settings, DATABASE);
      assert.throws(
        () => planRestore(wanted),
        refusal("restore/conflict", /^TYPE sales\.status$/m, /^CONSTRAINT sales\.customer customer_pkey$/m),
      );
    });
  });
});
