import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CatalogueLoader, type CatalogueSource } from "../../src/assist/catalogue-loader.ts";
import { ShellError } from "../../src/errors.ts";
import { parseForeignKey, parseSearchPath, type CatalogueRows } from "../../src/assist/catalogue-queries.ts";

/** Answers with one table, and otherwise with nothing. */
function answer(sql: string): CatalogueRows {
  if (sql.includes("current_setting")) return [["public", "clerk"]];
  return sql.includes("c.relkind FROM") ? [["1", "public", "orders", "r"]] : [];
}

interface Asked extends CatalogueSource {
  disposed: boolean;
}

function sourceOf(ask: (sql: string) => Promise<CatalogueRows>): Asked {
  const source: Asked = {
    versionNumber: 180_000,
    ask,
    disposed: false,
    [Symbol.asyncDispose]: async () => {
      source.disposed = true;
    },
  };
  return source;
}

describe("the catalogue's loader", () => {
  it("learns when it is first asked, and closes its connection", async () => {
    const source = sourceOf(async (sql) => answer(sql));
    const loader = new CatalogueLoader({ open: async () => source });
    assert.deepEqual(loader.status, { state: "unknown", relations: 0 });
    await loader.look(1000);
    await loader.settled();
    assert.deepEqual(loader.status, { state: "ready", relations: 1 });
    assert.ok(source.disposed);
  });

  it("learns the rest from a server that does not answer one of the questions", async () => {
    const source = sourceOf(async (sql) => {
      if (sql.includes("pg_aggregate"))
        throw new ShellError("engine/failed", "unknown function", { sqlState: "42883" });
      return sql.includes("pg_database") ? [["shop"]] : answer(sql);
    });
    const loader = new CatalogueLoader({ open: async () => source });
    await loader.look(1000);
    await loader.settled();
    assert.deepEqual(loader.status, { state: "ready", relations: 1 });
    assert.deepEqual(loader.catalogue?.databases, ["shop"]);
  });

  it("asks again only after a change, and keeps what it knew meanwhile", async () => {
    let opened = 0;
    const open = async (): Promise<Asked> => {
      opened++;
      return sourceOf(async (sql) => answer(sql));
    };
    const loader = new CatalogueLoader({ open });
    await loader.look(1000);
    await loader.settled();
    await loader.look(1000);
    assert.equal(opened, 1);
    loader.noteChanged();
    const known = await loader.look(1000);
    assert.equal(known.relations.size, 1);
    await loader.settled();
    assert.equal(opened, 2);
  });

  it("tells when it has learned, and when it gives up", async () => {
    const told: string[] = [];
    const source = sourceOf(async (sql) => answer(sql));
    const loader: CatalogueLoader = new CatalogueLoader({
      open: async () => source,
      learned: () => void told.push(loader.status.state),
    });
    await loader.look(1000);
    await loader.settled();
    assert.equal(told.at(-1), "ready");
    const failing: CatalogueLoader = new CatalogueLoader({
      open: async () => {
        throw new Error("no such host");
      },
      learned: () => void told.push(failing.status.state),
    });
    await failing.look(1000);
    await failing.settled();
    assert.equal(told.at(-1), "failed");
  });

  it("is learning for as long as a change is not learned, also while it still ends what it began", async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const source = { ...sourceOf(async (sql) => answer(sql)), [Symbol.asyncDispose]: () => released };
    const loader = new CatalogueLoader({ open: async () => source });
    await loader.look(10);
    while (loader.status.state !== "ready") await new Promise(setImmediate);
    loader.noteChanged();
    await loader.look(10);
    assert.ok(loader.isLearning);
    release();
    await loader.settled();
    assert.ok(loader.isLearning, "the next look asks again");
  });

  it("asks again after a while when its time was over", async () => {
    let now = 0;
    const never = new Promise<CatalogueRows>(() => undefined);
    const loader = new CatalogueLoader({ open: async () => sourceOf(() => never), deadlineMs: 10, now: () => now });
    await loader.look(1000);
    await loader.settled();
    assert.deepEqual([loader.status.state, loader.isLearning], ["partial", false]);
    now = 60_000;
    assert.ok(loader.isLearning);
  });

  it("is silent about a failure, tells it when asked, and rests before it tries again", async () => {
    let opened = 0;
    let now = 0;
    const open = async (): Promise<Asked> => {
      opened++;
      throw new Error("no such host");
    };
    const loader = new CatalogueLoader({ open, now: () => now });
    for (let i = 0; i < 3; i++) {
      await loader.look(1000);
      await loader.settled();
    }
    assert.equal(opened, 1);
    assert.deepEqual(loader.status, { state: "failed", relations: 0, problem: "no such host" });
    now = 60_000;
    await loader.look(1000);
    assert.equal(opened, 2);
  });

  it("gives up after its deadline with what it has", async () => {
    const never = new Promise<CatalogueRows>(() => undefined);
    const source = sourceOf(async (sql) => (sql.includes("pg_constraint") ? never : answer(sql)));
    const loader = new CatalogueLoader({ open: async () => source, deadlineMs: 50 });
    await loader.look(1000);
    await loader.settled();
    assert.deepEqual(loader.status, { state: "partial", relations: 1, problem: "the database took too long" });
    assert.ok(source.disposed);
  });

  it("tries again while the database is busy", async () => {
    let busy = true;
    const open = async (): Promise<Asked | undefined> => (busy ? undefined : sourceOf(async (sql) => answer(sql)));
    let now = 0;
    const loader = new CatalogueLoader({ open, now: () => now });
    await loader.look(1000);
    await loader.settled();
    assert.equal(loader.status.state, "unknown");
    assert.ok(!loader.isLearning, "whoever waits for it is not kept waiting");
    busy = false;
    now = 1000;
    await loader.look(1000);
    await loader.settled();
    assert.equal(loader.status.state, "ready");
  });
});

describe("what the catalogue answers", () => {
  it("names a key's columns", () => {
    const text = 'FOREIGN KEY (a, "b ""c") REFERENCES "s,1".t(d, e) ON DELETE CASCADE';
    assert.deepEqual(parseForeignKey(text), { from: ["a", 'b "c'], to: ["d", "e"] });
    assert.equal(parseForeignKey("CHECK (a > 0)"), undefined);
  });

  it("names the schemas of a search path", () => {
    assert.deepEqual(parseSearchPath('"$user", public, "My Schema"', "clerk"), ["clerk", "public", "My Schema"]);
  });
});
