import { lexemes } from "../../grammar/index.ts";
import type { Stretch } from "./complete-sql.ts";

/** The SQL in `UNLOAD ( … )`, `UNLOAD ('…')` and `UNLOAD ($$…$$)`, where the cursor is in it. */
export function unloadQueryAt(text: string, piece: Stretch, cursor: number): Stretch | undefined {
  const head = /^\s*(?:explain\s+)?unload\s*\(/i.exec(text.slice(piece.start, cursor));
  if (head === null) return undefined;
  const start = piece.start + head[0].length;
  let depth = 1;
  let end = piece.end;
  for (const { kind, start: at, end: after, closed } of lexemes(text, {
    start,
    end: piece.end,
    backslashEscapes: true,
  })) {
    if (kind === "string" && at < cursor && (cursor < after || !closed)) {
      return { start: at + 1, end: closed ? after - 1 : piece.end };
    }
    if (kind !== "sign") continue;
    if (text[at] === "(") depth++;
    if (text[at] === ")") depth--;
    if (depth > 0) continue;
    end = at;
    break;
  }
  return cursor <= end ? { start, end } : undefined;
}
