import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ShellError } from "../../src/errors.ts";
import { ByteSink } from "../../src/formats/byte-sink.ts";
import type { SourceColumn } from "../../src/formats/source-column.ts";
import type { UnloadFormat } from "../../src/plan/unload-plan.ts";
import { textOf, utf8 } from "../../src/std/bytes.ts";
import { bodyMaker } from "../../src/unload/file-body.ts";
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

function formatOf(clauses: Clauses): UnloadFormat {
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

runTextVectors("formats/unload-records.txt", (input) => {
  const [clauses = "", types = "", ...rows] = input.split("\n");
  try {
    const maker = bodyMaker(columnsOf(types), formatOf(JSON.parse(clauses) as Clauses));
    const body = maker.open();
    const out = new ByteSink();
    out.append(body.header);
    for (const row of rows) {
      const bytes = utf8(row.replaceAll("→", "\t"));
      body.add(bytes, 0, bytes.length, out);
    }
    body.end(out);
    const lines = textOf(out.take()).split(/(?<=\n)/u);
    const looks = maker.nullLookalikes();
    return [...lines.map((line) => JSON.stringify(line)), ...(looks > 0 ? [`${looks} read as NULL`] : [])].join("\n");
  } catch (thrown) {
    if (thrown instanceof ShellError) return [`${thrown.code}: ${thrown.message}`, ...thrown.detail].join("\n");
    throw thrown;
  }
});

describe("a record of 4 MB", () => {
  it("comes out whole beside small ones, in every format", () => {
    const long = `${'\\n|"\\\\,'.repeat(600_000)}end`;
    const row = utf8(long);
    for (const type of ["text", "csv", "json"] as const) {
      const body = bodyMaker(columnsOf("text"), formatOf({ type, escape: true })).open();
      const out = new ByteSink();
      for (const bytes of [utf8("a"), row, utf8("b")]) body.add(bytes, 0, bytes.length, out);
      const text = textOf(out.take());
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
