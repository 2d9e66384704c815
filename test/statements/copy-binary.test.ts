// Rows go to the database in binary form or as text, and a COPY changes from one to the other: nothing but the speed
// tells which. A column's default notes the statement that each row came with.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { copyStage } from "../harness/copy-stage.ts";

const stage = copyStage();

const COUNT = 120_000;
/** Read by the reader of all cases alone. */
const ODD = new Set([10, 60_000, 60_001, COUNT - 1]);

async function createTable(constraints: string): Promise<void> {
  await stage.session.ok("DROP TABLE IF EXISTS t");
  await stage.session.ok(`CREATE TABLE t (id int ${constraints}, name text, how text DEFAULT current_query())`);
}

function lines(more: (at: number) => string = () => ""): string {
  const line = (at: number): string => `${ODD.has(at) ? " " : ""}${at}|name of row number ${at} é${more(at)}\n`;
  return Array.from({ length: COUNT }, (_, at) => line(at)).join("");
}

/** How many rows came in each form, and how often the form changed from one row to the next. */
async function forms(): Promise<readonly [binary: number, text: number, changes: number]> {
  const { rows } = await stage.session.ok(`SELECT count(*) FILTER (WHERE how LIKE '%FORMAT binary%'),
    count(*) FILTER (WHERE how LIKE '%FORMAT text%'), count(*) FILTER (WHERE how <> before)
    FROM (SELECT how, lag(how) OVER (ORDER BY id) AS before FROM t) AS one`);
  const [binary, text, changes] = (rows[0] ?? []).map(Number);
  return [binary ?? 0, text ?? 0, changes ?? 0];
}

describe("COPY in binary form", () => {
  it("takes rows as programs write them", async () => {
    await createTable("");
    await stage.put("r", "1|a\n2|\\N\n-3|\n");
    await stage.session.ok(`COPY t (id, name) FROM '${stage.uri("r")}' NULL AS '\\N'`);
    assert.deepEqual(await forms(), [3, 0, 0]);
    const { rows } = await stage.session.ok("SELECT id, name FROM t ORDER BY id");
    assert.deepEqual(rows, [
      ["-3", ""],
      ["1", "a"],
      ["2", null],
    ]);
  });

  it("gives way to text for a while after a row that is not plain, and comes back", async () => {
    await createTable("");
    await stage.put("r", lines());
    await stage.session.ok(`COPY t (id, name) FROM '${stage.uri("r")}'`);
    const [binary, text, changes] = await forms();
    assert(binary > 0 && text > 0 && changes >= 3, `${binary} binary, ${text} text, ${changes} changes`);
    const { rows } = await stage.session.ok(
      "SELECT count(*), sum(id), count(DISTINCT name), bool_and(name LIKE '% é') FROM t",
    );
    assert.deepEqual(rows, [[String(COUNT), String((COUNT * (COUNT - 1)) / 2), String(COUNT), "t"]]);
  });

  it("tells of rows that the database refuses as it does of text", async () => {
    await createTable("CHECK (id NOT IN (5, 40000, 70000, 119000))");
    await stage.put(
      "r",
      lines((at) => (at === 100 ? "|x" : "")),
    );
    await stage.session.ok(`COPY t (id, name) FROM '${stage.uri("r")}' MAXERROR 10`);
    const told = stage.session.live.loadErrors.kept.map(({ line, code, rawLine }) => [line, code, rawLine]);
    assert.deepEqual(
      told.toSorted(([a], [b]) => Number(a) - Number(b)),
      [
        [6, 1200, "5\\tname of row number 5 é"],
        [101, 1202, "100|name of row number 100 é|x"],
        [40_001, 1200, "40000\\tname of row number 40000 é"],
        [70_001, 1200, "70000\\tname of row number 70000 é"],
        [119_001, 1200, "119000\\tname of row number 119000 é"],
      ],
    );
    assert.equal((await stage.session.ok("SELECT count(*) FROM t")).rows[0]?.[0], String(COUNT - 5));
    await stage.put("whole", lines());
    const error = await stage.session.fails(`COPY t (id, name) FROM '${stage.uri("whole")}'`, "load/rows");
    assert.match(error.detail[0] ?? "", /line 6: "5\\tname of row number 5 é": .*violates check constraint/u);
    assert.equal(error.note, "nothing was loaded");
  });

  it("names the column and the value that the database refuses", async () => {
    await stage.session.ok("CREATE DOMAIN small AS int CHECK (VALUE < 10)");
    await stage.session.ok("DROP TABLE t; CREATE TABLE t (name text, id small, doc jsonb)");
    await stage.put("r", '"a"|"1"|"{}"\n"b"|"12"|"{}"\n"c"|"3"|"{x"\n');
    const copy = `COPY t FROM '${stage.uri("r")}' REMOVEQUOTES`;
    const first = await stage.session.fails(copy, "load/rows");
    assert.match(first.detail[0] ?? "", /line 2, column id \(small\): "12": .*check constraint/u);
    await stage.session.ok(`${copy} MAXERROR 3`);
    const kept = stage.session.live.loadErrors.kept.map(({ line, column, code, rawValue }) => [
      line,
      column,
      code,
      rawValue,
    ]);
    assert.deepEqual(kept, [
      [2, "id", 1200, "12"],
      [3, "doc", 1224, "{x"],
    ]);
  });

  it("is not for a session whose text is in another encoding", async () => {
    await createTable("");
    await stage.put("r", "1|é\n");
    await stage.session.ok("SET client_encoding = 'LATIN1'");
    await stage.session.ok(`COPY t (id, name) FROM '${stage.uri("r")}'`);
    await stage.session.ok("RESET client_encoding");
    assert.deepEqual(await forms(), [0, 1, 0]);
    assert.deepEqual((await stage.session.ok("SELECT name FROM t")).rows, [["é"]]);
  });
});
