import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { RestoreStep } from "../../src/backups/restore-order.ts";
import { planRestore, type RestoreRequest, type StoredTable } from "../../src/backups/restore-plan.ts";
import type { ObjectPattern } from "../../src/backups/restore-selection.ts";
import type { SequenceValue } from "../../src/engines/engine.ts";
import type { PostgresSettings } from "../../src/engines/postgres/settings.ts";
import { ShellError, type Code } from "../../src/errors.ts";
import type { DumpEntry, DumpToc } from "../../src/formats/dump-toc.ts";
import { ROOT } from "../harness/root.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import {
  applyPlan,
  dump,
  loadEveryObject,
  normalised,
  openSession,
  readSequences,
  readTables,
  readTarget,
  runParallel,
  undo,
} from "../harness/schema.ts";

let server: TestPostgres;
let source: DumpToc;
let tables: readonly StoredTable[];
let sequences: readonly SequenceValue[];

before(async () => {
  server = await startPostgres();
  await server.withDatabase(async (settings) => {
    await using session = await openSession(settings);
    await loadEveryObject(session);
    source = await dump(settings);
    tables = await readTables(session);
    sequences = await readSequences(session);
  });
});
after(() => server.stop());

type Partial = Omit<RestoreRequest<StoredTable>, "entries" | "tables" | "sequences" | "target" | "options"> & {
  readonly options?: RestoreRequest<StoredTable>["options"];
};

async function request(settings: PostgresSettings, wanted: Partial): Promise<RestoreRequest<StoredTable>> {
  const target = await readTarget(settings);
  return { options: {}, ...wanted, entries: source.entries, tables, sequences, target };
}

function objects(...patterns: readonly ObjectPattern[]): Partial {
  return { selection: { kind: "objects", patterns } };
}

const DATABASE: Partial = { selection: { kind: "database" } };

function refusal(code: Code, ...details: readonly RegExp[]): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof ShellError);
    assert.equal(thrown.code, code);
    for (const detail of details) assert.match(thrown.detail.join("\n"), detail);
    return true;
  };
}

