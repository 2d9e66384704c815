// COPY(UNLOAD(t)) = t, for tables of hostile values, through every format that can hold them.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { quoteLiteral } from "../../src/engines/sql.ts";
import { BackupWorld, type TestSession } from "../harness/backup-world.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";

const RUNS = Number(process.env["RUNS"] ?? 12);

let server: TestPostgres;
let world: BackupWorld;
let session: TestSession;
let number = 0;

before(async () => {
  world = await BackupWorld.open();
  server = await startPostgres();
  session = world.postgres(server.settings);
  await session.ok("CREATE KMS KEY 'local-kms:///k'");
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await server.stop();
});

const PIECES = [
  "|",
  ",",
  '"',
  "'",
  "\\",
  "\n",
  "\r",
  "\t",
  "\r\n",
  "\\N",
  "\\.",
  "",
  " ",
  "a",
  "é",
  "🪁",
  "\u2028",
  "\ufeff",
  "{",
  "NULL",
  "\b",
  "\u0001",
];
const text = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary" }).filter((value) => !value.includes("\0") && value.isWellFormed()),
);
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 4 });

const row = fc.record({
  i: orNull(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
  n: orNull(fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }).map((digits) => `${digits}e-9`)),
  f: orNull(fc.double({ noDefaultInfinity: true, noNaN: true }).map(String)),
  b: orNull(fc.boolean().map(String)),
  d: orNull(fc.integer({ min: -1_500_000, max: 1_500_000 }).map((days) => `${days}`)),
  ts: orNull(fc.bigInt({ min: -(10n ** 16n), max: 10n ** 17n }).map(String)),
  x: orNull(fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString("hex"))),
  t: orNull(text),
});

type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;

const literal = (value: string | null): string => (value === null ? "NULL" : quoteLiteral(value));

function insert(rows: readonly Row[]): string {
  const values = rows.map((one, at) => {
    const [days, micros] = [literal(one.d), literal(one.ts)];
    return `(${at}, ${literal(one.i)}::bigint, ${literal(one.n)}::numeric(38,9), ${literal(one.f)}::float8, ${literal(one.b)}::boolean,
      DATE '1970-01-01' + ${days}::int, TIMESTAMP '1970-01-01' + ${micros}::bigint * INTERVAL '1 microsecond',
      TIMESTAMPTZ '1970-01-01 00:00+00' + ${micros}::bigint * INTERVAL '1 microsecond', decode(${literal(one.x)}, 'hex'), ${literal(one.t)})`;
  });
  return `INSERT INTO s VALUES ${values.join(",\n")}`;
}

/** A marker that no value holds. */
const NULL_AS = "NULL AS 'nil-0f3a'";

/** How the files are written and read; neither JSON nor PARQUET holds VARBYTE, and with it all rows are loaded as text. */
const WAYS: Readonly<Record<string, readonly [unload: string, copy: string, columns?: string]>> = {
  text: [`ESCAPE ${NULL_AS}`, `ESCAPE ${NULL_AS}`],
  quoted: [`ADDQUOTES ESCAPE ${NULL_AS} DELIMITER ','`, `REMOVEQUOTES ESCAPE ${NULL_AS} DELIMITER ','`],
  "csv, zstd, encrypted": [
    `CSV ${NULL_AS} ZSTD MANIFEST WITH kms = 'local-kms:///k'`,
    `CSV ${NULL_AS} ZSTD WITH kms = 'local-kms:///k'`,
  ],
  "quoted, in binary form": [
    `ADDQUOTES ESCAPE ${NULL_AS}`,
    `REMOVEQUOTES ESCAPE ${NULL_AS}`,
    "id, i, n, f, b, d, ts, tz, t",
  ],
  "csv, in binary form": [`CSV ${NULL_AS}`, `CSV ${NULL_AS}`, "id, i, n, f, b, d, ts, tz, t"],
  "json, gzip": ["JSON GZIP", "JSON 'auto' GZIP", "id, i, n, f, b, d, ts, tz, t"],
  parquet: ["PARQUET", "PARQUET", "id, i, n, f, b, d, ts, tz, t"],
  "bzip2 with a header": [`HEADER ESCAPE ${NULL_AS} BZIP2`, `IGNOREHEADER 1 ESCAPE ${NULL_AS} BZIP2`],
};

describe("what UNLOAD wrote, COPY reads", () => {
  for (const [name, [unload, copy, columns]] of Object.entries(WAYS)) {
    it(name, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async (rows) => {
          const target = `file://${join(world.directory, `p${(number += 1)}`)}/x_`;
          await session.ok(`DROP TABLE IF EXISTS s, c; CREATE TABLE s (id int, i bigint, n numeric(38,9), f float8, b boolean,
            d date, ts timestamp, tz timestamptz, x bytea, t text); CREATE TABLE c (LIKE s)`);
          await session.ok(insert(rows));
          await session.ok(`UNLOAD ($$SELECT ${columns ?? "*"} FROM s$$) TO '${target}' ${unload}`);
          await session.ok(`COPY c ${columns === undefined ? "" : `(${columns})`} FROM '${target}' ${copy}`);
          const [before, now] = [
            await session.ok(`SELECT ${columns ?? "*"} FROM s ORDER BY id`),
            await session.ok(`SELECT ${columns ?? "*"} FROM c ORDER BY id`),
          ];
          assert.deepEqual(now.rows, before.rows);
        }),
        { numRuns: RUNS },
      );
    });
  }
});
