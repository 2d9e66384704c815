import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as fc from "fast-check";
import { quoteIdentifier, quoteLiteral } from "../../src/engines/sql.ts";
import { BackupWorld, openServer } from "../harness/backup-world.ts";
import { readState } from "../harness/database-state.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";

let server: TestPostgres;
let world: BackupWorld;

before(async () => {
  world = await BackupWorld.open();
  server = await startPostgres();
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await server.stop();
});

/** Any text a database of UTF-8 takes: no NUL, no half of a surrogate pair. */
const text = fc.string({ unit: "binary", maxLength: 20 }).map((value) => value.replaceAll(/[\0\uD800-\uDFFF]/gu, ""));
const name = text
  .map((value) => value.slice(0, 12))
  .filter((value) => value !== "" && !/^(oid|ctid|xmin|xmax|cmin|cmax|tableoid|pg_.*)$/iu.test(value));

/** A type and values of it as SQL expressions. */
const COLUMNS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  text: text.map(quoteLiteral),
  "varchar(40)": text.map(quoteLiteral),
  bytea: fc.uint8Array({ maxLength: 20 }).map((bytes) => `'\\x${Buffer.from(bytes).toString("hex")}'::bytea`),
  integer: fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }).map(String),
  bigint: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }).map(String),
  "double precision": fc.double().map((value) => `'${value}'::float8`),
  numeric: fc.tuple(fc.bigInt(), fc.nat(40)).map(([digits, scale]) => `'${digits}e-${scale}'::numeric`),
  boolean: fc.boolean().map(String),
  jsonb: fc.json({ maxDepth: 2 }).map((json) => `${quoteLiteral(json.replaceAll("\\u0000", ""))}::jsonb`),
  timestamptz: fc.integer({ min: -9e9, max: 9e9 }).map((seconds) => `to_timestamp(${seconds})`),
  uuid: fc.uuid().map(quoteLiteral),
  "text[]": fc.array(text, { maxLength: 3 }).map((items) => `ARRAY[${items.map(quoteLiteral).join(", ")}]::text[]`),
  tsvector: text.map((value) => `to_tsvector('simple', ${quoteLiteral(value)})`),
  mood: fc.constantFrom("'calm'", "'wild'"),
  "mood[]": fc.constantFrom("'{}'", "'{calm,NULL}'"),
  pair: fc.tuple(fc.integer({ max: 9 }), text).map(([a, b]) => `ROW(${a}, ${quoteLiteral(b)})::pair`),
  int4range: fc.tuple(fc.nat(9), fc.nat(9)).map(([from, length]) => `int4range(${from}, ${from + length})`),
};

const table = fc
  .record({
    name,
    columns: fc.uniqueArray(fc.tuple(name, fc.constantFrom(...Object.keys(COLUMNS))), {
      selector: ([one]) => one,
      maxLength: 6,
    }),
  })
  .chain((shape) => {
    const cells = shape.columns.map(([, type]) => fc.option(COLUMNS[type] ?? fc.constant("NULL"), { nil: "NULL" }));
    return fc.record({ ...fcConstant(shape), rows: fc.array(fc.tuple(...cells), { maxLength: 8 }) });
  });

function fcConstant<T extends object>(value: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fc.constant(one)])) as never;
}

type Table = typeof table extends fc.Arbitrary<infer T> ? T : never;

function createTable({ name: table, columns, rows }: Table): string {
  const list = columns.map(([column, type]) => `${quoteIdentifier(column)} ${type}`);
  const create = `CREATE TABLE ${quoteIdentifier(table)} (${list.join(", ")});`;
  if (rows.length === 0) return create;
  if (columns.length === 0) return `${create} INSERT INTO ${quoteIdentifier(table)} DEFAULT VALUES;`;
  return `${create} INSERT INTO ${quoteIdentifier(table)} VALUES ${rows.map((row) => `(${row.join(", ")})`).join(", ")};`;
}

test("RESTORE(BACKUP(database)) = database", async () => {
  const database = fc.uniqueArray(table, { selector: (one) => one.name, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(database, fc.boolean(), async (tables, isText) => {
      await server.withDatabase(async (settings) => {
        const session = world.postgres(settings);
        await session.ok("CREATE TYPE mood AS ENUM ('calm', 'wild'); CREATE TYPE pair AS (a integer, b text)");
        for (const one of tables) await session.ok(createTable(one));
        const uri = `${world.uri}/${settings.database}`;
        const options = isText ? "WITH rows = 'text'" : "WITH encryption_passphrase = 'x'";
        await session.ok(`BACKUP DATABASE ${settings.database} INTO '${uri}' ${options}`);
        const copy = `${settings.database}_copy`;
        const opened = isText ? "" : ", encryption_passphrase = 'x'";
        await session.ok(
          `RESTORE DATABASE ${settings.database} FROM LATEST IN '${uri}' WITH new_db_name = '${copy}'${opened}`,
        );
        {
          await using here = await openServer(settings);
          await using there = await openServer({ ...settings, database: copy });
          assert.deepEqual(await readState(there), await readState(here));
        }
        await session.ok(`DROP DATABASE ${copy}`);
        await session.close();
      });
    }),
    { numRuns: Number(process.env["SEALIFT_TEST_RUNS"] ?? 5), endOnFailure: true },
  );
});
