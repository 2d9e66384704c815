import type { Span } from "../../grammar/index.ts";
import { utf8, type ByteStream } from "../std/bytes.ts";

const PIECE_CHARACTERS = 65_536;

/** Lines between `COPY … FROM STDIN;` and `\.` as bytes, encoded as they are pulled. */
export async function* copyLines(text: string, span: Span): ByteStream {
  for (let at = span.start; at < span.end;) {
    let end = Math.min(at + PIECE_CHARACTERS, span.end);
    // Both halves of a surrogate pair go into one piece.
    if (end < span.end && /[\ud800-\udbff]/.test(text[end - 1] ?? "")) end += 1;
    yield utf8(text.slice(at, end));
    at = end;
  }
}

/** Whether a statement waits for COPY data from its client. */
export function readsStandardInput(statement: string): boolean {
  return /^\s*copy\b[^;']*\bfrom\s+stdin\b/i.test(statement);
}
