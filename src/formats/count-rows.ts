import { ShellError } from "../errors.ts";
import type { RowFormat } from "./rows.ts";

const NEWLINE = 0x0a;

/**
 * How many rows a piece of COPY rows holds, found by walking it.
 * @param bytes whole rows, without binary signature and trailer.
 * @throws ShellError `integrity/rows` when the piece does not end at the end of a row.
 */
export function countRows(bytes: Uint8Array, rowFormat: RowFormat): number {
  return rowFormat === "binary" ? countBinaryRows(bytes) : countTextRows(bytes);
}

// In COPY text a newline inside a value is written as \n, so every newline byte ends a row.
function countTextRows(bytes: Uint8Array): number {
  let rows = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) rows += 1;
  if (bytes.length > 0 && bytes.at(-1) !== NEWLINE) throw brokenRow();
  return rows;
}

// A row is a 16-bit field count, then per field a 32-bit length (-1 is NULL) and that many bytes.
function countBinaryRows(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let rows = 0;
  let at = 0;
  while (at < bytes.length) {
    if (at + 2 > bytes.length) throw brokenRow();
    let fields = view.getInt16(at);
    at += 2;
    for (; fields > 0; fields -= 1) {
      if (at + 4 > bytes.length) throw brokenRow();
      const length = view.getInt32(at);
      at += 4 + Math.max(length, 0);
    }
    if (at > bytes.length) throw brokenRow();
    rows += 1;
  }
  return rows;
}

function brokenRow(): ShellError {
  return new ShellError("integrity/rows", "the rows end in the middle of a row");
}
