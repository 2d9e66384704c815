// Message bodies of PostgreSQL's protocol 3.0 (manual, "Message Formats"), written and read.
import type { SourceColumn } from "../../formats/source-column.ts";

export const SYNC: Uint8Array = Buffer.from("S\0\0\0\u0004", "latin1");
export const COPY_DONE: Uint8Array = Buffer.from("c\0\0\0\u0004", "latin1");
const UNNAMED = "\0";

function message(type: string, body: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(5 + body.length);
  bytes.write(type, 0, "latin1");
  bytes.writeUInt32BE(4 + body.length, 1);
  bytes.set(body, 5);
  return bytes;
}

/** A simple query: one text, any number of statements. */
export function queryMessage(sql: string): Uint8Array {
  return message("Q", Buffer.from(`${sql}\0`));
}

/** One statement with its parameters as text, by the extended protocol, up to and including Sync. */
export function parameterisedMessage(sql: string, parameters: readonly (string | null)[]): Uint8Array {
  const parse = message("P", Buffer.from(`${UNNAMED}${sql}\0\0\0`));
  const parts: Buffer[] = [Buffer.from(`${UNNAMED}${UNNAMED}\0\0`), int16(parameters.length)];
  for (const parameter of parameters) {
    const bytes = parameter === null ? Buffer.alloc(0) : Buffer.from(parameter);
    parts.push(int32(parameter === null ? -1 : bytes.length), bytes);
  }
  // No result formats are named: all columns come as text.
  parts.push(int16(0));
  const execute = message("E", Buffer.from(`${UNNAMED}\0\0\0\0`));
  return Buffer.concat([parse, message("B", Buffer.concat(parts)), execute, SYNC]);
}

/** The header of a CopyData message whose body of `bodyBytes` follows by itself. */
export function copyDataHeader(bodyBytes: number): Uint8Array {
  const header = Buffer.allocUnsafe(5);
  header.write("d", 0, "latin1");
  header.writeUInt32BE(4 + bodyBytes, 1);
  return header;
}

export function copyFailMessage(reason: string): Uint8Array {
  return message("f", Buffer.from(`${reason}\0`));
}

function int16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Strings of a body that holds nothing else, in order: of ParameterStatus, CommandComplete. */
export function readStrings(body: Buffer): readonly string[] {
  const strings: string[] = [];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf(0, at);
    if (end < 0) break;
    strings.push(body.toString("utf8", at, end));
    at = end + 1;
  }
  return strings;
}

/** Fields of ErrorResponse and NoticeResponse by their one-letter codes (manual, "Error and Notice Message Fields"). */
export function readFields(body: Buffer): ReadonlyMap<string, string> {
  return new Map(readStrings(body).map((text) => [text.slice(0, 1), text.slice(1)]));
}

export function readRowDescription(body: Buffer): readonly SourceColumn[] {
  const columns: SourceColumn[] = [];
  let at = 2;
  for (let left = body.readUInt16BE(0); left > 0; left -= 1) {
    const end = body.indexOf(0, at);
    columns.push({
      name: body.toString("utf8", at, end),
      typeOid: body.readUInt32BE(end + 7),
      typeModifier: body.readInt32BE(end + 13),
    });
    at = end + 19;
  }
  return columns;
}

export function readDataRow(body: Buffer): readonly (string | null)[] {
  const values: (string | null)[] = [];
  let at = 2;
  for (let left = body.readUInt16BE(0); left > 0; left -= 1) {
    const length = body.readInt32BE(at);
    at += 4;
    if (length < 0) {
      values.push(null);
    } else {
      values.push(body.toString("utf8", at, at + length));
      at += length;
    }
  }
  return values;
}
