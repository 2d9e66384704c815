/** Longer than any block the engines read by. */
export const LONG_TEXT_CHARACTERS = 4 * 1024 * 1024;

/** Columns of built-in types only: all of them can be copied in binary. */
export const HOSTILE_TABLE = (name: string): string => `CREATE TABLE ${name} (
  f8 float8, f4 float4, n numeric, t text, b bytea, i int8, numbers int[], texts text[], span int4range, stamps tstzrange,
  j jsonb, js json, u uuid, ts timestamptz, d date, iv interval, yes bool, bits varbit, ip inet, c char(5), w tsvector)`;

const NOTHING_BUT = (columns: Readonly<Record<number, string>>): string =>
  `(${Array.from({ length: 21 }, (_, index) => columns[index] ?? "NULL").join(", ")})`;

/** What INSERT takes after the table's name. */
export const HOSTILE_ROWS = `VALUES ${[
  NOTHING_BUT({ 0: "'NaN'::float8", 1: "'NaN'::float4", 2: "'NaN'::numeric" }),
  NOTHING_BUT({ 0: "'-Infinity'", 1: "'Infinity'", 3: "''", 4: "''", 6: "'{}'", 7: "'{}'", 8: "'empty'", 10: "'{}'" }),
  NOTHING_BUT({ 0: "'-0'", 1: "'-0'", 2: "-123456789012345678901234567890.000100", 5: "-9223372036854775808" }),
  NOTHING_BUT({ 0: "5e-324", 1: "1.4e-45", 2: "0.00", 5: "9223372036854775807", 16: "false", 17: "B'00101'" }),
  NOTHING_BUT({ 3: String.raw`E'tab\there\nline\\back\r\\N \\.'`, 4: String.raw`'\x00ff0a5c09'::bytea`, 19: "'ab'" }),
  NOTHING_BUT({ 3: "'🪁 naïve ‮ 𝒳 \u{10FFFF}'", 7: `ARRAY['', NULL, '{,"\\}', 'NULL', '🪁']`, 20: "'a:1A fat:2B'" }),
  NOTHING_BUT({ 3: String.raw`'\.'`, 6: "'[0:1][2:3]={{1,2},{3,NULL}}'", 8: "'[,5)'", 9: "'(2001-01-01,infinity]'" }),
  NOTHING_BUT({ 10: `'{"a": [1, null, "\\u00e9\\""], "a": 1e400}'`, 11: `'{"a":1,  "a":2}'`, 18: "'2001:db8::/32'" }),
  NOTHING_BUT({ 13: "'infinity'", 14: "'-infinity'", 15: "'-1 year 2 days 03:04:05.000006'", 16: "true" }),
  NOTHING_BUT({
    13: "'4713-01-01 00:00:00+00 BC'",
    14: "'5874897-12-31'",
    12: "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
  }),
  NOTHING_BUT({
    3: `repeat('é🪁 ', ${LONG_TEXT_CHARACTERS / 4})`,
    4: `decode(repeat('00ff', ${LONG_TEXT_CHARACTERS / 4}), 'hex')`,
  }),
  NOTHING_BUT({}),
].join(", ")}`;
