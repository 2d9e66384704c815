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

/** What to try next, by the server's SQLSTATE or the system's error name. */
const CONNECT_HINTS: Readonly<Record<string, (settings: PostgresSettings) => string>> = {
  "28P01": (settings) => `check the password of ${settings.user}`,
  "28000": () => "the server's pg_hba.conf decides who may connect from where, and whether TLS is needed",
  "3D000": () => "list the databases with \\l from a database that exists, such as postgres",
  "53300": () => "wait for other connections to end, or raise max_connections",
  "57P03": () => "the server is starting or stopping; try again in a moment",
  ECONNREFUSED: () => "check that the server runs and listens at this address and port",
  ENOENT: () => "no server has its socket in this directory; check that it runs and where it puts its socket",
  ENOTFOUND: () => "check the spelling of the host's name",
  EACCES: () => "the socket's permissions do not let this user connect",
  ETIMEDOUT: () => "check the network between here and the server, and its firewall",
  SELF_SIGNED_CERT_IN_CHAIN: () => "name the certificate authority with sslrootcert",
  DEPTH_ZERO_SELF_SIGNED_CERT: () => "name the server's certificate with sslrootcert",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: () => "name the certificate authority with sslrootcert",
  ERR_TLS_CERT_ALTNAME_INVALID: () => "connect by a name the certificate holds, or use sslmode=verify-ca",
};

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ENOENT: "no such socket",
  ENOTFOUND: "no such host",
  ECONNRESET: "the connection was reset",
  EACCES: "permission denied",
  ETIMEDOUT: "no answer",
};

/** What went wrong while connecting or authenticating, as `engine/connect`. */
export function connectError(thrown: unknown, settings: PostgresSettings): ShellError {
  if (thrown instanceof ShellError) return thrown;
  const cause = thrown instanceof AggregateError ? (thrown.errors[0] as unknown) : thrown;
  const code = codeOf(cause) ?? codeOf(thrown) ?? "";
  const isServer = /^[0-9A-Z]{5}$/.test(code);
  const said = cause instanceof Error ? cause.message : String(cause);
  const reason = said === "timeout expired" ? "no answer in time" : (REASONS[code] ?? said);
  const hint = said === "timeout expired" ? CONNECT_HINTS["ETIMEDOUT"] : CONNECT_HINTS[code];
  return new ShellError("engine/connect", `cannot connect to ${locationOf(settings)}: ${reason}`, {
    cause: thrown,
    ...(isServer ? { sqlState: code } : {}),
    ...(hint === undefined ? {} : { hint: hint(settings) }),
  });
}

function codeOf(thrown: unknown): string | undefined {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** @throws ShellError `job/interrupted` */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw interrupted(signal.reason);
}

/** What a statement throws that was stopped by its signal. */
export function interrupted(cause: unknown): ShellError {
  return cause instanceof ShellError ? cause : new ShellError("job/interrupted", "interrupted", { cause });
}
