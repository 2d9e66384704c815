// What long statements tell of how far they are: a sum, and the tables or files under way.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Event } from "../../src/events.ts";
import { unloadStage } from "../harness/unload-stage.ts";

// A tenth of every block is used, so that few rows are many blocks.
const stage = unloadStage(`
CREATE TABLE wide (id int, t text) WITH (fillfactor = 10);
INSERT INTO wide SELECT i, repeat('x', 40) FROM generate_series(1, 60000) i;
CREATE TABLE back (id int, t text)`);

type Progress = Extract<Event, { type: "progress" }>;

async function progressOf(statement: string): Promise<{ progress: readonly Progress[]; phases: readonly string[] }> {
  const { events } = await stage.session.ok(statement);
  return {
    progress: events.flatMap((event) => (event.type === "progress" ? [event] : [])),
    phases: events.flatMap((event) => (event.type === "phase" ? [event.phase] : [])),
  };
}

const unload = (query: string): string => `UNLOAD ($$${query}$$) TO 'file://${stage.folder}/x_' CSV`;

describe("UNLOAD", () => {
  it("of a whole large table knows its share, and tells the files being written", async () => {
    const { progress } = await progressOf(unload("SELECT * FROM wide"));
    const shares = progress.map(({ done }) => done.share ?? Number.NaN);
    assert.ok(progress.every(({ total }) => total?.share === 1));
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    );
    assert.equal(shares.at(-1), 1);
    const told = progress.flatMap(({ active = [] }) => active);
    assert.ok(told.every(({ kind, name }) => kind === "file" && /^x_\d{4}_part_00$/.test(name)));
    assert.equal(progress.at(-1)?.done.rows, 60_000n);
    assert.deepEqual(progress.at(-1)?.active, [], "nothing is under way at the end");
    assert.equal(progress.at(-1)?.done.files, (await stage.names()).length);
  });

  it("of a query has no total", async () => {
    const { progress } = await progressOf(unload("SELECT t, id FROM many WHERE id > 0"));
    assert.ok(progress.length > 0);
    assert.ok(progress.every(({ total, done }) => total === undefined && done.share === undefined));
  });
});

describe("COPY", () => {
  it("tells the files being read, each with its share", async () => {
    await stage.session.ok(unload("SELECT id, t FROM wide WHERE id <= 20000").replace(" CSV", " CSV PARALLEL OFF"));
    const { progress, phases } = await progressOf(`COPY back FROM 'file://${stage.folder}/x_' CSV`);
    assert.deepEqual(phases, ["list", "keys", "load", "commit"]);
    const loads = progress.filter(({ phase }) => phase === "load");
    const last = loads.at(-1);
    assert.equal(last?.done.rows, 20_000n);
    assert.equal(last?.done.storedBytes, last?.total?.storedBytes);
    assert.equal(last?.done.files, last?.total?.files);
    assert.deepEqual(last?.active, []);
    const told = loads.flatMap(({ active = [] }) => active);
    assert.ok(told.every(({ kind, name }) => kind === "file" && name === "x_000"));
  });

  it("of PARQUET counts what was read of a file, and no more than there is", async () => {
    await stage.session.ok(
      `UNLOAD ('SELECT id, t FROM many') TO 'file://${stage.folder}/p_' FORMAT PARQUET PARALLEL OFF`,
    );
    const { progress } = await progressOf(`COPY back FROM 'file://${stage.folder}/p_' FORMAT PARQUET`);
    const loads = progress.filter(({ phase }) => phase === "load");
    const read = loads.map(({ done }) => done.storedBytes ?? -1n);
    const total = loads.at(-1)?.total?.storedBytes;
    assert.equal(read.at(-1), total);
    assert.ok(read.every((bytes, at) => bytes >= (read[at - 1] ?? 0n)));
    assert.ok(loads.some(({ done, active = [] }) => active.length > 0 && (done.storedBytes ?? 0n) > 0n));
  });
});
