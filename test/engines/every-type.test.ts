import assert from "node:assert/strict";
import { test } from "node:test";
import { openEmbeddedSession } from "../harness/embedded-schema.ts";
import { startPostgres } from "../harness/postgres-server.ts";
import { loadEveryType, openSession, type Session } from "../harness/schema.ts";

// Types whose values nobody can enter, or that live in one catalogue only.
const WITHOUT_VALUES =
  "gtsvector pg_brin_bloom_summary pg_brin_minmax_multi_summary pg_dependencies pg_mcv_list pg_ndistinct pg_node_tree";

const UNUSED = `SELECT t.typname FROM pg_type t
  WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'r', 'm') AND t.typcategory <> 'A'
    AND NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE c.relnamespace = 'kinds_of_values'::regnamespace AND a.attnum > 0 AND a.atttypid IN (t.oid, t.typarray))
  ORDER BY 1`;

async function unused(session: Session): Promise<string> {
  await loadEveryType(session);
  const rows = await session.query(UNUSED);
  return rows.map(([name]) => name).join(" ");
}

test("the fixture has a column of every built-in type", async (t) => {
  await using server = await startPostgres();
  await server.withDatabase(async (settings) => {
    await using session = await openSession(settings);
    const [[version] = []] = await session.query("SELECT current_setting('server_version_num')");
    if (Number(version) < 140_000)
      return t.skip("runs on PostgreSQL 14 and newer, which have all types without values");
    assert.equal(await unused(session), WITHOUT_VALUES);
  });
});

test("the embedded engine takes the fixture too", async () => {
  await using session = await openEmbeddedSession();
  assert.equal(await unused(session), WITHOUT_VALUES);
});
