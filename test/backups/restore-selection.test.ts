import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DumpGraph } from "../../src/backups/dump-graph.ts";
import { planRestore } from "../../src/backups/restore-plan.ts";
import { closureOf, type ObjectPattern } from "../../src/backups/restore-selection.ts";
import type { PostgresSettings } from "../../src/engines/postgres/settings.ts";
import { ShellError } from "../../src/errors.ts";
import { openRestoreSource, refusal, type RestoreSource, type Wanted } from "../harness/restore-source.ts";
import { applyPlan, dump, openSession } from "../harness/schema.ts";

let source: RestoreSource;
before(async () => {
  source = await openRestoreSource();
});
after(() => source.server.stop());

function objects(...patterns: readonly ObjectPattern[]): Wanted {
  return { selection: { kind: "objects", patterns } };
}

/** A database with the plan for these patterns applied; what the dump of it holds. */
function restored(wanted: Wanted, prepare = ""): Promise<{ readonly lines: string; readonly reports: string }> {
  return source.server.withDatabase(async (settings) => {
    await using session = await openSession(settings);
    if (prepare !== "") await session.run(prepare);
    const plan = planRestore(await source.request(settings, wanted));
    await applyPlan(session, plan);
    const { entries } = await dump(settings);
    const lines = entries.map(({ type, schema, tag }) => `${type} ${schema}.${tag}`).join("\n");
    return { lines, reports: plan.reports.map(({ text }) => text).join("\n") };
  });
}

const sales = (...names: readonly string[]): readonly ObjectPattern[] =>
  names.map((name) => ({ schema: "sales", name }));

describe("chosen objects", () => {
  test("a table brings its parts, its sequence and what it is built on, and nothing else", async () => {
    const { lines, reports } = await restored(objects(...sales("customer", "animal")));
    for (const line of [
      "SCHEMA .sales",
      "DOMAIN sales.positive",
      "TYPE sales.address",
      "FUNCTION kinds.add(integer, integer)",
      "SEQUENCE sales.customer_id_seq",
      "SEQUENCE OWNED BY sales.customer_id_seq",
      "DEFAULT sales.customer id",
      "FK CONSTRAINT sales.customer customer_best_friend_fkey",
      "POLICY sales.customer restrictive",
      "ROW SECURITY sales.customer",
      "TRIGGER sales.customer touch_row",
      "STATISTICS sales.customer_statistics",
      "OPERATOR CLASS kinds.backwards",
      "COMMENT sales.COLUMN customer.email",
      "ACL sales.COLUMN customer.email",
    ]) {
      assert.ok(lines.split("\n").includes(line), line);
    }
    assert.doesNotMatch(lines, /^(?:MATERIALIZED )?VIEW |^TABLE sales\.egg$|^PUBLICATION|^EVENT TRIGGER/m);
    assert.equal(reports, "");
  });

  test("a partitioned table brings its partitions, and theirs", async () => {
    const { lines } = await restored(objects(...sales("orders")));
    assert.match(lines, /^TABLE sales\.orders_2024$/m);
    assert.match(lines, /^TABLE ATTACH sales\.orders_2024_eu$/m);
    assert.match(lines, /^INDEX sales\.orders_2023_customer$/m);
  });

  test("a partitioned table's index brings those of the partitions", async (t) => {
    if (!source.tables.some(({ name }) => name === "hashed_0"))
      return t.skip("runs on PostgreSQL 11 and newer, which have them");
    const { lines } = await restored(objects(...sales("hashed", "customer", "animal")));
    assert.match(lines, /^TABLE sales\.hashed_1$/m);
    assert.match(lines, /^INDEX ATTACH sales\.hashed_0_pkey$/m);
  });

  test("a partition alone stands alone, and is attached where its parent is there", async () => {
    const alone = await restored(objects(...sales("orders_2023")));
    assert.match(alone.lines, /^TABLE sales\.orders_2023$/m);
    assert.doesNotMatch(alone.lines, /TABLE ATTACH/);
    assert.match(alone.reports, /TABLE ATTACH sales\.orders_2023 needs TABLE sales\.orders/);
    const parent = `CREATE SCHEMA sales; CREATE DOMAIN sales.positive AS numeric(12,2) NOT NULL DEFAULT 1
        CONSTRAINT above_zero CHECK ((VALUE > (0)::numeric));
      CREATE TABLE sales.orders (id bigint NOT NULL, placed date NOT NULL, region text NOT NULL, customer integer,
        total sales.positive) PARTITION BY RANGE (placed)`;
    const attached = await restored(objects(...sales("orders_2023")), parent);
    assert.match(attached.lines, /^TABLE ATTACH sales\.orders_2023$/m);
  });

  test("a whole schema with what it needs of another", async () => {
    const { lines } = await restored(objects({ schema: "kinds" }, ...sales("chicken", "egg", "customer", "animal")));
    assert.match(lines, /^TEXT SEARCH CONFIGURATION kinds\.configuration$/m);
    assert.match(lines, /^AGGREGATE kinds\.total\(integer\)$/m);
    assert.match(lines, /^CAST \.CAST \(sales\.address AS text\)$/m);
  });

  test("a foreign table brings its server and the server's user mappings", async () => {
    const { lines } = await restored(objects(...sales("foreign_table")));
    assert.match(lines, /^SERVER \.We;rd server$/m);
    assert.match(lines, /^USER MAPPING \.USER MAPPING public SERVER We;rd server$/m);
  });
});

