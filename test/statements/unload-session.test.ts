// What a session shows and remembers of UNLOAD and COPY: where a query is wrong, and how many rows went.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { unloadStage } from "../harness/unload-stage.ts";

const stage = unloadStage("CREATE TABLE pair (id int, name text)");

/** The text that an error points at. */
async function pointedAt(sql: string): Promise<string> {
  const { error } = await stage.session.run(sql);
  assert.equal(error?.code, "engine/failed", error?.message);
  return error?.span === undefined ? "" : sql.slice(error.span.start, error.span.end);
}

describe("an error of UNLOAD's query", () => {
  const to = (): string => `TO 'file://${stage.folder}/x' CSV NULL AS '\\N'`;

  it("points into the quoted query, past its doubled quotes", async () => {
    assert.equal(await pointedAt(`UNLOAD ('SELECT nothing FROM many') ${to()}`), "nothing");
    assert.equal(await pointedAt(`\n\nUNLOAD ('SELECT ''a'', ''it''''s'',\n  id\n  FRM many') ${to()}`), "many");
    assert.equal(await pointedAt(`UNLOAD ($$  SELECT '🪁', id, oops FROM many; $$) ${to()}`), "oops");
    assert.equal(await pointedAt(`UNLOAD (SELECT id + missing FROM many) ${to()}`), "missing");
    assert.equal(await pointedAt(`SELECT 1; UNLOAD ('SELECT x.y FROM many') ${to()}`), "x");
  });

  it("at its end points there, and not at what was put around it", async () => {
    const sql = `UNLOAD ('SELECT id + ') ${to()}`;
    const { error } = await stage.session.run(sql);
    assert.deepEqual(error?.span, { start: sql.indexOf("+") + 1, end: sql.indexOf("+") + 1 });
    assert.equal((await stage.session.run(sql)).error?.note, "nothing was written");
  });

  it("is the same on a partition's query", async () => {
    const sql = `UNLOAD ('SELECT id, kk FROM many') ${to()} PARTITION BY (kk)`;
    assert.equal(await pointedAt(sql), "kk");
  });
});

describe("pg_last_copy_count() and pg_last_unload_count()", () => {
  const count = async (name: string): Promise<unknown> => (await stage.session.ok(`select ${name}()`)).rows;

  it("are what the last COPY and UNLOAD of the session moved, and 0 after a failure", async () => {
    assert.deepEqual(await count("pg_last_unload_count"), [["0"]]);
    await stage.session.ok(`UNLOAD ('SELECT id, t FROM many') TO 'file://${stage.folder}/x_' CSV`);
    assert.deepEqual(await count("pg_last_unload_count"), [["150000"]]);
    await stage.session.ok(`COPY pair FROM 'file://${stage.folder}/x_' CSV`);
    const { columns, rows } = await stage.session.ok("  SELECT pg_catalog.PG_LAST_COPY_COUNT ( ) ;");
    assert.deepEqual([columns, rows], [["pg_last_copy_count"], [["150000"]]]);
    assert.deepEqual(await count("pg_last_unload_count"), [["150000"]]);
    await mkdir(stage.folder, { recursive: true });
    await writeFile(join(stage.folder, "bad"), "one,two\n");
    await stage.session.fails(`COPY pair FROM 'file://${stage.folder}/bad' CSV`, "load/rows");
    assert.deepEqual(await count("pg_last_copy_count"), [["0"]]);
    await stage.session.ok(`COPY pair FROM 'file://${stage.folder}/x_' CSV NOLOAD`);
    assert.deepEqual(await count("pg_last_copy_count"), [["0"]]);
  });

  it("are the database's own affair in any other text", async () => {
    const error = await stage.session.fails("SELECT pg_last_copy_count() + 1", "engine/failed");
    assert.match(error.message, /pg_last_copy_count\(\) does not exist/);
  });
});