describe("a whole database", () => {
  test("dump, plan, apply, dump gives the same", async () => {
    await server.withDatabase(async (settings) => {
      assert.ok(normalised(source).length > 200);
      const plan = planRestore(await request(settings, DATABASE));
      assert.deepEqual(plan.reports, []);
      await using session = await openSession(settings);
      await applyPlan(session, plan);
      assert.deepEqual(normalised(await dump(settings)), normalised(source));
      await session.run("RESET search_path");
      assert.deepEqual(await readSequences(session), sequences);
    });
  });

  test("what comes after the rows may run on several connections at once", async () => {
    await server.withDatabase(async (settings) => {
      const plan = planRestore(await request(settings, DATABASE));
      await using first = await openSession(settings);
      await applyPlan(first, { ...plan, postData: [], access: [], refresh: [], finish: [] });
      await using second = await openSession(settings);
      await using third = await openSession(settings);
      await runParallel([first, second, third], plan);
      await applyPlan(first, { ...plan, preData: [], sequences: [], postData: [] });
      assert.deepEqual(normalised(await dump(settings)), normalised(source));
    });
  });

  test("a subscription is made without a connection, and is undone", async () => {
    await server.withDatabase(async (settings) => {
      await using session = await openSession(settings);
      await session.run(readFileSync(join(ROOT, "fixtures", "every-object-subscription.sql"), "utf8"));
      const { entries } = await dump(settings);
      await session.run('DROP SUBSCRIPTION "We;rd subscription"');
      const plan = planRestore({ ...(await request(settings, DATABASE)), entries });
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
    await server.withDatabase(async (settings) => {
      const empty = normalised(await dump(settings));
      const plan = planRestore(await request(settings, DATABASE));
      await using session = await openSession(settings);
      const started: RestoreStep[] = [];
      await applyPlan(session, { ...plan, finish: [] }, started);
      await undo(session, plan, started);
      assert.deepEqual(normalised(await dump(settings)), empty);
    });
  });

  test("undo in the middle leaves nothing", async () => {
    await server.withDatabase(async (settings) => {
      const empty = normalised(await dump(settings));
      const plan = planRestore(await request(settings, DATABASE));
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
    await server.withDatabase(async (settings) => {
      const [schema] = source.entries.filter(({ type }) => type === "SCHEMA");
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
      const plan = planRestore({ ...(await request(settings, DATABASE)), entries: [...source.entries, blob, grant] });
      assert.deepEqual(
        plan.reports.map(({ kind }) => kind),
        ["large-objects"],
      );
      assert.doesNotMatch(JSON.stringify(plan), /777/);
    });
  });

  test("is refused where its names are taken", async () => {
    await server.withDatabase(async (settings) => {
      await using session = await openSession(settings);
      await session.run(
        "CREATE SCHEMA sales; CREATE VIEW sales.status AS SELECT 1; CREATE TABLE sales.customer_pkey ()",
      );
      const wanted = await request(settings, DATABASE);
      assert.throws(
        () => planRestore(wanted),
        refusal("restore/conflict", /^TYPE sales\.status$/m, /^CONSTRAINT sales\.customer customer_pkey$/m),
      );
    });
  });
});

/** A database with the plan for these patterns applied; what the dump of it holds. */
function restored(wanted: Partial, prepare = ""): Promise<{ readonly lines: string; readonly reports: string }> {
  return server.withDatabase(async (settings) => {
    await using session = await openSession(settings);
    if (prepare !== "") await session.run(prepare);
    const plan = planRestore(await request(settings, wanted));
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

  test("a partitioned table brings its partitions with their indexes", async () => {
    const { lines } = await restored(objects(...sales("hashed", "customer", "animal", "orders")));
    assert.match(lines, /^TABLE sales\.hashed_1$/m);
    assert.match(lines, /^TABLE ATTACH sales\.orders_2024_eu$/m);
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
  function planned(wanted: Partial): Promise<string> {
    return server.withDatabase(async (settings) => {
      const plan = planRestore(await request(settings, wanted));
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
      details: [/FUNCTION kinds\.parsed\(integer\) needs TABLE sales\.customer/],
      left: /^left-out FUNCTION kinds\.parsed\(integer\)$/m,
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

  test("a name that is not there", async () => {
    await assert.rejects(planned(objects(...sales("nothing"))), (thrown) => {
      assert.ok(thrown instanceof ShellError);
      return thrown.code === "backup/target" && thrown.message.startsWith("sales.nothing ");
    });
  });

  test("roles: objects stay the restoring user's, rights are left out, both reported", async () => {
    await server.withDatabase(async (settings) => {
      const wanted = await request(settings, objects(...sales("customer", "animal")));
      const plan = planRestore({ ...wanted, target: { ...wanted.target, roles: new Set(["postgres", "app_reader"]) } });
      const said = plan.reports.map(({ text }) => text).join("\n");
      assert.match(said, /role app_owner does not exist here: TABLE sales\.customer belongs to the restoring user/);
      assert.match(said, /role We;rd "role' does not exist here: its rights on TABLE customer are left out/);
      assert.ok(plan.access.every((statement) => !statement.includes("We;rd")));
      assert.ok(plan.access.some((statement) => statement.includes("TO app_reader")));
    });
  });

  test("a chosen object that is there is a conflict; what it is built on is used when it is the same", async () => {
    await server.withDatabase(async (settings) => {
      await using session = await openSession(settings);
      await applyPlan(
        session,
        planRestore(await request(settings, objects(...sales("chicken", "egg", "customer", "animal")))),
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
    const plan = planRestore(await request(settings, objects(...patterns)));
    return plan.reports.map(({ kind, object }) => `${kind} ${object}`);
  }
});
