// Rows in binary form are the rows that the careful reader makes of the same file, in the same order and with the same
// refusals; and the server makes of them what it makes of the text.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { openPostgres } from "../../src/engines/postgres/engine.ts";
import type { Engine } from "../../src/engines/engine.ts";
import type { BinaryForm, ColumnKind, LoadColumn } from "../../src/formats/columns/column.ts";
import type { LoadBlock } from "../../src/formats/columns/row-writer.ts";
import { BINARY_HEADER, BINARY_TRAILER } from "../../src/formats/rows.ts";
import { textOfBinary, type RowsRead } from "../../src/loads/convert.ts";
import { streamOf } from "../../src/std/bytes.ts";
import { startPostgres, type TestPostgres } from "../harness/postgres-server.ts";
import { CONVERSION, field, readPieces, SYNTAXES, type RowCase } from "../harness/row-cases.ts";

const RUNS = Number(process.env["RUNS"] ?? 300);

interface TypedColumn {
  readonly kind: ColumnKind;
  readonly binary: BinaryForm;
  readonly sql: string;
}

const TYPES: readonly TypedColumn[] = [
  { kind: { type: "integer", bytes: 2 }, binary: "int2", sql: "int2" },
  { kind: { type: "integer", bytes: 4 }, binary: "int4", sql: "int4" },
  { kind: { type: "integer", bytes: 8 }, binary: "int8", sql: "int8" },
  { kind: { type: "numeric", precision: 6, scale: 2 }, binary: "numeric", sql: "numeric(6,2)" },
  { kind: { type: "numeric", precision: 38, scale: 9 }, binary: "numeric", sql: "numeric(38,9)" },
  { kind: { type: "numeric" }, binary: "numeric", sql: "numeric" },
  { kind: { type: "float" }, binary: "float4", sql: "float4" },
  { kind: { type: "float" }, binary: "float8", sql: "float8" },
  { kind: { type: "boolean" }, binary: "bool", sql: "bool" },
  { kind: { type: "date" }, binary: "date", sql: "date" },
  { kind: { type: "timestamp", zone: false }, binary: "timestamp", sql: "timestamp" },
  { kind: { type: "timestamp", zone: true }, binary: "timestamptz", sql: "timestamptz" },
  { kind: { type: "varchar", length: 5 }, binary: "text", sql: "varchar(5)" },
  { kind: { type: "varchar" }, binary: "text", sql: "text" },
  { kind: { type: "char", length: 4 }, binary: "text", sql: "char(4)" },
  { kind: { type: "json" }, binary: "text", sql: "json" },
  { kind: { type: "json" }, binary: "jsonb", sql: "jsonb" },
];

const two = (max: number, min = 0): fc.Arbitrary<string> =>
  fc.integer({ min, max }).map((value) => String(value).padStart(2, "0"));
const digits = (maxLength: number): fc.Arbitrary<string> => fc.stringMatching(/^[0-9]+$/, { maxLength });
const sign = fc.constantFrom("", "", "", "-");
const whole = fc.tuple(sign, digits(20)).map((parts) => parts.join(""));
const decimal = fc.tuple(sign, digits(13), digits(10)).map(([minus, a, b]) => `${minus}${a}.${b}`);
const date = fc
  .tuple(fc.integer({ min: 0, max: 9999 }), two(13), two(32))
  .map(([year, month, day]) => `${String(year).padStart(4, "0")}-${month}-${day}`);
const time = fc
  .tuple(two(24), two(60), two(60), fc.option(digits(7)), fc.constantFrom("", "+00", "+01"))
  .map(
    ([hour, minute, second, fraction, zone]) =>
      `${hour}:${minute}:${second}${fraction === null ? "" : `.${fraction}`}${zone}`,
  );
const moment = fc.tuple(date, time).map((parts) => parts.join(" "));

/** Most often a value that the column takes. */
function valueFor({ binary, kind }: TypedColumn): fc.Arbitrary<string> {
  const fitting: Readonly<Record<BinaryForm, fc.Arbitrary<string>>> = {
    int2: fc.oneof(fc.integer({ min: -32_800, max: 32_800 }).map(String), whole),
    int4: fc.oneof(fc.integer().map(String), fc.constantFrom("2147483647", "2147483648", "-2147483648"), whole),
    int8: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }).map(String), whole),
    numeric: fc.oneof(whole, decimal, fc.constantFrom("0.05", "-0", "-0.00", "10000", "0.0001", "9999.99", "00012.50")),
    float4: fc.oneof(whole, decimal, fc.constantFrom("0.1", "-0.0", "16777217", "1.00000017881393432617187499")),
    float8: fc.oneof(whole, decimal, fc.double().map(String)),
    bool: fc.constantFrom("t", "f", "true", "1"),
    date,
    timestamp: moment,
    timestamptz: moment,
    text:
      kind.type === "json"
        ? fc.json()
        : fc.constantFrom("a", "é", "abcd ", "abcde", "abcdef", "\u{1f600}", "\t", "a\\"),
    jsonb: fc.json(),
  };
  return fc.oneof({ weight: 12, arbitrary: fitting[binary] }, { weight: 1, arbitrary: field });
}

