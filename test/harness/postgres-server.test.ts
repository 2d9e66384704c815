import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { Client } from "pg";
import { startPostgres } from "./postgres-server.ts";

void test("a server of one's own answers over its socket and over TCP, and leaves nothing behind", async (t) => {
  if ((process.env["SEALIFT_TEST_PG"] ?? "") !== "")
    return t.skip("runs without SEALIFT_TEST_PG, which names a server that is not ours");
  const server = await startPostgres();
  const overTcp = new Client({ connectionString: server.url });
  await overTcp.connect();
  await server.withDatabase(async (settings) => {
    const client = new Client({ ...settings });
    await client.connect();
    const { rows } = await client.query<{ name: string }>("SELECT current_database() AS name");
    assert.equal(rows[0]?.name, settings.database);
    await client.end();
  });
  const { rowCount } = await overTcp.query("SELECT FROM pg_database WHERE datname LIKE 'test\\_%'");
  assert.equal(rowCount, 0);
  await overTcp.end();
  await server.stop();
  await server.stop();
  assert.equal(existsSync(server.socketDir), false);
});
