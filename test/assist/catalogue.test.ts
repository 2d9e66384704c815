import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Catalogue } from "../../src/assist/catalogue.ts";
import { completeSql } from "../../src/assist/complete-sql.ts";
import { CatalogueLoader } from "../../src/assist/catalogue-loader.ts";
import { openPostgres } from "../../src/engines/postgres/engine.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";

const SCHEMA = `
  CREATE TABLE customer (id integer PRIMARY KEY, name text);
  CREATE TABLE orders (id bigint PRIMARY KEY, customer_id integer REFERENCES customer, "placed At" timestamptz,
    gone integer);
  ALTER TABLE orders DROP COLUMN gone;
  CREATE VIEW recent AS SELECT id FROM orders;
  CREATE SCHEMA audit;
  CREATE TABLE audit.event (order_id bigint REFERENCES orders (id), at timestamptz);
  CREATE FUNCTION ship(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true';
  CREATE TYPE mood AS ENUM ('fine')`;
/** Servers before 11 have none. */
const PROCEDURE = "CREATE PROCEDURE tidy(date) LANGUAGE sql AS 'SELECT 1'";

describe("the catalogue of a server", () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
  });
  after(async () => server.stop());

  function offered(marked: string, catalogue: Catalogue): readonly string[] {
    const { items } = completeSql(marked.replace("|", ""), marked.indexOf("|"), catalogue);
    return items.map(({ insert }) => insert);
  }

  it("is learned over a connection of its own", async () => {
    await server.withDatabase(async (settings) => {
      await using engine = await openPostgres(settings);
      for (const sql of SCHEMA.split(";")) await engine.rows(sql);
      const hasProcedures = engine.description.versionNumber >= 110_000;
      if (hasProcedures) await engine.rows(PROCEDURE);
      const loader = new CatalogueLoader({
        open: async () => {
          const own = await openPostgres(settings);
          return {
            versionNumber: own.description.versionNumber,
            ask: async (sql) => own.rows(sql),
            [Symbol.asyncDispose]: async () => own[Symbol.asyncDispose](),
          };
        },
      });
      await loader.look(5000);
      await loader.settled();
      assert.equal(loader.status.problem, undefined);
      const { catalogue } = loader;
      assert.deepEqual(offered("select | from orders", catalogue).slice(0, 3), ["id", "customer_id", '"placed At"']);
      assert.equal(offered("select * from orders o join customer c on |", catalogue)[0], "c.id = o.customer_id");
      assert.equal(
        offered("select * from orders o join |", catalogue).find((text) => text.startsWith("audit")),
        "audit.event ON event.order_id = o.id",
      );
      assert.deepEqual(offered("select * from rec|", catalogue), ["recent"]);
      assert.deepEqual(offered("select shi|", catalogue), ["ship("]);
      assert.deepEqual(offered("call |", catalogue), hasProcedures ? ["tidy("] : []);
      assert.deepEqual(offered("select tidy|", catalogue), []);
      assert.deepEqual(offered("drop function shi|", catalogue), ["ship(bigint)"]);
      assert.ok(offered("select x::mo|", catalogue).includes("mood"));
      assert.ok(offered("select rel| from pg_class", catalogue).includes("relname"));
      assert.ok(offered("drop database |", catalogue).includes(settings.database));
      assert.ok(offered("grant all privileges on orders to po|", catalogue).includes("postgres"));
    });
  });

  it("knows the search path and the temporary tables of the session that it helps, while that may be asked", async () => {
    await server.withDatabase(async (settings) => {
      await using engine = await openPostgres(settings);
      for (const sql of SCHEMA.split(";")) await engine.rows(sql);
      await engine.rows("SET search_path = audit, public");
      await engine.rows(
        "CREATE TEMPORARY TABLE basket (item integer REFERENCES pg_temp.basket, price numeric, PRIMARY KEY (item))",
      );
      let isIdle = true;
      const loader = new CatalogueLoader({
        open: async () => {
          const own = await openPostgres(settings);
          return {
            versionNumber: own.description.versionNumber,
            ask: async (sql) => own.rows(sql),
            session: async (sql: string) => (isIdle ? engine.rows(sql) : undefined),
            [Symbol.asyncDispose]: async () => own[Symbol.asyncDispose](),
          };
        },
      });
      for (const told of ["while it is idle", "and as it was then, while it is not"]) {
        await loader.look(5000);
        await loader.settled();
        const { catalogue } = loader;
        assert.deepEqual(offered("select * from bas|", catalogue), ["basket"], told);
        assert.deepEqual(offered("select pri| from basket", catalogue), ["price"], told);
        assert.deepEqual(offered("select * from eve|", catalogue)[0], "event", told);
        assert.ok(!offered("drop schema |", catalogue).some((name) => name.startsWith("pg_temp")), told);
        isIdle = false;
        loader.noteChanged();
      }
    });
  });
});
