import { DuckDBInstance } from "@duckdb/node-api";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ShellError } from "../../src/errors.ts";
import { ByteSink } from "../../src/formats/byte-sink.ts";
import { ParquetFile } from "../../src/formats/parquet-file.ts";
import type { SourceColumn } from "../../src/formats/source-column.ts";
import { utf8 } from "../../src/std/bytes.ts";

const GROUP_BYTES = 1 << 20;

function column(name: string, typeOid: number, typeModifier = -1): SourceColumn {
  return { name, typeOid, typeModifier };
}

/** NUMERIC(p, s). */
function decimal(name: string, precision: number, scale: number): SourceColumn {
  return column(name, 1700, ((precision << 16) | (scale & 0x7ff)) + 4);
}

function fileOf(columns: readonly SourceColumn[], rows: Iterable<string>): { bytes: Uint8Array; groups: number } {
  const file = new ParquetFile(columns, GROUP_BYTES);
  const out = new ByteSink();
  let groups = 0;
  for (const row of rows) {
    const bytes = utf8(row);
    if (file.add(bytes, 0, bytes.length, out)) groups += 1;
  }
  file.end(out);
  return { bytes: out.take(), groups };
}

/** What DuckDB, another reader, finds in a file. */
async function query(bytes: Uint8Array, sql: string): Promise<readonly (readonly unknown[])[]> {
  const folder = mkdtempSync(join(tmpdir(), "sealift-parquet-"));
  try {
    const path = join(folder, "file.parquet");
    writeFileSync(path, bytes);
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(sql.replaceAll("FILE", `'${path}'`));
    connection.closeSync();
    instance.closeSync();
    return reader.getRowsJson();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const EVERY = [
  column("small", 21),
  column("whole", 23),
  column("big", 20),
  column("r", 700),
  column("d", 701),
  column("yes", 16),
  column("day", 1082),
  column("at", 1114),
  column("atz", 1184),
  column("t", 1083),
  decimal("p5", 5, 2),
  decimal("p18", 18, 0),
  decimal("p38", 38, 10),
  column("any", 1700),
  column("word", 25),
  column("c", 1042, 8),
  column("j", 3802),
];

describe("PARQUET, read by DuckDB", () => {
  it("holds every type exactly", async () => {
    const rows = [
      '-32768\t-2147483648\t-9223372036854775808\t1.5\t5e-324\tt\t0001-01-01\t1969-12-31 23:59:59.999999\t2026-01-02 03:04:05.678+00\t23:59:59.000001\t-999.99\t-999999999999999999\t-9999999999999999999999999999.9999999999\t1.10\ta\\tb\\n\\\\🪁\tab  \t{"a": 1}',
      "32767\t2147483647\t9223372036854775807\t-0\t-Infinity\tf\t9999-12-31\t2026-02-28 00:00:00\t0001-01-01 00:00:00+00 BC\t00:00:00\t0.01\t1\t0.0000000001\tNaN\t\t\tnull",
      Array.from({ length: EVERY.length }, () => "\\N").join("\t"),
    ];
    const { bytes } = fileOf(EVERY, rows);
    const found = await query(bytes, "SELECT * REPLACE (CAST(atz AT TIME ZONE 'UTC' AS VARCHAR) AS atz) FROM FILE");
    assert.deepEqual(found, [
      [
        -32768,
        -2147483648,
        "-9223372036854775808",
        1.5,
        5e-324,
        true,
        "0001-01-01",
        "1969-12-31 23:59:59.999999",
        "2026-01-02 03:04:05.678",
        "23:59:59.000001",
        "-999.99",
        "-999999999999999999",
        "-9999999999999999999999999999.9999999999",
        "1.10",
        "a\tb\n\\🪁",
        "ab",
        '{"a": 1}',
      ],
      [
        32767,
        2147483647,
        "9223372036854775807",
        -0,
        "-Infinity",
        false,
        "9999-12-31",
        "2026-02-28 00:00:00",
        "0001-01-01 (BC) 00:00:00",
        "00:00:00",
        "0.01",
        "1",
        "0.0000000001",
        "NaN",
        "",
        "",
        "null",
      ],
      EVERY.map(() => null),
    ]);
  });

  it("has the types of the columns", async () => {
    const { bytes } = fileOf(EVERY, []);
    const found = await query(bytes, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM FILE)");
    assert.deepEqual(
      found.map(([, type]) => type),
      [
        "INTEGER",
        "INTEGER",
        "BIGINT",
        "FLOAT",
        "DOUBLE",
        "BOOLEAN",
        "DATE",
        "TIMESTAMP",
        "TIMESTAMP WITH TIME ZONE",
        "TIME",
        "DECIMAL(5,2)",
        "DECIMAL(18,0)",
        "DECIMAL(38,10)",
        "VARCHAR",
        "VARCHAR",
        "VARCHAR",
        "VARCHAR",
      ],
    );
  });

  it("is cut into row groups of bounded size, and nothing is lost between them", async () => {
    const rows = Array.from({ length: 50_000 }, (_, index) => `${index}\tword ${index % 1000}`);
    const { bytes, groups } = fileOf([column("i", 23), column("w", 25)], rows);
    assert.ok(groups >= 6, `${groups} groups`);
    assert.deepEqual(await query(bytes, "SELECT count(*)::int, sum(i)::int, count(DISTINCT w)::int FROM FILE"), [
      [50_000, 1_249_975_000, 1000],
    ]);
    const [[largest] = []] = await query(bytes, "SELECT max(row_group_num_rows)::int FROM parquet_metadata(FILE)");
    assert.ok(Number(largest) <= GROUP_BYTES / 128, `${String(largest)} rows`);
  });

  it("refuses what the types cannot hold, naming the column", () => {
    for (const [oid, value] of [
      [1082, "infinity"],
      [1114, "-infinity"],
    ] as const) {
      assert.throws(
        () => fileOf([column("when", oid)], [value]),
        (thrown) =>
          thrown instanceof ShellError && thrown.code === "option/value" && /of column when/.test(thrown.message),
      );
    }
    assert.throws(() => fileOf([decimal("n", 5, 2)], ["NaN"]), /NaN of column n/);
  });
});
