import { ShellError } from "../../errors.ts";
import type { Event } from "../../events.ts";

/** Offset in UTF-16 units of the character that the server counts as `position`, the first being 1. */
function offsetOf(sql: string, position: number): number {
  let offset = 0;
  let left = position - 1;
  for (const character of sql) {
    if (left <= 0) break;
    offset += character.length;
    left -= 1;
  }
  return offset;
}

/** The server's ErrorResponse as `engine/failed`, or `engine/lost` when it ends the session. `sql` is the text it was about. */
export function serverError(fields: ReadonlyMap<string, string>, sql: string | undefined): ShellError {
  // V is the severity untranslated.
  const severity = fields.get("V") ?? fields.get("S") ?? "ERROR";
  const detail = [fields.get("D"), fields.get("W")].flatMap((text) => (text === undefined ? [] : text.split("\n")));
  const position = Number(fields.get("P") ?? 0);
  const start = sql === undefined || position === 0 ? undefined : offsetOf(sql, position);
  const hint = fields.get("H");
  const sqlState = fields.get("C");
  const code = severity === "FATAL" || severity === "PANIC" ? "engine/lost" : "engine/failed";
  return new ShellError(code, fields.get("M") ?? "the server failed without a message", {
    severity,
    detail,
    ...(hint === undefined ? {} : { hint }),
    ...(sqlState === undefined ? {} : { sqlState }),
    ...(start === undefined ? {} : { span: { start, end: start } }),
  });
}

/** The server's NoticeResponse. */
export function serverNotice(fields: ReadonlyMap<string, string>): Event {
  const detail = fields.get("D");
  const hint = fields.get("H");
  return {
    type: "notice",
    severity: fields.get("V") ?? fields.get("S") ?? "NOTICE",
    message: fields.get("M") ?? "",
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
  };
}