interface Case extends RowCase {
  readonly types: readonly TypedColumn[];
  readonly text: Uint8Array;
  readonly pieceBytes: number;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    types: fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 5 }),
    format: fc.constantFrom(...SYNTAXES),
    conversion: fc
      .record(
        { emptyAsNull: fc.boolean(), roundDecimals: fc.boolean(), nullText: fc.constantFrom("\\N", "", "@") },
        { requiredKeys: [] },
      )
      .map((changes) => ({ ...CONVERSION, ...changes })),
    pieceBytes: fc.constantFrom(3, 40, 1000),
    isQuoted: fc.boolean(),
  })
  .chain(({ types, ...made }) =>
    fc.array(fc.tuple(...types.map(valueFor)), { minLength: 1, maxLength: 8 }).map((rows): Case => {
      const columns = types.map((type, at): LoadColumn => ({
        ...type,
        name: `c${at}`,
        typeName: type.sql,
        notNull: at === 1,
      }));
      return { ...made, types, columns, text: Buffer.from(textOfRows(rows, made.format, made.isQuoted)) };
    }),
  );

/** Quotes where the syntax has them; values are not made safe for it. */
function textOfRows(rows: readonly (readonly string[])[], format: RowCase["format"], isQuoted: boolean): string {
  const delimiter = "delimiter" in format ? String.fromCharCode(format.delimiter) : "";
  const quote = format.type === "csv" ? format.quote : format.type === "text" && format.removeQuotes ? "'" : "";
  const around = isQuoted ? quote : "";
  const shown = (value: string): string => `${around}${value.replaceAll(quote === "" ? "\0" : quote, "")}${around}`;
  return rows.map((row) => `${row.map(shown).join(delimiter)}\n`).join("");
}

/** Rows with their lines, and what was refused. */
function told({ blocks, refused }: RowsRead, recipe: RowCase): readonly string[] {
  const full = { ...recipe, rowFormat: "text", compression: "none", mapping: { type: "whole" } } as const;
  const texts = blocks.flatMap((block) => (block.form === "binary" ? textOfBinary(block, full) : [block]));
  const rows = texts.flatMap(({ bytes, lines }) => {
    const shown = Buffer.from(bytes).toString("latin1").slice(0, -1).split("\n");
    return shown.map((row, at) => `${lines[at]}: ${row}`);
  });
  const complaints = refused.map(({ line, problem, column, rawValue, rawLine }) =>
    JSON.stringify([line, problem, column?.name, rawValue, rawLine]),
  );
  return [...rows, ...complaints];
}

let server: TestPostgres;
let engine: Engine;

before(async () => {
  server = await startPostgres();
  engine = await openPostgres(server.settings);
});

after(async () => {
  await engine[Symbol.asyncDispose]();
  await server.stop();
});

async function execute(sql: string): Promise<void> {
  for await (const _ of engine.run(sql)) continue;
}

async function copy(table: string, blocks: readonly LoadBlock[]): Promise<void> {
  for (const { bytes, form } of blocks) {
    const pieces = form === "binary" ? [BINARY_HEADER, bytes, BINARY_TRAILER] : [bytes];
    const copySource = streamOf(...pieces.map((piece) => Uint8Array.from(piece)));
    for await (const _ of engine.run(`COPY ${table} FROM STDIN (FORMAT ${form})`, { copySource })) continue;
  }
}

/** The table that blocks make, or what the server says of them. */
async function loaded(table: string, blocks: readonly LoadBlock[]): Promise<unknown> {
  try {
    await copy(table, blocks);
  } catch (thrown) {
    return `refused: ${(thrown as Error).message}`;
  }
  return engine.rows(`SELECT t::text FROM ${table} AS t ORDER BY ctid`);
}

describe("rows in binary form", () => {
  it("are those that the reader of all cases gives", () => {
    let binaryRows = 0;
    fc.assert(
      fc.property(cases, (one) => {
        const read = readPieces(one.text, one.pieceBytes, one, "binary");
        for (const block of read.blocks) if (block.form === "binary") binaryRows += block.rows;
        assert.deepEqual(told(read, one), told(readPieces(one.text, one.pieceBytes, one, "text"), one));
      }),
      { numRuns: RUNS * 10 },
    );
    assert(binaryRows > RUNS, `only ${binaryRows} rows went in binary form`);
  });

  it("are to the server what their text is", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const columns = one.types.map(({ sql }, at) => `c${at} ${sql}`).join(", ");
        await execute(`DROP TABLE IF EXISTS a, b; CREATE TABLE a (${columns}); CREATE TABLE b (LIKE a)`);
        const [binary, text] = [
          await loaded("a", readPieces(one.text, 1000, one, "binary").blocks),
          await loaded("b", readPieces(one.text, 1000, one, "text").blocks),
        ];
        assert.deepEqual(binary, text);
      }),
      { numRuns: RUNS },
    );
  });
});
