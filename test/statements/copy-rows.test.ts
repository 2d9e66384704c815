// Files as text → rows as COPY text, through the statement's own plan. Every file is read in pieces of several sizes,
// which must make no difference. ‹0d› is the byte 0x0d.
import assert from "node:assert/strict";
import { parse } from "../../grammar/index.ts";
import type { ColumnKind, LoadColumn } from "../../src/formats/columns/column.ts";
import { RowWriter, type RefusedRow } from "../../src/formats/columns/row-writer.ts";
import type { DocumentMapping } from "../../src/formats/readers/documents.ts";
import { createReader, type StreamedFormat } from "../../src/loads/convert.ts";
import { Reading } from "../../src/plan/reading.ts";
import { planCopy } from "../../src/statements/copy.ts";
import { Secret } from "../../src/std/secret.ts";
import { runVectors } from "../harness/vectors.ts";

const KINDS: Readonly<Record<string, ColumnKind>> = {
  smallint: { type: "integer", bytes: 2 },
  int: { type: "integer", bytes: 4 },
  bigint: { type: "integer", bytes: 8 },
  numeric: { type: "numeric" },
  float: { type: "float" },
  boolean: { type: "boolean" },
  date: { type: "date" },
  timestamp: { type: "timestamp", zone: false },
  timestamptz: { type: "timestamp", zone: true },
  text: { type: "varchar" },
  bytea: { type: "bytes" },
  super: { type: "json" },
  uuid: { type: "other" },
};

function kindOf(typeName: string): ColumnKind {
  const [, name = "", first, second = "0"] = /^(\w+)(?:\((\d+)(?:,(-?\d+))?\))?/.exec(typeName) ?? [];
  if (name === "char" || name === "varchar") return { type: name, length: Number(first) };
  if (name === "numeric" && first !== undefined)
    return { type: "numeric", precision: Number(first), scale: Number(second) };
  return KINDS[name] ?? assert.fail(`no kind ${typeName}`);
}

function columnsOf(text: string): readonly LoadColumn[] {
  return text.split(/,\s+/).map((column) => {
    const [name = "", typeName = "", ...rest] = column.split(" ");
    return { name, typeName, kind: kindOf(typeName), notNull: rest.join(" ") === "not null" };
  });
}

function bytesOf(text: string): Buffer {
  return Buffer.concat(
    text.split(/(‹[0-9a-f]+›)/).map((part) => {
      return part.startsWith("‹") ? Buffer.from(part.slice(1, -1), "hex") : Buffer.from(part);
    }),
  );
}

function planOf(clauses: string): ReturnType<typeof planCopy> {
  const source = `COPY t FROM 'file:///d/p' ${clauses}`;
  const [statement] = parse(source).statements;
  if (statement?.kind !== "copy") throw new Error(`${source} is no COPY`);
  return planCopy(statement, new Reading(() => new Secret("")));
}

function shown(refused: RefusedRow): string {
  const { line, column, problem, rawValue } = refused;
  const where = column === undefined ? "" : ` ${column.name} ${JSON.stringify(Buffer.from(rawValue ?? []).toString())}`;
  return `! line ${line}${where}: ${problem.code} ${problem.reason}`;
}

function read(clauses: string, columns: readonly LoadColumn[], file: Buffer, pieceBytes: number): string {
  const plan = planOf(clauses);
  const told: string[] = [];
  const writer = new RowWriter(columns, plan.conversion, (row) => told.push(shown(row)));
  const mapping: DocumentMapping =
    plan.format.type === "json" && plan.format.mapping.type !== "paths"
      ? plan.format.mapping
      : {
          type: "paths",
          paths: [
            ["a", "b"],
            ["list", 1],
          ],
        };
  let carriageReturns = 0;
  const foundCarriageReturn = (): void => {
    carriageReturns += 1;
  };
  const { format, conversion } = plan;
  if (!["text", "csv", "fixed-width", "json"].includes(format.type)) assert.fail(`${format.type} is not text`);
  const streamed = (format.type === "json" ? { type: "json" } : format) as StreamedFormat;
  const reader = createReader(
    "f",
    { format: streamed, conversion, mapping, rowFormat: "text" },
    { writer, foundCarriageReturn },
  );
  const collect = (): void => {
    writer.flush();
    for (const block of writer.take()) {
      assert(block.form === "text");
      const lines = Buffer.from(block.bytes).toString().slice(0, -1).split("\n");
      assert.equal(lines.length, block.rows);
      lines.forEach((line, at) => told.push(`${block.lines[at]}: ${line.replaceAll("\t", "⇥")}`));
    }
  };
  for (let at = 0; at < file.length; at += pieceBytes) {
    reader.push(Uint8Array.from(file.subarray(at, at + pieceBytes)));
    collect();
  }
  reader.end();
  collect();
  if (writer.replacements > 0) told.push(`${writer.replacements} replaced`);
  if (carriageReturns > 0) told.push("CR LF");
  return told.join("\n");
}

function load(input: string): string {
  const [clauses = "", columns = "", ...lines] = input.split("\n");
  const end = lines.at(-1)?.endsWith("‹›") === true ? "" : "\n";
  const file = bytesOf(lines.join("\n").replaceAll("‹›", "") + end);
  const [result = "", ...others] = [1_000_000, 1, 2, 7].map((size) =>
    sorted(read(clauses, columnsOf(columns), file, size)),
  );
  for (const other of others) assert.equal(other, result, "pieces of another size give other rows");
  return result;
}

/** Errors are told at once, rows when a block is full: their order among each other depends on the pieces. */
function sorted(text: string): string {
  const lines = text.split("\n");
  return [...lines.filter((line) => !line.startsWith("!")), ...lines.filter((line) => line.startsWith("!"))].join("\n");
}

runVectors("copy-rows", { load });
