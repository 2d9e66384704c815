// PARQUET that DuckDB wrote and AVRO that avsc wrote.
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { deflateRawSync, zstdCompressSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import avro from "avsc";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";

let server: TestPostgres;
let world: BackupWorld;
let session: TestSession;
let folder: string;
let number = 0;

before(async () => {
  world = await BackupWorld.open();
  server = await startPostgres();
  session = world.postgres(server.settings);
  await session.ok("SET timezone = 'Asia/Tokyo'");
});

beforeEach(async () => {
  folder = join(world.directory, `in-${(number += 1)}`);
  await mkdir(folder, { recursive: true });
  await session.ok("DROP TABLE IF EXISTS t");
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await server.stop();
});

const rowsOf = async (sql: string): Promise<readonly (readonly (string | null)[])[]> => (await session.ok(sql)).rows;

async function duckdb(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

describe("PARQUET of DuckDB", () => {
  const VALUES = `SELECT * FROM (VALUES
    (1::SMALLINT, -2::INTEGER, 9007199254740993::BIGINT, 12345678901234567890123456789.123456789::DECIMAL(38,9), 1.05::DECIMAL(4,2), 0.1::REAL,
     1e300::DOUBLE, true, 'é🪁', DATE '1969-12-31', TIMESTAMP '2020-01-02 03:04:05.123456', TIMESTAMPTZ '2020-01-02 03:04:05.5+00', '\\x00\\xFF'::BLOB, TIME '23:59:59.999999'),
    (NULL, NULL, NULL, -0.000000001, -1.05, NULL, NULL, false, '', DATE '0044-03-15 (BC)', TIMESTAMP '1969-12-31 23:59:59.999999', NULL, NULL, NULL))
    AS v(a, b, c, d, e, f, g, h, i, j, k, l, m, n)`;
  const TABLE = `CREATE TABLE t (a smallint, b int, c bigint, d numeric(38,9), e numeric(4,2), f real, g float8, h boolean,
    i varchar(10), j date, k timestamp, l timestamptz, m bytea, n time)`;

  for (const compression of ["snappy", "zstd", "gzip", "uncompressed"]) {
    it(`is exact (${compression})`, async () => {
      await duckdb(`COPY (${VALUES}) TO '${folder}/p' (FORMAT parquet, COMPRESSION ${compression})`);
      await session.ok(TABLE);
      await session.ok(`COPY t FROM 'file://${folder}/p' PARQUET`);
      const rows = await rowsOf(
        "SELECT a, b, c, d, e, f, g, h, i, j, k, l AT TIME ZONE 'UTC', m, n FROM t ORDER BY e DESC",
      );
      assert.deepEqual(rows, [
        [
          "1",
          "-2",
          "9007199254740993",
          "12345678901234567890123456789.123456789",
          "1.05",
          "0.1",
          "1e+300",
          "t",
          "é🪁",
        ].concat(["1969-12-31", "2020-01-02 03:04:05.123456", "2020-01-02 03:04:05.5", "\\x00ff", "23:59:59.999999"]),
        [
          null,
          null,
          null,
          "-0.000000001",
          "-1.05",
          null,
          null,
          "f",
          "",
          "0044-03-15 BC",
          "1969-12-31 23:59:59.999999",
          null,
          null,
          null,
        ],
      ]);
    });
  }

  it("of many row groups, in order of their lines", async () => {
    await duckdb(
      `COPY (SELECT i, 'v' || i FROM range(30000) r(i)) TO '${folder}/p' (FORMAT parquet, ROW_GROUP_SIZE 4096)`,
    );
    await session.ok("CREATE TABLE t (id bigint CHECK (id <> 20000), name text)");
    const error = await session.fails(`COPY t FROM 'file://${folder}/p' PARQUET`, "load/rows");
    assert.match(error.detail[0] ?? "", /p, line 20001: /);
    await session.ok("ALTER TABLE t DROP CONSTRAINT t_id_check");
    await session.ok(`COPY t FROM 'file://${folder}/p' PARQUET`);
    assert.deepEqual(await rowsOf("SELECT count(*), sum(id), count(DISTINCT name) FROM t"), [
      ["30000", "449985000", "30000"],
    ]);
  });

  it("is exact in what is nested too", async () => {
    await duckdb(
      `COPY (SELECT map {'é1': 1, 'b': NULL} AS m, [12345678901234567890123456789.123456789::DECIMAL(38,9), NULL] AS list,
         {'day': DATE '0044-03-15 (BC)', 'time': TIME '01:02:03.5', 'price': -1.05::DECIMAL(4,2), 'bytes': '\\xFF'::BLOB,
          'list': [[1], []], 'maps': [map {DATE '2020-01-02': 0.10::DECIMAL(18,2)}], 'real': 'NaN'::DOUBLE} AS s
       UNION ALL SELECT NULL, [], NULL) TO '${folder}/p' (FORMAT parquet)`,
    );
    await session.ok("CREATE TABLE t (m json, list json, s json)");
    await session.ok(`COPY t FROM 'file://${folder}/p' PARQUET SERIALIZETOJSON`);
    assert.deepEqual(await rowsOf("SELECT * FROM t"), [
      [
        '{"é1":1,"b":null}',
        "[12345678901234567890123456789.123456789,null]",
        '{"day":"0044-03-15 BC","time":"01:02:03.5","price":-1.05,"bytes":"ff","list":[[1],[]],' +
          '"maps":[{"2020-01-02":0.10}],"real":"NaN"}',
      ],
      [null, "[]", null],
    ]);
  });

  it("goes by order, and says what does not fit", async () => {
    await duckdb(
      `COPY (SELECT 1 AS x, [1, 2] AS list, {'a': 9007199254740993, 'b': 'é'} AS s) TO '${folder}/p' (FORMAT parquet)`,
    );
    await session.ok("CREATE TABLE t (a int, b jsonb, c jsonb, d text)");
    const copy = `COPY t FROM 'file://${folder}/p' PARQUET`;
    assert.match((await session.fails(copy, "load/file")).detail.join(), /Table columns: 4, Data columns: 3/);
    assert.equal(
      (await session.fails(`${copy} FILLRECORD`, "load/file")).message,
      "SUPER column in COPY query requires SERIALIZETOJSON option",
    );
    await session.fails(`COPY t (a, b, c) FROM 'file://${folder}/p' PARQUET SERIALIZETOJSON (list)`, "load/file");
    await session.ok(`${copy} FILLRECORD SERIALIZETOJSON (list, s)`);
    assert.deepEqual(await rowsOf("SELECT * FROM t"), [["1", "[1, 2]", '{"a": 9007199254740993, "b": "é"}', null]]);
    await session.ok("ALTER TABLE t ALTER a TYPE date USING NULL");
    const refused = await session.fails(`${copy} FILLRECORD SERIALIZETOJSON (list, s)`, "load/rows");
    assert.equal(refused.hint, "\\errors lists the rows that were refused");
    await writeFile(join(folder, "p"), "PAR1 no parquet PAR1");
    await session.fails(copy, "load/file");
    const { length } = await readFile(join(folder, "p"));
    assert.ok(length > 0);
  });
});

describe("AVRO", () => {
  const SCHEMA = {
    type: "record",
    name: "r",
    fields: [
      { name: "id", type: "long" },
      { name: "name", type: ["null", "string"] },
      { name: "price", type: { type: "bytes", logicalType: "decimal", precision: 10, scale: 2 } },
      { name: "day", type: { type: "int", logicalType: "date" } },
      { name: "at", type: { type: "long", logicalType: "timestamp-micros" } },
      { name: "kind", type: { type: "enum", name: "k", symbols: ["A", "B"] } },
      { name: "tags", type: { type: "map", values: { type: "array", items: ["null", "int", "string"] } } },
      { name: "ignored", type: "boolean" },
    ],
  } as const;

  const long = (value: bigint | number): Buffer => {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    return Buffer.from([...bytes, Number(rest)]);
  };
  const text = (value: string): Buffer => Buffer.concat([long(Buffer.byteLength(value)), Buffer.from(value)]);

  /** Encoded by hand, with numbers beyond what JavaScript's hold. */
  const record = (id: bigint): Buffer =>
    Buffer.concat([
      long(id),
      id % 2n === 0n ? long(0) : Buffer.concat([long(1), text(`näme ${id}`)]),
      long(2),
      Buffer.of(0xff, 0x38),
      long(-1),
      long(1_577_934_245_123_456n),
      long(1),
      Buffer.concat([long(1), text("x"), long(3), long(0), long(1), long(7), long(2), text("s"), long(0), long(0)]),
      Buffer.of(1),
    ]);

  const SYNC = Buffer.alloc(16, 7);
  function container(codec: string, blocks: readonly (readonly Buffer[])[], compress: (b: Buffer) => Buffer): Buffer {
    const meta = [text("avro.schema"), text(JSON.stringify(SCHEMA)), text("avro.codec"), text(codec)];
    const parts = [Buffer.from("Obj\u0001"), long(2), ...meta, long(0), SYNC];
    for (const records of blocks) {
      const data = compress(Buffer.concat(records));
      parts.push(long(records.length), long(data.length), data, SYNC);
    }
    return Buffer.concat(parts);
  }

  const BIG = 9_007_199_254_740_993n;
  const CODECS: Readonly<Record<string, (data: Buffer) => Buffer>> = {
    null: (data) => data,
    deflate: (data) => deflateRawSync(data),
    zstandard: (data) => zstdCompressSync(data),
    // Snappy of literals only: the length, then runs of at most 60 bytes.
    snappy: (data) => {
      const parts: Buffer[] = [];
      let length = data.length;
      const head: number[] = [];
      for (; length > 127; length >>>= 7) head.push((length & 127) | 128);
      for (let at = 0; at < data.length; at += 60) {
        const run = data.subarray(at, at + 60);
        parts.push(Buffer.of((run.length - 1) << 2), run);
      }
      return Buffer.concat([Buffer.from([...head, length]), ...parts, Buffer.alloc(4)]);
    },
  };

  const TABLE =
    "CREATE TABLE t (name text, id bigint, price numeric(10,2), day date, at timestamp, kind text, tags jsonb, missing int)";

  for (const [codec, compress] of Object.entries(CODECS)) {
    it(`of codec ${codec}`, async () => {
      await writeFile(join(folder, "a"), container(codec, [[record(BIG), record(2n)], [record(3n)]], compress));
      await session.ok(TABLE);
      await session.ok(`COPY t FROM 'file://${folder}/a' AVRO 'auto'`);
      const same = ["-2.00", "1969-12-31", "2020-01-02 03:04:05.123456", "B", '{"x": [null, 7, "s"]}', null];
      assert.deepEqual(await rowsOf("SELECT * FROM t ORDER BY id"), [
        [null, "2", ...same],
        ["näme 3", "3", ...same],
        [`näme ${BIG}`, String(BIG), ...same],
      ]);
    });
  }

  it("that avsc wrote, by JSONPaths", async () => {
    const type = avro.Type.forSchema({
      type: "record",
      name: "p",
      fields: [
        {
          name: "o",
          type: { type: "record", name: "q", fields: [{ name: "x", type: { type: "array", items: "int" } }] },
        },
      ],
    });
    const written = Promise.withResolvers<void>();
    const encoder = avro.createFileEncoder(join(folder, "a"), type);
    encoder.on("finish", () => setTimeout(written.resolve, 50));
    encoder.end({ o: { x: [1, 2, 3] } });
    await written.promise;
    await mkdir(join(folder, "paths"));
    await writeFile(join(folder, "paths/p.json"), JSON.stringify({ jsonpaths: ["$.o.x[1]", "$['o']"] }));
    await session.ok("CREATE TABLE t (second int, o jsonb)");
    await session.ok(`COPY t FROM 'file://${folder}/a' AVRO 'file://${folder}/paths/p.json'`);
    assert.deepEqual(await rowsOf("SELECT * FROM t"), [["2", '{"x": [1, 2, 3]}']]);
    await writeFile(join(folder, "paths/p.json"), JSON.stringify({ jsonpaths: ["$.o.x[9]", "$.o"] }));
    const error = await session.fails(
      `COPY t FROM 'file://${folder}/a' AVRO 'file://${folder}/paths/p.json'`,
      "load/file",
    );
    assert.equal(error.message, "Invalid JSONPath format: Not an array or index out of range.");
    await writeFile(join(folder, "paths/p.json"), JSON.stringify({ jsonpaths: ["$.o"] }));
    await session.fails(`COPY t FROM 'file://${folder}/a' AVRO 'file://${folder}/paths/p.json'`, "load/file");
    await writeFile(join(folder, "paths/p.json"), JSON.stringify({ jsonpaths: ["$.*", "$.o"] }));
    await session.fails(`COPY t FROM 'file://${folder}/a' AVRO 'file://${folder}/paths/p.json'`, "load/file");
  });

  it("that is damaged is refused", async () => {
    const whole = container("null", [[record(1n)]], (data) => data);
    await session.ok(TABLE);
    for (const end of [2, 30, whole.length - 1, whole.length - 20]) {
      await writeFile(join(folder, "a"), whole.subarray(0, end));
      await session.fails(`COPY t FROM 'file://${folder}/a' AVRO`, "load/file");
    }
    await writeFile(
      join(folder, "a"),
      container("lzma", [[record(1n)]], (data) => data),
    );
    await session.fails(`COPY t FROM 'file://${folder}/a' AVRO`, "load/file");
  });
});
