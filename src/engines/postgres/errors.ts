import type { Span } from "../../../grammar/index.ts";
import { ShellError, type ShellErrorOptions } from "../../errors.ts";
import type { PostgresSettings } from "./settings.ts";

type Fields = ReadonlyMap<string, string>;

/** Severities that end the connection. */
const ENDING = new Set(["FATAL", "PANIC"]);

/**
 * An ErrorResponse as the house's error: `engine/failed`, or `engine/lost` when the server ends the connection with it.
 * @param sql the text that was sent, when positions in it mean something to the reader.
 */
export function serverError(fields: Fields, sql?: string): ShellError {
  // V is the severity untranslated; servers before 9.6 send only S.
  const severity = fields.get("V") ?? fields.get("S") ?? "ERROR";
  const span = sql === undefined ? undefined : spanOf(sql, Number(fields.get("P") ?? 0));
  const hint = fields.get("H");
  const options: ShellErrorOptions = {
    severity,
    sqlState: fields.get("C") ?? "XX000",
    detail: detailOf(fields),
    ...(hint === undefined ? {} : { hint }),
    ...(span === undefined ? {} : { span }),
  };
  const code = ENDING.has(severity) ? "engine/lost" : "engine/failed";
  return new ShellError(code, fields.get("M") ?? "the server reports an error without a message", options);
}

function detailOf(fields: Fields): readonly string[] {
  const detail: string[] = [];
  const [said, query, where] = [fields.get("D"), fields.get("q"), fields.get("W")];
  if (said !== undefined) detail.push(...said.split("\n"));
  if (query !== undefined) detail.push(`in query: ${query}`);
  if (where !== undefined) detail.push(...where.split("\n").map((line) => `context: ${line}`));
  return detail;
}

/** The word at the server's error position, which counts characters from 1. */
function spanOf(sql: string, position: number): Span | undefined {
  if (position < 1) return undefined;
  let start = 0;
  for (const character of sql) {
    position -= 1;
    if (position === 0) break;
    start += character.length;
  }
  const word = /^(?:"[^"]*"|[\p{L}\p{N}_$]+|.)/u.exec(sql.slice(start))?.[0] ?? "";
  return { start, end: start + word.length };
}

/** Where a connection goes, safe to print. */
export function locationOf(settings: PostgresSettings): string {
  return settings.host.startsWith("/")
    ? `${settings.host}/.s.PGSQL.${settings.port}`
    : `${settings.host.includes(":") ? `[${settings.host}]` : settings.host}:${settings.port}`;
}

/** @throws ShellError `job/interrupted` */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw interrupted(signal.reason);
}

/** What a statement throws that was stopped by its signal. */
export function interrupted(cause: unknown): ShellError {
  return cause instanceof ShellError ? cause : new ShellError("job/interrupted", "interrupted", { cause });
}