describe("what is missing", () => {
  function planned(wanted: Wanted): Promise<string> {
    return source.server.withDatabase(async (settings) => {
      const plan = planRestore(await source.request(settings, wanted));
      return plan.reports.map(({ kind, object }) => `${kind} ${object}`).join("\n");
    });
  }

  for (const { name, wanted, option, details, left } of [
    {
      name: "the other table of a foreign key",
      wanted: objects(...sales("chicken")),
      option: { skipMissingForeignKeys: true },
      details: [/FK CONSTRAINT sales\.chicken chicken_egg needs .*TABLE sales\.egg/],
      left: /^left-out FK CONSTRAINT sales\.chicken chicken_egg$/m,
    },
    {
      name: "the table below a view",
      wanted: objects(...sales("chained")),
      option: { skipMissingViews: true },
      details: [/VIEW sales\.chained needs VIEW sales\.base_view/],
      left: /^left-out VIEW sales\.chained$/m,
    },
    {
      name: "the owner of a sequence",
      wanted: objects(...sales("customer_id_seq")),
      option: { skipMissingSequenceOwners: true },
      details: [/SEQUENCE sales\.customer_id_seq needs TABLE sales\.customer/],
      left: /^left-out SEQUENCE OWNED BY sales\.customer_id_seq$/m,
    },
    {
      name: "the tables of a function",
      wanted: objects({ schema: "kinds" }),
      option: { skipMissingUdfs: true },
      details: [/FUNCTION kinds\.takes_row\(sales\.chicken\) needs TABLE sales\.chicken/],
      left: /^left-out FUNCTION kinds\.takes_row\(sales\.chicken\)$/m,
    },
  ]) {
    test(`${name} is refused, or left out when asked`, async () => {
      await assert.rejects(planned(wanted), refusal("restore/dependency", ...details));
      assert.match(await planned({ ...wanted, options: option }), left);
    });
  }

  test("what nothing can leave out is refused whatever the options say", async () => {
    const options = { skipMissingForeignKeys: true, skipMissingViews: true, skipMissingUdfs: true };
    const inherits = { ...objects(...sales("dog")), options };
    await assert.rejects(
      planned(inherits),
      refusal("restore/dependency", /TABLE sales\.dog needs TABLE sales\.animal/),
    );
    const policy = { ...objects(...sales("customer")), options };
    await assert.rejects(planned(policy), refusal("restore/dependency", /POLICY .* needs TABLE sales\.animal/));
  });

  test("rows that the backup does not hold", async () => {
    await source.server.withDatabase(async (settings) => {
      const wanted = await source.request(settings, objects(...sales("animal")));
      const tables = wanted.tables.filter(({ name }) => name !== "animal");
      assert.throws(() => planRestore({ ...wanted, tables }), refusal("backup/target", /^TABLE sales\.animal$/m));
      assert.deepEqual(planRestore({ ...wanted, tables, options: { schemaOnly: true } }).loads, []);
      const whole = planRestore({ ...wanted, tables, selection: { kind: "database" } });
      assert.deepEqual(
        whole.reports.map(({ kind, object }) => `${kind} ${object}`),
        ["rows TABLE sales.animal"],
      );
    });
  });

  test("what a backup of some tables keeps is enough to restore them", async () => {
    await source.server.withDatabase(async (settings) => {
      const patterns = sales("orders", "customer", "animal");
      const { included, mentioned } = closureOf(new DumpGraph(source.toc.entries), patterns);
      const entries = source.toc.entries.filter(({ dumpId }) => included.has(dumpId) || mentioned.has(dumpId));
      assert.ok(entries.length < source.toc.entries.length / 2);
      const wanted = await source.request(settings, objects(...patterns));
      assert.deepEqual(planRestore({ ...wanted, entries }).preData, planRestore(wanted).preData);
      const missing = closureOf(new DumpGraph(source.toc.entries), sales("chicken"));
      const few = source.toc.entries.filter(
        ({ dumpId }) => missing.included.has(dumpId) || missing.mentioned.has(dumpId),
      );
      const chicken = await source.request(settings, objects(...sales("chicken")));
      assert.throws(
        () => planRestore({ ...chicken, entries: few }),
        refusal("restore/dependency", /FK CONSTRAINT .* needs .*TABLE sales\.egg/),
      );
    });
  });

  test("a name that is not there", async () => {
    await assert.rejects(planned(objects(...sales("nothing"))), (thrown) => {
      assert.ok(thrown instanceof ShellError);
      return thrown.code === "backup/target" && thrown.message.startsWith("sales.nothing ");
    });
  });

  test("roles: objects stay the restoring user's, rights are left out, both reported", async () => {
    await source.server.withDatabase(async (settings) => {
      const wanted = await source.request(settings, objects(...sales("customer", "animal")));
      const plan = planRestore({ ...wanted, target: { ...wanted.target, roles: new Set(["postgres", "app_reader"]) } });
      const said = plan.reports.map(({ text }) => text).join("\n");
      assert.match(said, /role app_owner does not exist here: TABLE sales\.customer belongs to the restoring user/);
      assert.match(said, /role We;rd "role' does not exist here: its rights on TABLE customer are left out/);
      assert.ok(plan.access.every((statement) => !statement.includes("We;rd")));
      assert.ok(plan.access.some((statement) => statement.includes("TO app_reader")));
    });
  });

  test("a chosen object that is there is a conflict; what it is built on is used when it is the same", async () => {
    await source.server.withDatabase(async (settings) => {
      await using session = await openSession(settings);
      await applyPlan(
        session,
        planRestore(await source.request(settings, objects(...sales("chicken", "egg", "customer", "animal")))),
      );
      await assert.rejects(
        plannedIn(settings, sales("chicken", "egg")),
        refusal("restore/conflict", /^TABLE sales\.chicken$/m),
      );
      const plan = await plannedIn(settings, sales("orders"));
      assert.ok(plan.includes("reused DOMAIN sales.positive"));
      await session.run(
        "DROP TABLE sales.customer CASCADE; DROP DOMAIN sales.positive; CREATE DOMAIN sales.positive AS text",
      );
      await assert.rejects(
        plannedIn(settings, sales("orders")),
        refusal("restore/conflict", /^DOMAIN sales\.positive$/m),
      );
    });
  });

  async function plannedIn(settings: PostgresSettings, patterns: readonly ObjectPattern[]): Promise<readonly string[]> {
    const plan = planRestore(await source.request(settings, objects(...patterns)));
    return plan.reports.map(({ kind, object }) => `${kind} ${object}`);
  }
});
