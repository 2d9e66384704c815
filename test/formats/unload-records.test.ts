import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ShellError } from "../../src/errors.ts";
import type { SourceColumn } from "../../src/formats/source-column.ts";
import { concatBytes, textOf, utf8 } from "../../src/std/bytes.ts";
import { BatchEncoder, type RecordFormat } from "../../src/unload/encoders.ts";
import { runTextVectors } from "../harness/text-vectors.ts";

const OIDS: Readonly<Record<string, number>> = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int4: 23,
  text: 25,
  json: 114,
  float8: 701,
  bpchar: 1042,
  date: 1082,
  timestamptz: 1184,
  numeric: 1700,
  jsonb: 3802,
};

interface Clauses {
  readonly type: "text" | "csv" | "json" | "fixed-width";
  readonly delimiter?: string;
  readonly nullText?: string;
  readonly header?: boolean;
  readonly escape?: boolean;
  readonly addQuotes?: boolean;
  readonly widths?: readonly number[];
}

function formatOf(clauses: Clauses): RecordFormat {
  const { type, nullText, escape = false, addQuotes = false, widths = [] } = clauses;
  if (type === "json") return { type };
  if (type === "fixed-width")
    return { type, columns: widths.map((width) => ({ label: "c", width })), nullText, escape, addQuotes };
  const delimiter = (clauses.delimiter ?? (type === "csv" ? "," : "|")).charCodeAt(0);
  const delimited = { delimiter, nullText: nullText ?? "", header: clauses.header ?? false };
  return type === "csv" ? { type, ...delimited } : { type, escape, addQuotes, ...delimited };
}

function columnsOf(types: string): readonly SourceColumn[] {
  return types.split(" ").map((type, index) => {
    const typeOid = OIDS[type] ?? assert.fail(`no type ${type}`);
    return { name: `c${index + 1}`, typeOid, typeModifier: -1 };
  });
}

interface Records {
  readonly text: string;
  readonly nullLookalikes: number;
}

/** The header and the records of rows that have a line feed each. */
function recordsOf(types: string, clauses: Clauses, rows: readonly Uint8Array[]): Records {
  const columns = columnsOf(types);
  const encoder = new BatchEncoder({ columns, format: formatOf(clauses), compression: "none" }, undefined);
  let end = 0;
  const ends = Uint32Array.from(rows, ({ length }) => (end += length));
  const batch = { folder: "", slice: 0, rows: rows.length, sourceBytes: end, bytes: concatBytes(rows), ends };
  const { plain, nullLookalikes } = encoder.encode(batch);
  return { text: textOf(encoder.header?.plain ?? new Uint8Array(0)) + textOf(plain), nullLookalikes };
}

runTextVectors("formats/unload-records.txt", (input) => {
  const [clauses = "", types = "", ...rows] = input.split("\n");
  try {
    const bytes = rows.map((row) => utf8(`${row.replaceAll("→", "\t")}\n`));
    const { text, nullLookalikes: looks } = recordsOf(types, JSON.parse(clauses) as Clauses, bytes);
    const lines = text.split(/(?<=\n)/u);
    return [...lines.map((line) => JSON.stringify(line)), ...(looks > 0 ? [`${looks} read as NULL`] : [])].join("\n");
  } catch (thrown) {
    if (thrown instanceof ShellError) return [`${thrown.code}: ${thrown.message}`, ...thrown.detail].join("\n");
    throw thrown;
  }
});

describe("a record of 4 MB", () => {
  it("comes out whole beside small ones, in every format", () => {
    const row = utf8(`${'\\n|"\\\\,'.repeat(600_000)}end\n`);
    for (const type of ["text", "csv", "json"] as const) {
      const { text } = recordsOf("text", { type, escape: true }, [utf8("a\n"), row, utf8("b\n")]);
      const value = `${'\n|"\\,'.repeat(600_000)}end`;
      const printed = {
        text: value.replace(/[\n|\\]/gu, "\\$&"),
        csv: `"${value.replaceAll('"', '""')}"`,
        json: `{"c1":${JSON.stringify(value)}}`,
      }[type];
      const wrap = (word: string): string => (type === "json" ? `{"c1":"${word}"}` : word);
      assert.ok(text === `${wrap("a")}\n${printed}\n${wrap("b")}\n`, type);
    }
  });
});
