import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { CopyInTarget, Engine, TableInfo } from "../../src/engines/engine.ts";
import { ShellError } from "../../src/errors.ts";
import type { RowFormat } from "../../src/formats/rows.ts";
import { streamOf, textOf, utf8, type ByteStream } from "../../src/std/bytes.ts";
import { collect, failureOf, rowsOfBlocks, tableOf, targetOf } from "./engine-support.ts";
import { HOSTILE_ROWS, HOSTILE_TABLE, LONG_TEXT_CHARACTERS } from "./hostile-rows.ts";

export function registerTransfers(engine: () => Engine): void {
  const roundTrip = async (rowFormat: RowFormat, context: TestContext): Promise<void> => {
    if (rowFormat === "binary" && !engine().capabilities.copyBinary) {
      context.skip("runs on engines that have COPY BINARY, as PostgreSQL");
      return;
    }
    await collect(engine().run(HOSTILE_TABLE(`hostile_${rowFormat}`)));
    await collect(engine().run(`INSERT INTO hostile_${rowFormat} ${HOSTILE_ROWS}`));
    await collect(engine().run(`CREATE TABLE returned_${rowFormat} (LIKE hostile_${rowFormat})`));
    const rows: Uint8Array[] = [];
    let table: TableInfo;
    {
      await using snapshot = await engine().openSnapshot();
      table = await tableOf(snapshot, `hostile_${rowFormat}`);
      assert.equal(table.rowFormat, "binary");
      rows.push(...(await rowsOfBlocks(snapshot.copyOut(table, { rowFormat }))));
    }
    assert.ok(rows.some((row) => row.length > LONG_TEXT_CHARACTERS));
    const taken = await engine().copyIn(targetOf(`returned_${rowFormat}`, table, rowFormat), streamOf(...rows));
    assert.equal(taken, BigInt(rows.length));
    const [from, to] = [`SELECT h::text FROM hostile_${rowFormat} h`, `SELECT r::text FROM returned_${rowFormat} r`];
    const missing = await engine().rows(`SELECT count(*) FROM (${from} EXCEPT ALL ${to}) AS m`);
    const added = await engine().rows(`SELECT count(*) FROM (${to} EXCEPT ALL ${from}) AS a`);
    assert.deepEqual([missing, added], [[["0"]], [["0"]]]);
    assert.deepEqual(await engine().rows(`SELECT count(*) FROM returned_${rowFormat}`), [[String(rows.length)]]);
  };

  void test("hostile values survive COPY out and in as text", (context) => roundTrip("text", context));
  void test("hostile values survive COPY out and in as binary", (context) => roundTrip("binary", context));

  void test("an empty table gives no rows in either form", async () => {
    await collect(engine().run("CREATE TABLE hollow (n int)"));
    await using snapshot = await engine().openSnapshot();
    const table = await tableOf(snapshot, "hollow");
    for (const rowFormat of ["binary", "text"] as const) {
      assert.deepEqual(await rowsOfBlocks(snapshot.copyOut(table, { rowFormat })), []);
    }
  });

  void test("block ranges together give every row once", async () => {
    await collect(
      engine().run("CREATE TABLE ranged AS SELECT n, repeat('r', 200) AS t FROM generate_series(1, 5000) AS n"),
    );
    await using snapshot = await engine().openSnapshot();
    const table = await tableOf(snapshot, "ranged");
    assert.ok(table.blocks > 100);
    const seen: string[] = [];
    const ranges = [{ fromBlock: 0, toBlock: 50 }, { fromBlock: 50, toBlock: 100 }, { fromBlock: 100 }];
    for (const range of ranges) {
      const rows = await rowsOfBlocks(snapshot.copyOut(table, { rowFormat: "text", range }));
      assert.ok(rows.length > 0);
      seen.push(...rows.map((row) => textOf(row).split("\t")[0] ?? ""));
    }
    assert.equal(seen.length, 5000);
    assert.equal(new Set(seen).size, 5000);
  });

  void test("a failing load leaves nothing behind and the session usable", async () => {
    await collect(engine().run("CREATE TABLE untouched (n int)"));
    const target: CopyInTarget = {
      schema: "public",
      name: "untouched",
      columns: ["n"],
      rowFormat: "text",
      freeze: false,
    };
    const malformed = await failureOf(engine().copyIn(target, streamOf(utf8("1\n"), utf8("x\n"))));
    assert.equal(malformed.sqlState, "22P02");
    const broken = new ShellError("storage/unavailable", "the shelf fell down");
    const failing = async function* (): ByteStream {
      yield utf8("1\n");
      throw broken;
    };
    assert.equal(await failureOf(engine().copyIn(target, failing())), broken);
    assert.equal(engine().transaction, "idle");
    assert.deepEqual(await engine().rows("SELECT count(*) FROM untouched"), [["0"]]);
  });

  void test("a load with freeze replaces what the table held", async () => {
    await collect(engine().run("CREATE TABLE frozen AS SELECT 1 AS n"));
    const target: CopyInTarget = { schema: "public", name: "frozen", columns: ["n"], rowFormat: "text", freeze: true };
    assert.equal(await engine().copyIn(target, streamOf(utf8("2\n3\n"))), 2n);
    assert.deepEqual(await engine().rows("SELECT n FROM frozen ORDER BY n"), [["2"], ["3"]]);
  });

  void test("a load is refused inside a transaction", async () => {
    await collect(engine().run("CREATE TABLE outside (n int); BEGIN"));
    const target: CopyInTarget = {
      schema: "public",
      name: "outside",
      columns: ["n"],
      rowFormat: "text",
      freeze: false,
    };
    const error = await failureOf(engine().copyIn(target, streamOf(utf8("2\n"))));
    await collect(engine().run("ROLLBACK"));
    assert.equal(error.code, "statement/transaction");
  });
}
